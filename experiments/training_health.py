"""Break training on purpose in five ways, train well in ten, and see what TrainingHealth says; then let it roll back.

python experiments/training_health.py, about ten minutes of one core; it rewrites the tables of docs/measurements/training_health.md.
Some runs alone, the page as it is: --only "a constant generator" MLP
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import re
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import numpy as np
import tensorflow as tf

import keras_gan
from keras_gan import metrics, networks
from keras_gan.callbacks import TrainingHealth
from keras_gan.errors import KerasGANWarning

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements" / "training_health.md"
BATCH, LATENT, STEPS, HELD_OUT, DRAWN = 64, 32, 600, 400, 400
SEEDS = (1, 2, 3)


def mlp(**of_discriminator: Any) -> Callable[[tuple[int, int, int]], Any]:
    """Small fully connected networks."""

    def build(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
        generator = networks.mlp.generator(shape, LATENT, units=128)
        return generator, networks.mlp.discriminator(shape, units=128, pieces=2, **of_discriminator)

    return build


MLP = mlp()


def dcgan(normalization: str | None = "batch") -> Callable[[tuple[int, int, int]], Any]:
    """Small convolutional networks."""

    def build(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
        generator = networks.dcgan.generator(shape, LATENT, filters=8)
        return generator, networks.dcgan.discriminator(shape, filters=8, normalization=normalization)

    return build


def r3gan(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
    """Small residual networks without normalisation."""
    return networks.r3gan.generator(shape, LATENT, filters=16), networks.r3gan.discriminator(shape, filters=16)


def constant_generator(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
    """A generator that does not use z."""
    z = keras.Input((LATENT,))
    dense = keras.layers.Dense(int(np.prod(shape)), "tanh", kernel_constraint=zero, bias_initializer="random_normal")
    return keras.Model(z, keras.layers.Reshape(shape)(dense(z))), mlp()(shape)[1]


def blind_discriminator(shape: tuple[int, int, int]) -> tuple[keras.Model, keras.Model]:
    """A discriminator that can learn no more than one number."""
    images = keras.Input(shape)
    dense = keras.layers.Dense(1, kernel_initializer="zeros", kernel_constraint=zero)
    blind = keras.Model(images, dense(keras.layers.GlobalAveragePooling2D()(images)))
    return mlp()(shape)[0], blind


@keras.saving.register_keras_serializable("training_health")
def zero(weights: Any) -> Any:
    """A constraint that leaves nothing."""
    return 0 * weights


@dataclasses.dataclass(frozen=True)
class Training:
    """What is trained, on what, and how."""

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


# What a change of settings can put right, and how long it is given.
RECOVERED = ("minimax, an overtrained D", "learning rate 100 times too high")
RECOVERY = 1500


def images_of(training: Training) -> tuple[np.ndarray, np.ndarray]:
    """What is trained on and what is held out, mixed."""
    number = keras_gan.datasets.info(training.data).num_images
    images = next(iter(keras_gan.datasets.load(training.data, batch_size=number, seed=0))).numpy()
    return images[HELD_OUT:][: training.images], images[:HELD_OUT]


def train(
    training: Training, seed: int = 1, steps: int | None = None, **arguments: Any
) -> tuple[keras_gan.GAN, TrainingHealth]:
    """Train once, to the step where it must have been named unless told otherwise."""
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
    """KID of samples against held-out images."""
    extractor = metrics.EfficientNetLite0(input_size=64)
    real = extractor.features(images_of(training)[1])
    return metrics.kernel_distance(real, extractor.features(gan.generate(DRAWN, seed=0)), subset_size=100)


def name_all(only: list[str]) -> list[str]:
    """Run all, and put what was found into the lines of a table."""
    lines = [
        "| run | expected | named at step, by seed | evidence, seed 1 | seconds of processor, each |",
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
    """Run what can be put right, alone and with rollback, and put the quality into the lines of a table."""
    lines = ["| run | seed | KID alone | KID with rollback | what it did |", "|---|---|---|---|---|"]
    for name in RECOVERED:
        if only and name not in only:
            continue
        for seed in SEEDS:
            alone, _ = train(BROKEN[name], seed, steps=RECOVERY)
            helped, health = train(BROKEN[name], seed, steps=RECOVERY, rollback=3)
            figures = [quality(BROKEN[name], gan) for gan in (alone, helped)]
            kids = " | ".join(f"{figure.mean:.3f} ± {figure.std:.3f}" for figure in figures)
            done = "; ".join(
                f"at step {finding.step}: {finding.rollback}" for finding in health.findings if finding.rollback
            )
            lines.append(f"| {name} | {seed} | {kids} | {done} |")
            print(lines[-1], flush=True)
    return lines


def main() -> None:
    """Run all, or some."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", nargs="+", default=[], help="some runs; the page stays as it is")
    only = parser.parse_args().only
    tf.config.threading.set_intra_op_parallelism_threads(1)
    tables = {"findings": name_all(only), "rollback": roll_back(only)}
    if only:
        return
    page = PAGE
    text = page.read_text()
    for name, lines in tables.items():
        begin, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        table = "\n".join(lines)
        text = re.sub(f"{begin}.*{end}", lambda _, b=begin, e=end, t=table: f"{b}\n{t}\n{e}", text, flags=re.DOTALL)
    page.write_text(text)


if __name__ == "__main__":
    main()
