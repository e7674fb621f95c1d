"""Measures how well a linear classifier does on the features of the discriminator that comes with the package.

python experiments/linear_probe.py    # prints the rows of a table
"""

from __future__ import annotations

import os
import time

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan
from keras_gan import config as configs
from keras_gan import metrics, pretrained

import numpy as np

TRAIN, VALIDATION, TEST = 5_000, 1_000, 10_000
CHOICES = (1e-5, 1e-4, 1e-3)
NAME = "fashion_mnist"


def main() -> None:
    """Measures each kind of features, and prints a row for each."""
    images, labels = keras_gan.datasets.load_arrays(NAME, limit=TRAIN + VALIDATION)
    test, test_labels = keras_gan.datasets.load_arrays(f"{NAME}:test", limit=TEST)
    images, test = keras_gan.images.to_float(images), keras_gan.images.to_float(test)
    gan = keras_gan.GAN.from_preset(NAME)
    config = configs.load(pretrained.FOLDER / NAME / pretrained.CONFIG)
    random = keras_gan.presets.build(config, gan.image_shape, gan.num_classes, gan.class_names)
    kinds = {
        "pixels": lambda x: x.reshape(len(x), -1),
        "discriminator, untrained": lambda x: keras_gan.discriminator_features(random, x),
        "discriminator, trained": lambda x: keras_gan.discriminator_features(gan, x),
    }
    print(
        "| features | number | C | accuracy on the test images | processor seconds |\n|---|---|---|---|---|", flush=True
    )
    for name, features_of in kinds.items():
        begin = time.process_time()
        features, test_features = features_of(images), features_of(test)
        c, accuracy = measure(features, labels, test_features, test_labels)
        seconds = time.process_time() - begin
        row = f"| {name} | {features.shape[1]:,} | {c:g} | {100 * accuracy:.1f} % | {seconds:.0f} |"
        print(row, flush=True)


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
