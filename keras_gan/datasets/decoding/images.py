"""Decodes an image file of any kind to a uint8 array."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
IN_MEMORY = 1 << 30  # bytes of decoded images; larger sets are decoded again in each epoch
WORKERS = min(8, os.cpu_count() or 1)

Size = tuple[int, int]  # height, width
StoredShape = tuple[int | None, int | None, int]  # height, width, channels; None where the images differ


class Unreadable(ValueError):
    """Raised if a file cannot be decoded as an image.

    Args:
        name: Name of the image in the message.
        error: Error that the decoder raised.
    """

    def __init__(self, name: str, error: Exception) -> None:
        reason = "not an image" if isinstance(error, UnidentifiedImageError) else error
        self.description = f"{name} ({getattr(error, 'strerror', None) or reason})"
        super().__init__(f"Expected a readable image. Received: {self.description}")


class Images(Protocol):
    """Interface of images of one shape that can be indexed: an array, or `LazyImages`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(number, height, width, channels)."""

    def __getitem__(self, indices: np.ndarray, /) -> np.ndarray:
        """Returns the images at `indices`, uint8 NHWC."""


def read(file: str | Path | bytes, image_size: int | Size | None, channels: int, name: str = "") -> np.ndarray:
    """Reads one image, and crops its centre to the new aspect ratio and resizes it.

    The image is turned upright as its EXIF data say. Transparent parts become white.

    Args:
        file: Path of the image, or its encoded bytes. The first frame of an animation is read.
        image_size: New height and width, as one number or two, or `None` to keep those of the image.
        channels: 1 for grey, 3 for colour.
        name: Name of the image in an error. Defaults to its path.

    Returns:
        A uint8 array of shape (height, width, channels).

    Raises:
        Unreadable: If the file cannot be read as an image.
    """
    return _decode(file, name, image_size, lambda image: convert(image, image_size, channels))


def read_halves(file: str | Path, image_size: int | Size | None, channels: tuple[int, int]) -> np.ndarray:
    """Reads the left and the right half of one image, as `read` does, and concatenates their channels.

    Raises:
        Unreadable: If the file cannot be read as an image.
    """

    def convert_halves(image: Image.Image) -> np.ndarray:
        half = image.width // 2
        left = image.crop((0, 0, half, image.height))
        right = image.crop((image.width - half, 0, image.width, image.height))
        return np.concatenate(
            [convert(part, image_size, depth) for part, depth in zip((left, right), channels, strict=True)], axis=-1
        )

    return _decode(file, "", image_size, convert_halves)


def _decode(
    file: str | Path | bytes, name: str, image_size: int | Size | None, use: Callable[[Image.Image], np.ndarray]
) -> np.ndarray:
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
            if image_size is not None:
                side = 2 * max(_height_and_width(image_size))
                image.draft(None, (side, side))  # a large JPEG decodes several times faster
            ImageOps.exif_transpose(image, in_place=True)
            return use(image)
    except Exception as error:  # what a damaged file raises depends on its format
        raise Unreadable(name or str(file), error) from error


def convert(image: Image.Image, image_size: int | Size | None, channels: int) -> np.ndarray:
    """Returns `image` as a uint8 array of shape (height, width, channels), resized as `read` does."""
    if image.mode == "F":
        raise ValueError("its pixels are floats of an unknown range")
    if image.mode.startswith("I"):
        # Pillow clips 16-bit pixels at 255 when it converts them.
        pixels = np.asarray(image).astype(np.int64)
        if pixels.min() < 0 or pixels.max() > 65535:
            raise ValueError("its pixels are not 16-bit integers")
        image = Image.fromarray((pixels // 257).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("L" if channels == 1 else "RGB")
    height, width = (image.height, image.width) if image_size is None else _height_and_width(image_size)
    if image.size != (width, height):
        # The largest central part of the new aspect ratio.
        wide = min(image.width, max(1, image.height * width // height))
        high = min(image.height, max(1, image.width * height // width))
        left, top = (image.width - wide) // 2, (image.height - high) // 2
        image = image.crop((left, top, left + wide, top + high))
        image = image.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8).reshape(height, width, channels)


def _height_and_width(image_size: int | Size) -> Size:
    return (image_size, image_size) if isinstance(image_size, int) else image_size


def convert_all(images: np.ndarray, image_size: int | Size | None, channels: int | None) -> np.ndarray:
    """Returns an array of images, uint8 NHWC, with the size and the channels asked for."""
    size = images.shape[1:3] if image_size is None else _height_and_width(image_size)
    depth = channels or images.shape[-1]
    if images.shape[1:] == (*size, depth):
        return images
    squeezed = images[..., 0] if images.shape[-1] == 1 else images
    return np.stack([convert(Image.fromarray(image), size, depth) for image in squeezed])


def decoded_shape(
    name: str, stored: StoredShape, image_size: int | Size | None, channels: int | None
) -> tuple[int, int, int]:
    """Returns (height, width, channels) of the decoded images of a set.

    Args:
        name: Name of the set in an error.
        stored: Shape of the images as stored. Height and width are `None` if the images differ in size.
        image_size: New height and width, as one number or two, or `None` to keep those of the images.
        channels: 1 or 3, or `None` for those of the images.

    Raises:
        ValueError: If the images differ in size and `image_size` is `None`.
    """
    height, width = stored[:2] if image_size is None else _height_and_width(image_size)
    if height is None or width is None:
        raise ValueError(
            f"The images of {name} differ in size: expected `image_size`, to crop and resize each image to. "
            "Received: image_size=None"
        )
    return height, width, channels or stored[2]


def spread(number: int, limit: int | None) -> np.ndarray:
    """Returns the indices of `limit` of `number` images, spread evenly: a set sorted by class keeps its classes."""
    kept = min(number, limit or number)
    return np.arange(kept) * number // max(kept, 1)
