"""The values of black and of white in images of more than 8 bits: stated, or those of the whole set."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_gan.datasets.decoding import deep_pixels
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.typing import Range
from keras_gan.utils.ranges import as_range

logger = logging.getLogger("keras_gan.datasets")


class ValueRange(NamedTuple):
    """The values of black and of white, and where they come from.

    Args:
        values: Value of black and value of white.
        stated: True if the user stated them, False if they are the least and the greatest value of the images.
        number: Number of images of more than 8 bits.
        deep_only: True if the range does not apply to 8-bit images.
    """

    values: Range
    stated: bool
    number: int
    deep_only: bool = True

    def log(self, name: str) -> None:
        """Logs the range that is used, and how to state another."""
        logger.warning("%s", self.describe(name))

    def describe(self, name: str) -> str:
        """Returns a sentence with the range that is used."""
        low, high = self.values
        if self.stated:
            return f"{name}: values from {low:g} (black) to {high:g} (white), as stated; values outside are clipped"
        return (
            f"{name}: values from {low:g} (black) to {high:g} (white), the least and the greatest of {self.number} "
            "images of more than 8 bits"
        )


def check_stated_range(value_range: Sequence[float]) -> Range:
    """Returns a stated range as two floats.

    Raises:
        ValueError: If it is not two finite numbers, the first below the second.
    """
    found = as_range(value_range)
    if found is None:
        raise ValueError(
            "`value_range` must be two numbers, the value of black and the greater value of white, such as (0, 65535). "
            f"Received: value_range={value_range!r}"
        )
    return found


def choose_range(name: str, paths: Sequence[Path]) -> ValueRange:
    """Returns the least and the greatest value of all images of more than 8 bits.

    Args:
        name: Name of the set in an error.
        paths: Paths of the images. 8-bit images and damaged ones are skipped.

    Raises:
        ValueError: If all values are the same, or no image can be read.
    """
    with images_lib.large_images(), ThreadPool(images_lib.WORKERS) as pool:
        results = with_progress_bar(pool.imap(_range, paths, 8), len(paths), f"Finding the values of {Path(name).name}")
        ranges = [found for found in results if found is not None]
    if not ranges:
        raise ValueError(f"Expected readable images. Received: only damaged ones of more than 8 bits in {name}")
    low, high = min(one[0] for one in ranges), max(one[1] for one in ranges)
    return own_range(name, (low, high), len(ranges))


def own_range(name: str, values: Range, number: int) -> ValueRange:
    """Returns the range of the images themselves.

    Raises:
        ValueError: If all values are the same.
    """
    if not values[0] < values[1]:
        raise ValueError(
            f"All pixels of {name} have the same value, so the values of black and of white are not known: expected "
            f"`value_range`. Received: {number} images of {values[0]:g}"
        )
    return ValueRange(values, stated=False, number=number)


def _range(path: Path) -> Range | None:
    """Returns the least and the greatest value of one image, or `None` for an 8-bit or a damaged one."""
    try:
        if path.suffix.lower() in deep_pixels.NUMPY:
            array = deep_pixels.image_of_array(deep_pixels.read_array(path))
            return None if array.dtype == np.uint8 else deep_pixels.range_of(deep_pixels.check_finite(array))
        with Image.open(path) as image:
            if not deep_pixels.is_deep(image):
                return None
            return deep_pixels.range_of(deep_pixels.check_finite(deep_pixels.values_of(image)))
    except Exception:  # a damaged file; decoding names it
        return None
