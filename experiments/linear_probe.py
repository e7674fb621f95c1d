"""Measures how well a linear classifier does on the features of a discriminator that saw no labels.

    python experiments/linear_probe.py    # rewrites docs/measurements/linear_probe.md

It trains a DCGAN on Fashion-MNIST without labels, which takes most of the time.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan
from keras_gan import config as configs
from keras_gan import metrics

import numpy as np

from page_blocks import rewrite

PAGE = Path(__file__).parent.parent / "docs" / "measurements" / "linear_probe.md"
TRAIN, VALIDATION, TEST = 10_000, 2_000, 10_000
CHOICES = (1e-5, 1e-4, 1e-3, 1e-2)
EPOCHS = 5
OPTIONS = ("--preset", "dcgan", "--data", "fashion_mnist", "--epochs", str(EPOCHS), "--seed", "0")


def main() -> None:
    """Trains the GAN, if it has not been trained, and measures each kind of features."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--run", type=Path, default=Path("build/linear_probe"))
    run = parser.parse_args().run
    command = [sys.executable, "-m", "keras_gan", "train", *OPTIONS, "--output", str(run), "--resume"]
    subprocess.run(command, check=True)
    images, labels = keras_gan.datasets.load_arrays("fashion_mnist", limit=TRAIN + VALIDATION)
    test, test_labels = keras_gan.datasets.load_arrays("fashion_mnist:test", limit=TEST)
    images, test = keras_gan.images.to_float(images), keras_gan.images.to_float(test)
    gan = keras_gan.GAN.from_preset(run)
    random = keras_gan.presets.build(configs.load(run / "config.yaml"), (28, 28, 1))
    kinds = {
        "pixels": lambda x: x.reshape(len(x), -1),
        "discriminator, untrained": lambda x: keras_gan.discriminator_features(random, x),
        "discriminator, trained without labels": lambda x: keras_gan.discriminator_features(gan, x),
    }
    lines = ["| features | number | C | accuracy on the test images | processor seconds |", "|---|---|---|---|---|"]
    for name, features_of in kinds.items():
        begin = time.process_time()
        features, test_features = features_of(images), features_of(test)
        c, accuracy = measure(features, labels, test_features, test_labels)
        seconds = time.process_time() - begin
        lines.append(f"| {name} | {features.shape[1]:,} | {c:g} | {100 * accuracy:.1f} % | {seconds:.0f} |")
        print(lines[-1], flush=True)
    rewrite(PAGE, {"results": "\n".join(lines)})


def measure(features: np.ndarray, labels: np.ndarray, test: np.ndarray, test_labels: np.ndarray) -> tuple[float, float]:
    """Returns the C that is best on the validation images, and the accuracy with it on the test images."""
    train, held_out = slice(0, TRAIN), slice(TRAIN, TRAIN + VALIDATION)
    found = {
        c: metrics.linear_probe(features[train], labels[train], features[held_out], labels[held_out], c)
        for c in CHOICES
    }
    best = max(found, key=found.__getitem__)
    return best, metrics.linear_probe(features[train], labels[train], test, test_labels, best)


if __name__ == "__main__":
    main()
