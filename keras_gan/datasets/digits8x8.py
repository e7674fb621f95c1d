"""1,797 digits of 8x8 pixels, as scikit-learn packages them: for tests and first tries."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from keras_gan.datasets.catalogue import DatasetInfo
from keras_gan.utils.extras import install_hint


def info() -> DatasetInfo:
    """Describe the set."""
    return DatasetInfo(
        name="digits8x8",
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


@functools.cache
def read() -> tuple[np.ndarray, np.ndarray]:
    """Return the images, uint8 (1797, 8, 8, 1), and their labels."""
    from sklearn.datasets import load_digits

    digits = load_digits()
    pixels = np.rint(digits.images * (255 / 16)).astype(np.uint8)  # stored as 0 to 16
    return pixels[..., None], digits.target.astype(np.int32)
