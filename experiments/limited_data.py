"""Measures how augmentation prevents a discriminator from memorising few images.

    python experiments/limited_data.py              # rewrites docs/measurements/limited_data.md
    python experiments/limited_data.py --only ada   # prints the results of one run

All runs take about a quarter of an hour on one core.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path
from typing import Any, NamedTuple

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras
import matplotlib as mpl

mpl.use("agg")
import keras_gan
from keras_gan import augmentations, metrics

import matplotlib.pyplot as plt
import numpy as np
import tensorflow as tf

from page_blocks import rewrite

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "measurements" / "limited_data.md"
IMAGES, HELD_OUT, GENERATED, BATCH, MEASUREMENTS, SHOWN = 1000, 2000, 1000, 64, 5, 16
FILTERS = 32
AUGMENTATIONS = {"none": None, "diffaugment": "diffaugment", "ada": "ada"}


class Measurement(NamedTuple):
    """Results at one point of a training."""

    step: int
    minutes: float
    r_train: float
    r_held_out: float
    kernel: float
    p: float | None


class Measure(keras.callbacks.Callback):
    """Measures overfitting and quality after each epoch. Its own time does not count."""

    def __init__(
        self, train: np.ndarray, held_out: np.ndarray, features: np.ndarray, extractor: metrics.EfficientNetLite0
    ) -> None:
        super().__init__()
        self.train, self.held_out, self.features, self.extractor = train, held_out, features, extractor
        self.measurements: list[Measurement] = []
        self.minutes = 0.0

    def on_epoch_begin(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Starts the clock."""
        self.begin = time.process_time()

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        """Measures."""
        self.minutes += (time.process_time() - self.begin) / 60
        gan = self.model
        generated = self.extractor.features(gan.generate(GENERATED, seed=0, batch_size=250))
        measurement = Measurement(
            int(gan.g_optimizer.iterations),
            self.minutes,
            mean_sign(gan.discriminator, self.train),
            mean_sign(gan.discriminator, self.held_out),
            metrics.kernel_distance(self.features, generated).mean,
            float(gan.augmentation.p) if isinstance(gan.augmentation, augmentations.ADA) else None,
        )
        print(measurement, flush=True)
        self.measurements.append(measurement)


def mean_sign(discriminator: keras.Model, images: np.ndarray) -> float:
    """Returns r_t, here of images without augmentation: 1 if D takes all for real, -1 if it takes none for real."""
    return float(np.sign(discriminator.predict(images, batch_size=250, verbose=0)).mean())


def run(name: str, steps: int, train: np.ndarray, measure: Measure) -> np.ndarray:
    """Trains once. Returns the first generated images."""
    keras.utils.set_random_seed(0)
    gan = keras_gan.presets.load(
        "dcgan",
        train.shape[1:],
        seed=0,
        generator={"filters": FILTERS},
        discriminator={"filters": FILTERS},
        augmentation=AUGMENTATIONS[name],
        ema_momentum=keras_gan.schedules.HalfLife(images=5000),
        steps_per_execution=20,
    )
    data = tf.data.Dataset.from_tensor_slices(train).shuffle(len(train), seed=0).repeat().batch(BATCH, True)
    gan.fit(data, steps_per_epoch=steps // MEASUREMENTS, epochs=MEASUREMENTS, verbose=0, callbacks=[measure])
    return gan.generate(SHOWN, seed=0)


def table(results: dict[str, list[Measurement]], floor: float, name: str) -> str:
    """Returns the results as Markdown."""
    lines = [
        f"| augmentation | step | processor minutes | r_t, training | r_t, held out | KID-{name} | ADA's p |",
        "|---|---|---|---|---|---|---|",
    ]
    for augmentation, measurements in results.items():
        for one in measurements:
            lines.append(
                f"| {augmentation} | {one.step:,} | {one.minutes:.1f} | {one.r_train:+.2f} "
                f"| {one.r_held_out:+.2f} | {one.kernel:.3f} | {'' if one.p is None else f'{one.p:.2f}'} |"
            )
    return "\n".join([*lines, f"| the training images | | | | | {floor:.3f} | |"])


def curves(results: dict[str, list[Measurement]], name: str) -> None:
    """Plots overfitting and quality during the training."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained")
    for augmentation, measurements in results.items():
        steps = [one.step for one in measurements]
        (line,) = left.plot(steps, [one.r_train for one in measurements], marker="o", label=augmentation)
        left.plot(steps, [one.r_held_out for one in measurements], "--", marker="o", color=line.get_color())
        right.plot(steps, [one.kernel for one in measurements], marker="o", label=augmentation)
    left.set(title="mean sign of D: training (solid), held out (dashed)", xlabel="steps", ylim=(-1.05, 1.05))
    right.set(title=f"KID-{name} against held-out images", xlabel="steps", ylim=(0, None))
    right.legend()
    figure.savefig(DOCS / "images" / "limited_data.png", dpi=110)
    plt.close(figure)


def main() -> None:
    """Makes all runs, or one."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=AUGMENTATIONS, help="one run; the page is not changed")
    parser.add_argument("--steps", type=int, default=4000, help="steps of each run")
    parser.add_argument("--images", type=int, default=IMAGES, help="training images")
    arguments = parser.parse_args()
    tf.config.threading.set_intra_op_parallelism_threads(1)
    total = arguments.images + HELD_OUT
    images = next(iter(keras_gan.datasets.load("fashion_mnist", batch_size=total, shuffle=False, limit=total))).numpy()
    train, held_out = images[:-HELD_OUT], images[-HELD_OUT:]
    extractor = metrics.EfficientNetLite0(input_size=112)
    features = extractor.features(held_out)
    floor = metrics.kernel_distance(features, extractor.features(train)).mean
    results: dict[str, list[Measurement]] = {}
    samples = {"training": train[:SHOWN]}
    for name in [arguments.only] if arguments.only else AUGMENTATIONS:
        print(name, flush=True)
        measure = Measure(train, held_out, features, extractor)
        samples[name] = run(name, arguments.steps, train, measure)
        results[name] = measure.measurements
        if not arguments.only:
            write_page(results, samples, floor, extractor.name)


def write_page(results: dict[str, list[Measurement]], samples: dict[str, np.ndarray], floor: float, name: str) -> None:
    """Writes the results so far into the page."""
    curves(results, name)
    keras_gan.images.save_grid(
        DOCS / "images" / "limited_data_samples.png",
        np.concatenate(list(samples.values())),
        SHOWN,
        row_titles=list(samples),
    )
    rewrite(PAGE, {"results": table(results, floor, name)})


if __name__ == "__main__":
    main()
