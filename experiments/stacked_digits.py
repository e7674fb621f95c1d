"""Counts the modes that three presets find of the 1,000 modes of stacked digits.

    python experiments/stacked_digits.py                # rewrites docs/measurements/stacked_digits.md
    python experiments/stacked_digits.py --only r3gan   # prints the result of one preset

All runs take about 22 minutes on one core.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan
from keras_gan import datasets

import keras
import numpy as np
import tensorflow as tf

from page_blocks import rewrite

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements" / "stacked_digits.md"
MODES, SAMPLES, BATCH, SHOWN, HELD_OUT = 1000, 26_000, 64, 16, 1000
STEPS = 20  # steps between two checks of the time
FILTERS = {"dcgan": 32, "wgan_gp": 32, "r3gan": 16}
RATES = {
    "dcgan": 2e-4,
    "wgan_gp": 3e-4,
    "r3gan": 1e-3,
}  # the last two are higher than in the presets, because their steps are few


class Result(NamedTuple):
    """Result of one preset."""

    steps: int
    minutes: float
    parameters: int
    modes: int
    divergence: float
    images: np.ndarray


class Budget(keras.callbacks.Callback):
    """Ends the training after the given minutes of processor time."""

    def __init__(self, minutes: float) -> None:
        super().__init__()
        self.minutes = minutes
        self.spent = 0.0

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        """Starts the clock."""
        self.begin = time.process_time()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Stops the training after its time."""
        self.spent = (time.process_time() - self.begin) / 60
        self.model.stop_training = self.spent >= self.minutes


def stack(pixels: np.ndarray, chosen: Any) -> Any:
    """Returns n images in [-1, 1] whose channels are the digits of index (n, 3)."""
    return tf.transpose(tf.cast(tf.gather(pixels[..., 0], chosen), tf.float32) / 127.5 - 1, [0, 2, 3, 1])


def stacks(pixels: np.ndarray, seed: int) -> tf.data.Dataset:
    """Returns endless batches, each of new random triples."""

    def batch(index: Any) -> Any:
        return stack(pixels, tf.random.stateless_uniform((BATCH, 3), [seed, index], 0, len(pixels), tf.int32))

    return tf.data.Dataset.counter().map(batch).prefetch(2)


def train_classifier(pixels: np.ndarray, labels: np.ndarray) -> tuple[keras.Model, float]:
    """Returns a small classifier of digits, and its accuracy on held-out digits."""
    layers = keras.layers
    classifier = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.RandomTranslation(0.08, 0.08, fill_mode="nearest"),
            layers.Conv2D(24, 5, strides=2, activation="relu"),
            layers.Conv2D(48, 3, activation="relu"),
            layers.MaxPooling2D(),
            layers.Flatten(),
            layers.Dropout(0.3),
            layers.Dense(10),
        ]
    )
    order = np.random.default_rng(0).permutation(len(pixels))
    images, labels = keras_gan.images.to_float(pixels[order]), labels[order]
    rate = keras.optimizers.schedules.CosineDecay(2e-3, 20 * (len(images) - HELD_OUT) // BATCH)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    classifier.compile(keras.optimizers.Adam(rate), loss, metrics=["accuracy"])
    classifier.fit(images[HELD_OUT:], labels[HELD_OUT:], BATCH, epochs=20, verbose=0)
    return classifier, float(classifier.evaluate(images[:HELD_OUT], labels[:HELD_OUT], verbose=0)[1])


def count_modes(classifier: keras.Model, images: np.ndarray) -> tuple[int, float]:
    """Returns the number of modes found, and KL(generated || uniform) in nats."""
    single = np.moveaxis(images, -1, 1).reshape(-1, 28, 28, 1)
    found = classifier.predict(single, batch_size=500, verbose=0).argmax(1).reshape(-1, 3)
    counts = np.bincount(found @ [100, 10, 1], minlength=MODES)
    shares = counts[counts > 0] / len(images)
    return int((counts > 0).sum()), float(np.sum(shares * np.log(shares * MODES)))


def run(name: str, minutes: float, pixels: np.ndarray, classifier: keras.Model) -> Result:
    """Trains one preset for the given time, and counts its modes."""
    keras.utils.set_random_seed(0)
    width = {"filters": FILTERS[name]}
    gan = keras_gan.presets.load(
        name,
        (28, 28, 3),
        seed=0,
        learning_rate=RATES[name],
        generator=width,
        discriminator=width,
        steps_per_execution=STEPS,
    )
    budget = Budget(minutes)
    gan.fit(stacks(pixels, seed=1), steps_per_epoch=STEPS, epochs=10**6, verbose=0, callbacks=[budget])
    images = gan.generate(SAMPLES, seed=0, batch_size=250)
    modes, divergence = count_modes(classifier, images)
    parameters = gan.generator.count_params() + gan.discriminator.count_params()
    steps = int(gan.g_optimizer.iterations)
    return Result(steps, budget.spent, parameters, modes, divergence, images[:SHOWN])


def table(results: dict[str, Result], real: tuple[int, float]) -> str:
    """Returns the results as Markdown."""
    lines = [
        "| preset | parameters of G and D | steps | processor minutes | modes of 1,000 | KL in nats |",
        "|---|---|---|---|---|---|",
    ]
    for name, result in results.items():
        lines.append(
            f"| `{name}` | {result.parameters:,} | {result.steps:,} | {result.minutes:.1f} "
            f"| {result.modes:,} | {result.divergence:.3f} |"
        )
    return "\n".join([*lines, f"| real stacks | | | | {real[0]:,} | {real[1]:.3f} |"])


def write_page(results: dict[str, Result], real: tuple[int, float], accuracy: float, shown: np.ndarray) -> None:
    """Writes the results so far into the page."""
    rows = {**{name: result.images for name, result in results.items()}, "real": shown}
    keras_gan.images.save_grid(
        DOCS / "images" / "stacked_digits.png", np.concatenate(list(rows.values())), SHOWN, row_titles=list(rows)
    )
    found = f"{table(results, real)}\n\nThe classifier recognises {accuracy:.1%} of {HELD_OUT:,} held-out digits."
    rewrite(PAGE, {"results": found})


def main() -> None:
    """Makes all runs, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=FILTERS, help="one preset; the page is not changed")
    parser.add_argument("--minutes", type=float, default=7.0, help="processor time of each preset")
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    keras.utils.set_random_seed(0)
    pixels, labels = datasets.load_arrays("digits")
    classifier, accuracy = train_classifier(pixels, labels)
    triples = np.random.default_rng(2).integers(0, len(pixels), (SAMPLES, 3))
    stacked = stack(pixels, triples).numpy()
    real = count_modes(classifier, stacked)
    print(f"classifier {accuracy:.1%}; real stacks: {real[0]} modes, KL {real[1]:.4f}", flush=True)
    results: dict[str, Result] = {}
    for name in [arguments.only] if arguments.only else FILTERS:
        results[name] = found = run(name, arguments.minutes, pixels, classifier)
        print(
            f"{name:8} {found.steps:6} steps in {found.minutes:.1f} min: {found.modes} modes, "
            f"KL {found.divergence:.4f}",
            flush=True,
        )
        if not arguments.only:
            write_page(results, real, accuracy, stacked[:SHOWN])


if __name__ == "__main__":
    main()
