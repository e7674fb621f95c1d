"""100 faces of 25x25 pixels from Labeled Faces in the Wild, from the package scikit-image."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.packaged.packaged_set import PackagedArrays

FACES = 100  # the package holds 200 images, and the last 100 are backgrounds


class Faces25(PackagedArrays):
    """100 grey faces of 25x25 pixels, without labels."""

    name = "faces25"

    def info(self) -> DatasetInfo:
        """Describes the set."""
        return DatasetInfo(
            name=self.name,
            description="100 tiny grey faces",
            image_shape=(25, 25, 1),
            num_images=FACES,
            licence="none stated (Labeled Faces in the Wild); packaged in scikit-image under BSD-3-Clause",
            source="scikit-image",
            homepage="http://vis-www.cs.umass.edu/lfw/",
            install="pip install scikit-image",
            available=importlib.util.find_spec("skimage") is not None,
        )

    def read(self, split: str = "train") -> tuple[np.ndarray, None]:
        """Returns the images. There are no labels."""
        return _read(), None


@functools.cache
def _read() -> np.ndarray:
    from skimage.data import lfw_subset

    return np.rint(lfw_subset()[:FACES, ..., None] * 255).astype(np.uint8)


SETS = (Faces25(),)
