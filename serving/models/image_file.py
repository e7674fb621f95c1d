"""Reads an image file that a client sent, within a limit of pixels."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageOps

from keras_gan.serving.errors import invalid
from keras_gan.utils.pictures import on_white, with_8_bits

FORMATS = ("PNG", "JPEG", "WEBP")
# A file of some kilobytes can hold gigabytes of pixels, so the size is checked before they are decoded.
MOST_PIXELS = 2**22


def read_image(file: bytes, channels: int) -> np.ndarray:
    """Reads a PNG, JPEG or WebP file as a uint8 array of shape (height, width, channels).

    The image is turned upright as its EXIF data say, and transparent parts become white. `channels` is 1 or 3.

    Raises:
        ServingError: If the file is not such an image, is damaged or has more than 4,194,304 pixels.
    """
    try:
        with Image.open(io.BytesIO(file), formats=FORMATS) as image:
            width, height = image.size
            if width * height <= MOST_PIXELS:
                ImageOps.exif_transpose(image, in_place=True)
                return np.asarray(on_white(with_8_bits(image)).convert("L" if channels == 1 else "RGB")).reshape(
                    *image.size[::-1], -1
                )
    except Exception as error:  # what a damaged file raises depends on its format
        raise invalid(f"Expected an image as PNG, JPEG or WebP. Received: {len(file)} bytes ({error})") from error
    raise invalid(f"An image may have at most {MOST_PIXELS} pixels. Received: {width} x {height}")
