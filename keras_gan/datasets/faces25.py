"""100 faces of 25x25 pixels from Labeled Faces in the Wild, as scikit-image packages them."""

from __future__ import annotations

import functools
import importlib.util

import numpy as np

from keras_gan.datasets.catalogue import DatasetInfo

FACES = 100  # the other hundred of the package's two hundred images are backgrounds


def info() -> DatasetInfo:
    """Describe the set."""
    return DatasetInfo(
        name="faces25",
        description="100 tiny grey faces",
        image_shape=(25, 25, 1),
        num_images=FACES,
        licence="none stated (Labeled Faces in the Wild); packaged in scikit-image under BSD-3-Clause",
        source="scikit-image",
        homepage="http://vis-www.cs.umass.edu/lfw/",
        install="pip install scikit-image",
        available=importlib.util.find_spec("skimage") is not None,
    )


@functools.cache
def read() -> tuple[np.ndarray, None]:
    """Return the images, uint8 (100, 25, 25, 1); there are no labels."""
    from skimage.data import lfw_subset

    return np.rint(lfw_subset()[:FACES, ..., None] * 255).astype(np.uint8), None
