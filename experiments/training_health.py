"""Tests TrainingHealth on five trainings that fail on purpose and ten good ones, and tests its rollback.

    python experiments/training_health.py   # rewrites docs/measurements/training_health.md
    python experiments/training_health.py --only "a constant generator" MLP   # prints some runs

All runs take about ten minutes on one core.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan
from keras_gan import metrics, networks
from keras_gan.callbacks import TrainingHealth
from keras_gan.errors import KerasGANWarning

import keras
import numpy as np
import tensorflow as tf

from page_blocks import rewrite

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements" / "training_health.md"
BATCH, LATENT, STEPS, HELD_OUT, GENERATED = 64, 32, 600, 400, 400
SEEDS = (1, 2, 3)


def mlp(**of_discriminator: Any) -> Callable[[tuple[int, int, int]], Any]:
    """Returns a builder of small fully connected networks."""

    def build(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
        generator = networks.mlp.generator(shape, LATENT, units=128)
        return generator, networks.mlp.discriminator(shape, units=128, pieces=2, **of_discriminator)

    return build


MLP = mlp()


def dcgan(normalization: str | None = "batch") -> Callable[[tuple[int, int, int]], Any]:
    """Returns a builder of small convolutional networks."""

    def build(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
        generator = networks.dcgan.generator(shape, LATENT, filters=8)
        return generator, networks.dcgan.discriminator(shape, filters=8, normalization=normalization)

    return build


def r3gan(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
    """Returns small residual networks without normalisation."""
    return networks.r3gan.generator(shape, LATENT, filters=16), networks.r3gan.discriminator(shape, filters=16)


def constant_generator(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
    """Returns a generator that ignores z, with a normal discriminator."""
    z = keras.Input((LATENT,))
    dense = keras.layers.Dense(int(np.prod(shape)), "tanh", kernel_constraint=zero, bias_initializer="random_normal")
    return keras.Model(z, keras.layers.Reshape(shape)(dense(z))), mlp()(shape)[1]


def blind_discriminator(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
    """Returns a discriminator that can learn one number only, with a normal generator."""
    images = keras.Input(shape)
    dense = keras.layers.Dense(1, kernel_initializer="zeros", kernel_constraint=zero)
    blind = keras.Model(images, dense(keras.layers.GlobalAveragePooling2D()(images)))
    return mlp()(shape)[0], blind


@keras.saving.register_keras_serializable("training_health")
def zero(weights: Any) -> Any:
    """Constraint that keeps weights at zero."""
    return 0 * weights


@dataclasses.dataclass(frozen=True)
class Training:
    """Networks, data and settings of one training."""

    expected: str | None
    within: int = STEPS
    networks: Callable[[tuple[int, int, int]], Any] = MLP
    data: str = "digits8x8"
    images: int | None = None
    rate: float = 2e-4
    d_rate: float | None = None
    beta_1: float = 0.5
    arguments: dict[str, Any] = dataclasses.field(default_factory=dict)


BROKEN = {
    "minimax, an overtrained D": Training(
        "vanishing_gradient", 300, rate=1e-4, d_rate=2e-3, arguments={"loss": "minimax", "d_steps": 3}
    ),
    "learning rate 100 times too high": Training("divergence", 50, rate=2e-2),
    "a constant generator": Training("mode_collapse", 250, constant_generator),
    "a D without capacity": Training("discriminator_collapse", 50, blind_discriminator),
    "100 training images": Training("discriminator_overfitting", 1500, images=100),
}
GOOD = {
    "MLP": Training(None),
    "MLP, least squares": Training(None, arguments={"loss": "least_squares"}),
    "MLP, hinge, spectral": Training(
        None, networks=mlp(normalization="spectral"), beta_1=0.0, arguments={"loss": "hinge"}
    ),
    "MLP, WGAN-GP": Training(
        None, rate=1e-4, beta_1=0.0, arguments={"loss": "wasserstein", "penalties": ["wgan_gp"], "d_steps": 5}
    ),
    "MLP, relativistic average, R1": Training(None, arguments={"loss": "relativistic_average", "penalties": ["r1"]}),
    "MLP, ADA": Training(None, arguments={"augmentation": "ada"}),
    "DCGAN, 28 px": Training(None, networks=dcgan(), data="digits"),
    "DCGAN, 28 px, DiffAugment, averaged": Training(
        None, networks=dcgan(), data="digits", arguments={"augmentation": "diffaugment", "ema_momentum": 0.99}
    ),
    "DCGAN, 28 px, R1": Training(None, networks=dcgan(None), data="digits", arguments={"penalties": ["r1"]}),
    "R3GAN, 8 px, R1 and R2": Training(
        None,
        networks=r3gan,
        beta_1=0.0,
        arguments={"loss": "relativistic", "penalties": ["r1", "r2"], "ema_momentum": 0.99},
    ),
}


# Trainings that a change of settings can repair, and their steps.
RECOVERED = ("minimax, an overtrained D", "learning rate 100 times too high")
RECOVERY = 1500


def images_of(training: Training) -> tuple[np.ndarray, np.ndarray]:
    """Returns the training images and the held-out images."""
    number = keras_gan.datasets.info(training.data).num_images
    images = next(iter(keras_gan.datasets.load(training.data, batch_size=number, seed=0))).numpy()
    return images[HELD_OUT:][: training.images], images[:HELD_OUT]


def train(
    training: Training, seed: int = 1, steps: int | None = None, **arguments: Any
) -> tuple[keras_gan.GAN, TrainingHealth]:
    """Trains once. Without `steps` it ends at the step by which the failure must be found."""
    keras.utils.set_random_seed(seed)
    images, held_out = images_of(training)
    gan = keras_gan.GAN(*training.networks(images.shape[1:]), latent_dim=LATENT, seed=seed)
    d_rate = training.d_rate or training.rate
    optimizers = (keras.optimizers.Adam(rate, beta_1=training.beta_1) for rate in (d_rate, training.rate))
    gan.compile(*optimizers, **training.arguments)
    health = TrainingHealth(images[:HELD_OUT], held_out, **arguments)
    data = tf.data.Dataset.from_tensor_slices(images).shuffle(len(images), seed=seed).repeat().batch(BATCH, True)
    steps = steps or training.within
    epochs = -(-steps // 50)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KerasGANWarning)
        gan.fit(data, steps_per_epoch=steps // epochs, epochs=epochs, verbose=0, callbacks=[health])
    return gan, health


def quality(training: Training, gan: keras_gan.GAN) -> Any:
    """Returns the KID of samples against held-out images."""
    extractor = metrics.EfficientNetLite0(input_size=64)
    real = extractor.features(images_of(training)[1])
    return metrics.kernel_distance(real, extractor.features(gan.generate(GENERATED, seed=0)), subset_size=100)


def find_all(only: list[str]) -> list[str]:
    """Makes all runs. Returns their findings as lines of a table."""
    lines = [
        "| run | expected | found at step, by seed | evidence, seed 1 | processor seconds, each |",
        "|---|---|---|---|---|",
    ]
    for name, training in {**BROKEN, **GOOD}.items():
        if only and name not in only:
            continue
        began = time.process_time()
        found = [train(training, seed)[1].findings for seed in SEEDS]
        seconds = (time.process_time() - began) / len(SEEDS)
        named = ", ".join(
            "; ".join(f"{finding.kind} at {finding.step}" for finding in findings) or "nothing" for findings in found
        )
        evidence = "; ".join(finding.evidence for finding in found[0])
        expected = f"{training.expected} by {training.within}" if training.expected else f"nothing in {training.within}"
        lines.append(f"| {name} | {expected} | {named} | {evidence} | {seconds:.0f} |")
        print(lines[-1], flush=True)
    return lines


def roll_back(only: list[str]) -> list[str]:
    """Makes the runs that can recover, without and with rollback. Returns their quality as lines of a table."""
    lines = ["| run | seed | KID alone | KID with rollback | what it did |", "|---|---|---|---|---|"]
    for name in RECOVERED:
        if only and name not in only:
            continue
        for seed in SEEDS:
            alone, _ = train(BROKEN[name], seed, steps=RECOVERY)
            helped, health = train(BROKEN[name], seed, steps=RECOVERY, rollback=3)
            distances = [quality(BROKEN[name], gan) for gan in (alone, helped)]
            kids = " | ".join(f"{distance.mean:.3f} ± {distance.std:.3f}" for distance in distances)
            done = "; ".join(
                f"at step {finding.step}: {finding.rollback}" for finding in health.findings if finding.rollback
            )
            lines.append(f"| {name} | {seed} | {kids} | {done} |")
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Makes all runs, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], help="some runs; the page is not changed")
    only = parser.parse_args().only
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tables = {"findings": find_all(only), "rollback": roll_back(only)}
    if only:
        return
    rewrite(PAGE, {name: "\n".join(lines) for name, lines in tables.items()})


if __name__ == "__main__":
    main()
