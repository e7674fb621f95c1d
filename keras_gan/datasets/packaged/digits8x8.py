"""1,797 digits of 8x8 pixels, from the package scikit-learn: for tests and first experiments."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.packaged.packaged_set import PackagedArrays
from keras_gan.datasets.packaged.parsed_arrays import file_of, parsed_arrays
from keras_gan.utils.extras import install_hint


class Digits8x8(PackagedArrays):
    """1,797 handwritten digits of 8x8 pixels."""

    name = "digits8x8"

    def info(self) -> DatasetInfo:
        """Describes the set."""
        return DatasetInfo(
            name=self.name,
            description="1,797 tiny handwritten digits",
            image_shape=(8, 8, 1),
            num_images=1797,
            class_names=tuple("0123456789"),
            licence="CC BY 4.0 (UCI, Alpaydin and Kaynak); packaged in scikit-learn under BSD-3-Clause",
            source="scikit-learn",
            homepage="https://archive.ics.uci.edu/dataset/80",
            install=install_hint("data"),
            available=importlib.util.find_spec("sklearn") is not None,
        )

    def read(self, split: str = "train") -> tuple[np.ndarray, np.ndarray]:
        """Returns the images and the labels."""
        return _read()


@functools.cache
def _read() -> tuple[np.ndarray, np.ndarray]:
    arrays = parsed_arrays("digits8x8", [file_of("sklearn", "datasets/data/digits.csv.gz")], _parse)
    return arrays["pixels"], arrays["labels"]


def _parse() -> dict[str, np.ndarray]:
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)  # stored as 0 to 16
    return {"pixels": pixels[..., None], "labels": digits.target.astype(np.int32)}


SETS = (Digits8x8(),)
