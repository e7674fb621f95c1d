"""Cropping, resizing and conversion of one image to the channels asked for."""

from __future__ import annotations

import numpy as np
from PIL import Image

from keras_gan.datasets.decoding import deep_pixels
from keras_gan.typing import Range
from keras_gan.utils.pictures import on_white, with_8_bits

Size = tuple[int, int]  # height, width


def convert(image: Image.Image, image_size: int | Size | None, channels: int) -> np.ndarray:
    """Returns `image` as a uint8 array of shape (height, width, channels), resized as `images.read` does."""
    if image.mode == "F":
        raise ValueError("its pixels are floats of an unknown range")
    image = with_8_bits(image)
    if channels < 4:
        image = on_white(image)
    image = image.convert({1: "L", 3: "RGB", 4: "RGBA"}[channels])
    height, width = (image.height, image.width) if image_size is None else height_and_width(image_size)
    if image.size != (width, height):
        image = image.crop(_central(image.width, image.height, width, height))
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8).reshape(height, width, channels)


def to_picture(pixels: np.ndarray) -> Image.Image:
    """Returns a uint8 array (height, width, 1, 3 or 4) as a Pillow image."""
    return Image.fromarray(np.ascontiguousarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels))


def scale_levels(levels: np.ndarray, image_size: int | Size | None, channels: int) -> np.ndarray:
    """Crops and resizes levels from 0 to 255, with the channels asked for."""
    whole = levels / np.array([1, 1, 1, 255], np.float32) if levels.shape[-1] == 4 else levels
    return scale(whole, (0.0, 255.0), image_size, channels)


def _central(wide: int, high: int, width: int, height: int) -> tuple[int, int, int, int]:
    """Returns the edges of the largest central part of an image with the aspect ratio width : height."""
    part_width = min(wide, max(1, high * width // height))
    part_height = min(high, max(1, wide * height // width))
    left, top = (wide - part_width) // 2, (high - part_height) // 2
    return left, top, left + part_width, top + part_height


def height_and_width(image_size: int | Size) -> Size:
    """Returns the height and the width of a size that may be one number for both."""
    return (image_size, image_size) if isinstance(image_size, int) else image_size


def convert_all(images: np.ndarray, image_size: int | Size | None, channels: int | None) -> np.ndarray:
    """Returns an array of images, uint8 NHWC, with the size and the channels asked for."""
    size = images.shape[1:3] if image_size is None else height_and_width(image_size)
    depth = channels or images.shape[-1]
    if images.shape[1:] == (*size, depth):
        return images
    squeezed = images[..., 0] if images.shape[-1] == 1 else images
    return np.stack([convert(Image.fromarray(image), size, depth) for image in squeezed])


def with_opacity(values: np.ndarray) -> np.ndarray:
    """Returns an array whose fourth channel, if there is one, is the opacity from 0 to 1."""
    if values.shape[-1] < 4 or values.dtype.kind == "f":
        return values
    most = 1 if values.dtype.kind == "b" else np.iinfo(values.dtype).max
    return np.concatenate([values[..., :3], values[..., 3:] / most], axis=-1)


def scale(values: np.ndarray, value_range: Range, image_size: int | Size | None, channels: int) -> np.ndarray:
    """Returns values as float32 levels from 0 to 255, cropped and resized as `images.read` does."""
    height, width = values.shape[:2] if image_size is None else height_and_width(image_size)
    crop = _central(values.shape[1], values.shape[0], width, height)
    return deep_pixels.to_levels(deep_pixels.check_finite(values), value_range, (height, width), crop, channels)
