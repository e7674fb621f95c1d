"""Pixels of more than 8 bits: of 16-bit PNG and TIFF files, float TIFF files and NumPy files."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

from keras_gan.typing import Range

NUMPY = frozenset({".npy", ".npz"})
ALPHA_16 = 65535.0
LUMA = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R 601, as Pillow converts colour to grey


def is_deep(image: Image.Image) -> bool:
    """Returns True if the pixels of an opened file have more than 8 bits. Reads its header only."""
    return image.mode == "F" or image.mode.startswith("I") or ";16" in _raw_mode(image)


def deep_channels(image: Image.Image) -> int:
    """Returns 1 for grey, 3 for colour, 4 for colour with transparency, of an opened file of more than 8 bits."""
    raw_mode = _raw_mode(image)
    if raw_mode.startswith("LA;16") or image.mode not in ("RGB", "RGBA", "RGBX"):
        return 1
    return 4 if raw_mode.startswith("RGBA") else 3


def values_of(image: Any) -> np.ndarray:
    """Returns the pixels of a file of more than 8 bits, turned upright as its EXIF data say.

    Args:
        image: Image that was opened from a path and not loaded.

    Returns:
        Values as stored, float32 (height, width, 1, 3 or 4). A fourth channel is the opacity, from 0 to 1. Grey images
        with transparency are returned as colour with transparency.
    """
    raw_mode = _raw_mode(image)
    if ";16" not in raw_mode or image.mode not in ("RGB", "RGBA", "RGBX"):
        return _upright(image)[..., None]
    if raw_mode.startswith("LA"):
        _set_raw_mode(image, "RGBA")  # both bytes of both channels
        high, low, high_opacity, low_opacity = np.moveaxis(_upright(image), -1, 0)
        grey, opacity = 256 * high + low, 256 * high_opacity + low_opacity
        return np.stack([grey, grey, grey, opacity / ALPHA_16], axis=-1)
    # Pillow has no colour of 16 bits: it keeps the high byte. Read as the other byte order, it keeps the low one.
    with Image.open(image.filename) as other:
        _set_raw_mode(other, raw_mode[:-1] + ("B" if raw_mode[-1] in "LN" else "L"))
        low = _upright(other)
    values = 256 * _upright(image) + low
    if image.mode == "RGBA":
        values[..., 3] /= ALPHA_16
    return values if image.mode == "RGBA" else values[..., :3]


def read_array(path: Path) -> np.ndarray:
    """Returns the array in a NumPy file.

    Args:
        path: `.npy` file, or `.npz` file of one array.

    Raises:
        ValueError: If the file holds several arrays, or objects.
    """
    loaded: Any = np.load(path, allow_pickle=False, mmap_mode="r" if path.suffix.lower() == ".npy" else None)
    if isinstance(loaded, np.ndarray):
        return loaded
    with loaded:
        if len(loaded.files) != 1:
            raise ValueError(f"one array was expected, not {', '.join(loaded.files) or 'none'}")
        array: np.ndarray = loaded[loaded.files[0]]
        return array


def image_of_array(array: np.ndarray) -> np.ndarray:
    """Returns the array of a NumPy file as an image (height, width, 1, 3 or 4).

    Raises:
        ValueError: If it has another shape, or does not hold real numbers.
    """
    if array.ndim == 2:
        array = array[..., None]
    if array.ndim != 3 or array.shape[-1] not in (1, 3, 4) or 0 in array.shape or array.dtype.kind not in "biuf":
        raise ValueError(
            "an image is an array of numbers (height, width) or (height, width, 1, 3 or 4), "
            f"not {array.dtype} {array.shape}"
        )
    return array


def check_finite(values: np.ndarray) -> np.ndarray:
    """Returns `values`, or raises a `ValueError` if one is NaN or infinite."""
    if not np.isfinite(values).all():
        raise ValueError("it holds NaN or infinity")
    return values


def range_of(values: np.ndarray) -> Range:
    """Returns the least and the greatest value of an image, without the opacity."""
    colours = values[..., :3]
    return float(colours.min()), float(colours.max())


def to_levels(
    values: np.ndarray, value_range: Range, size: tuple[int, int], crop: tuple[int, int, int, int], channels: int
) -> np.ndarray:
    """Scales values to levels from 0 to 255, which are not rounded, and crops and resizes the image.

    Args:
        values: Image, (height, width, 1, 3 or 4). A fourth channel is the opacity, from 0 to 1.
        value_range: The values of black and of white. Values outside are clipped.
        size: Height and width after resizing.
        crop: Left, top, right and bottom edge of the part to keep.
        channels: 1 for grey, 3 for colour, 4 for colour with transparency.

    Returns:
        Float32 levels of shape (*size, channels), from 0 to 255.
    """
    low, high = value_range
    colours = (np.clip(values[..., :3].astype(np.float64), low, high) - low) * (255.0 / (high - low))
    levels: np.ndarray = colours.astype(np.float32)
    opacity = 255 * values[..., 3:].astype(np.float32) if values.shape[-1] == 4 else None
    if opacity is not None and channels < 4:
        levels = levels * (opacity / 255) + (255 - opacity)  # over white
    if channels == 1 and levels.shape[-1] == 3:
        levels = (levels @ LUMA)[..., None]
    if channels > 1 and levels.shape[-1] == 1:
        levels = np.repeat(levels, 3, axis=-1)
    if channels == 4:
        levels = np.concatenate([levels, np.full_like(levels[..., :1], 255) if opacity is None else opacity], axis=-1)
    if levels.shape[:2] != size:
        left, top, right, bottom = crop
        planes = [Image.fromarray(np.ascontiguousarray(plane)) for plane in np.moveaxis(levels, -1, 0)]
        resized = [
            plane.crop((left, top, right, bottom)).resize(size[::-1], Image.Resampling.LANCZOS) for plane in planes
        ]
        levels = np.clip(np.stack([np.asarray(plane, np.float32) for plane in resized], axis=-1), 0, 255)
    return levels


def _upright(image: Image.Image) -> np.ndarray:
    return np.asarray(ImageOps.exif_transpose(image), np.float32)


def _raw_mode(image: Image.Image) -> str:
    tiles = getattr(image, "tile", None)
    arguments = tiles[0][3] if tiles else ""
    return arguments if isinstance(arguments, str) else str(arguments[0]) if arguments else ""


def _set_raw_mode(image: Any, raw_mode: str) -> None:
    image.tile = [
        tile._replace(args=raw_mode if isinstance(tile.args, str) else (raw_mode, *tile.args[1:]))
        for tile in image.tile
    ]
