"""The images of a set all at once: to measure with, and to look at."""

from __future__ import annotations

import os

import numpy as np

from keras_gan.datasets import images, sources
from keras_gan.datasets.checks import check_at_least


def load_arrays(
    name_or_folder: str | os.PathLike[str],
    *,
    image_size: int | images.Size | None = None,
    channels: int | None = None,
    split: str = "train",
    limit: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Load images as one array, in their own order; `load` gives batches to train on.

    Args:
        name_or_folder: As in `load`.
        image_size: The height and width of the images, which are cropped to these proportions and resized; one number
            for squares. Defaults to `None`, their own.
        channels: As in `load`. Defaults to `None`, those of the images.
        split: As in `load`. Defaults to "train".
        limit: As in `load`. Defaults to `None`, all.
        data_dir: As in `load`. Defaults to `None`.
        timeout: As in `load`. Defaults to 60.0.

    Returns:
        The images, uint8 (n, height, width, channels), and the class of each, int32 (n,), or `None` without classes.

    Raises:
        ValueError: If an argument is out of range, nothing bears that name, or no image can be read.
        ImportError: If the set needs a package that is not installed.
        RuntimeError: If a set of TensorFlow Datasets cannot be prepared.

    Example:
    ```python
    images, labels = keras_gan.datasets.load_arrays("digits", limit=1000)  # (1000, 28, 28, 1), (1000,)
    ```
    """
    if channels not in (None, 1, 3):
        raise ValueError(f"`channels` must be 1, 3 or None. Received: channels={channels}")
    check_at_least(1, limit=limit)
    source = sources.find_and_open(name_or_folder, split, limit, data_dir, timeout)
    found, labels = source.images(image_size, channels)
    pixels = found if isinstance(found, np.ndarray) else found[np.arange(found.shape[0])]
    return pixels, None if labels is None else np.asarray(labels, np.int32)
