"""Decodes an image file of any kind to a uint8 array."""

from __future__ import annotations

import contextlib
import io
import os
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from keras_gan.datasets.decoding import deep_pixels
from keras_gan.datasets.decoding.resizing import (
    Size,
    convert,
    height_and_width,
    scale,
    scale_levels,
    to_picture,
    with_opacity,
)
from keras_gan.typing import Range

EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif", ".tif", ".tiff"})
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N", "F")
IN_MEMORY = 1 << 30  # bytes of decoded images; larger sets are decoded again in each epoch
WORKERS = min(8, os.cpu_count() or 1)

StoredShape = tuple[int | None, int | None, int]  # height, width, channels; None where the images differ


class Unreadable(ValueError):
    """Raised if a file cannot be decoded as an image.

    Args:
        name: Name of the image in the message.
        error: Error that the decoder raised.
    """

    def __init__(self, name: str, error: Exception) -> None:
        reason: object = "not an image" if isinstance(error, UnidentifiedImageError) else error
        if isinstance(error, Image.DecompressionBombError):
            reason = f"more than {2 * (Image.MAX_IMAGE_PIXELS or 0) // 10**6} million pixels; make it smaller first"
        self.description = f"{name} ({getattr(error, 'strerror', None) or reason})"
        super().__init__(f"Expected a readable image. Received: {self.description}")


@contextlib.contextmanager
def large_images() -> Iterator[None]:
    """Context manager that suppresses Pillow's warning of large images, which are the user's own here.

    It affects all threads, so use it in the thread that waits for the others.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", Image.DecompressionBombWarning)
        yield


class Images(Protocol):
    """Interface of images of one shape that can be indexed: an array, or `LazyImages`."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(number, height, width, channels)."""

    @property
    def dtype(self) -> np.dtype:
        """uint8 or float32."""

    def __getitem__(self, indices: np.ndarray, /) -> np.ndarray:
        """Returns the images at `indices`, NHWC: uint8, or float32 levels from 0 to 255 that are not rounded."""


def read(
    file: str | Path | bytes,
    image_size: int | Size | None,
    channels: int,
    name: str = "",
    value_range: Range | None = None,
    deep_only: bool = True,
) -> np.ndarray:
    """Reads one image, and crops its centre to the new aspect ratio and resizes it.

    The image is turned upright as its EXIF data say. Transparent parts become white, except with 4 channels.

    Args:
        file: Path of the image, or its encoded bytes. The first frame of an animation is read.
        image_size: New height and width, as one number or two, or `None` to keep those of the image.
        channels: 1 for grey, 3 for colour, 4 for colour with transparency.
        name: Name of the image in an error. Defaults to its path.
        value_range: The values of black and of white in an image of more than 8 bits. Defaults to `None`: only 8-bit
            and 16-bit images are read, and rounded to 8 bits.
        deep_only: Boolean. If true, `value_range` does not apply to 8-bit images. Defaults to `True`.

    Returns:
        An array of shape (height, width, channels): uint8, or with `value_range` float32 levels from 0 to 255.

    Raises:
        Unreadable: If the file cannot be read as an image.
    """
    if isinstance(file, str | Path) and Path(file).suffix.lower() in deep_pixels.NUMPY:
        return _read_numpy(Path(file), name, image_size, channels, value_range, deep_only)

    def use(image: Image.Image) -> np.ndarray:
        if value_range is None:
            return convert(image, image_size, channels)
        if deep_only:
            return convert(image, image_size, channels).astype(np.float32)
        depth = 3 if channels == 3 or image.mode not in GREY_MODES else 1
        return scale(convert(image, None, 4 if channels == 4 else depth), value_range, image_size, channels)

    def use_deep(image: Image.Image) -> np.ndarray | None:
        if value_range is None or not deep_pixels.is_deep(image):
            return None
        return scale(deep_pixels.values_of(image), value_range, image_size, channels)

    return _decode(file, name, image_size, use, use_deep)


def _read_numpy(
    path: Path,
    name: str,
    image_size: int | Size | None,
    channels: int,
    value_range: Range | None,
    deep_only: bool,
) -> np.ndarray:
    try:
        values = deep_pixels.image_of_array(deep_pixels.read_array(path))
        if values.dtype == np.uint8 and (value_range is None or deep_only):
            pixels = convert(to_picture(values), image_size, channels)
            return pixels if value_range is None else pixels.astype(np.float32)
        if value_range is None:
            raise ValueError(f"its pixels are {values.dtype} of an unknown range")
        return scale(with_opacity(values), value_range, image_size, channels)
    except Exception as error:  # what a damaged file raises depends on its format
        raise Unreadable(name or str(path), error) from error


def read_halves(
    file: str | Path,
    image_size: int | Size | None,
    channels: tuple[int, int],
    value_range: Range | None = None,
    deep_only: bool = True,
) -> np.ndarray:
    """Reads the left and the right half of one image, as `read` does, and concatenates their channels.

    Raises:
        Unreadable: If the file cannot be read as an image.
    """
    if value_range is not None:
        depth = max(channels)
        whole = read(file, None, depth, "", value_range, deep_only)
        half = whole.shape[1] // 2
        parts = (whole[:, :half], whole[:, whole.shape[1] - half :])
        levels = [scale_levels(part, image_size, own) for part, own in zip(parts, channels, strict=True)]
        return np.concatenate(levels, axis=-1)

    def convert_halves(image: Image.Image) -> np.ndarray:
        half = image.width // 2
        left = image.crop((0, 0, half, image.height))
        right = image.crop((image.width - half, 0, image.width, image.height))
        return np.concatenate(
            [convert(part, image_size, depth) for part, depth in zip((left, right), channels, strict=True)], axis=-1
        )

    return _decode(file, "", image_size, convert_halves)


def _decode(
    file: str | Path | bytes,
    name: str,
    image_size: int | Size | None,
    use: Callable[[Image.Image], np.ndarray],
    use_deep: Callable[[Image.Image], np.ndarray | None] = lambda _: None,
) -> np.ndarray:
    """Returns what `use_deep` makes of an opened file, or else what `use` makes of the upright image."""
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
            deep = use_deep(image)
            if deep is not None:
                return deep
            if image_size is not None:
                side = 2 * max(height_and_width(image_size))
                image.draft(None, (side, side))  # a large JPEG decodes several times faster
            ImageOps.exif_transpose(image, in_place=True)
            return use(image)
    except Exception as error:  # what a damaged file raises depends on its format
        raise Unreadable(name or str(file), error) from error


def decoded_shape(
    name: str, stored: StoredShape, image_size: int | Size | None, channels: int | None
) -> tuple[int, int, int]:
    """Returns (height, width, channels) of the decoded images of a set.

    Args:
        name: Name of the set in an error.
        stored: Shape of the images as stored. Height and width are `None` if the images differ in size.
        image_size: New height and width, as one number or two, or `None` to keep those of the images.
        channels: 1, 3 or 4, or `None` for those of the images.

    Raises:
        ValueError: If the images differ in size and `image_size` is `None`.
    """
    height, width = stored[:2] if image_size is None else height_and_width(image_size)
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
