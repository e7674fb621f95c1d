"""Facts in the header of an image file, which is read without decoding the image."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_gan.datasets.decoding import deep_pixels
from keras_gan.datasets.decoding.images import GREY_MODES, Unreadable
from keras_gan.utils.pictures import has_opacity

TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange height and width
EXIF_ORIENTATION = 0x0112


class Header(NamedTuple):
    """Facts in the header of an image file.

    Args:
        height: Height in pixels.
        width: Width in pixels.
        channels: 1 for grey, 3 for colour, 4 for colour with transparency.
        deep: True for pixels of more than 8 bits.
    """

    height: int
    width: int
    channels: int
    deep: bool


def read_header(path: Path) -> Header | Unreadable:
    """Returns the header of an image file, or the error if it cannot be read."""
    try:
        if path.suffix.lower() in deep_pixels.NUMPY:
            array = deep_pixels.image_of_array(deep_pixels.read_array(path))
            height, width, channels = array.shape
            return Header(height, width, channels, array.dtype != np.uint8)
        with Image.open(path) as image:
            # Reading the EXIF data of a PNG decodes the whole image, and cameras do not write PNG.
            turned = image.format != "PNG" and image.getexif().get(EXIF_ORIENTATION) in TURNED
            width, height = reversed(image.size) if turned else image.size
            if deep_pixels.is_deep(image):
                return Header(height, width, deep_pixels.deep_channels(image), True)
            grey = image.mode in GREY_MODES
            return Header(height, width, 1 if grey else 4 if has_opacity(image) else 3, False)
    except Exception as error:  # what a damaged file raises depends on its format
        return Unreadable(str(path), error)
