"""Loads the images of a set into one array."""

from __future__ import annotations

import os

import numpy as np

from keras_gan.datasets.argument_checks import check_at_least, check_channels, check_image_size
from keras_gan.datasets.decoding.images import Size
from keras_gan.datasets.sources import lookup


def load_arrays(
    name_or_folder: str | os.PathLike[str],
    *,
    image_size: int | Size | None = None,
    channels: int | None = None,
    value_range: tuple[float, float] | None = None,
    split: str = "train",
    limit: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
) -> tuple[np.ndarray, np.ndarray | None]:
    """Loads images into one array, in their stored order. Use `load` to train.

    Args:
        name_or_folder: Name of a data set or path of a folder; see `load`.
        image_size: Height and width, or one number for squares. The images are cropped to this aspect ratio and
            resized. Defaults to `None`, the size of the images.
        channels: 1 for grey, 3 for colour, 4 for colour with transparency. Defaults to `None`, the channels of most
            images.
        value_range: The values of black and of white in images of more than 8 bits; see `load`. Defaults to `None`:
            the least and the greatest value in the whole set.
        split: Name of the split; see `load`. Defaults to "train".
        limit: Largest number of images; see `load`. Defaults to `None`, all images.
        data_dir: Folder of TensorFlow Datasets. Defaults to `None`, the default of TensorFlow Datasets.
        timeout: Number of seconds without progress after which a download is given up. Defaults to 60.0.

    Returns:
        The images (n, height, width, channels), and the class of each, int32 (n,), or its attributes, float32
        (n, attributes), or `None`. The images are uint8. Images of more than 8 bits are float32 in [-1, 1]. Sequences
        (n, length, channels) and vectors (n, length) are float32 and have their own values.

    Raises:
        ValueError: If an argument is out of range, no data set has that name, or no image can be read.
        ImportError: If the set needs a package that is not installed.
        RuntimeError: If a set of TensorFlow Datasets cannot be prepared.

    Example:
    ```python
    images, labels = keras_gan.datasets.load_arrays("digits", limit=1000)  # (1000, 28, 28, 1), (1000,)
    ```
    """
    check_channels(channels)
    check_at_least(1, limit=limit)
    image_size = check_image_size(image_size)
    source = lookup.find_and_open(name_or_folder, split, limit, data_dir, timeout)
    found, labels = source.images(image_size, channels, value_range)
    pixels = found if isinstance(found, np.ndarray) else found[np.arange(found.shape[0])]
    if pixels.dtype != np.uint8 and pixels.ndim == 4:
        pixels = pixels / np.float32(127.5) - 1
    return pixels, None if labels is None else np.asarray(labels, np.int32 if labels.ndim == 1 else np.float32)
