"""From an image of any kind to the uint8 array a network trains on."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Protocol

import numpy as np
from PIL import Image, ImageOps

EXTENSIONS = frozenset({".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif"})
IN_MEMORY = 1 << 30  # bytes of decoded images; a set beyond it is decoded anew each epoch


class Images(Protocol):
    """A sequence of images of one shape, read a batch at a time: an array is one, and so is a folder."""

    @property
    def shape(self) -> tuple[int, ...]:
        """(number, height, width, channels)."""

    def __getitem__(self, indices: np.ndarray, /) -> np.ndarray:
        """Return the images at `indices`, uint8."""


def read(file: str | Path | bytes, image_size: int | None, channels: int, name: str = "") -> np.ndarray:
    """Read one image: upright, on white where it is transparent, cropped to its central square and resized.

    Args:
        file: Its path, or its encoded bytes. Of an animation the first frame is taken.
        image_size: The height and width to give it, or `None` to keep its own.
        channels: 1 for grey, 3 for colour.
        name: What to call it in an error. Defaults to its path.

    Returns:
        A uint8 array of shape (height, width, channels).

    Raises:
        ValueError: If the file cannot be read as an image.
    """
    try:
        with Image.open(io.BytesIO(file) if isinstance(file, bytes) else file) as image:
            if image_size is not None:
                image.draft(None, (2 * image_size, 2 * image_size))  # a large JPEG decodes several times faster
            ImageOps.exif_transpose(image, in_place=True)
            return convert(image, image_size, channels)
    except Exception as error:  # what a damaged file raises depends on its format
        raise ValueError(f"Expected a readable image. Received: {name or file!s} ({error})") from error


def convert(image: Image.Image, image_size: int | None, channels: int) -> np.ndarray:
    """Return `image` as a uint8 array of shape (height, width, channels), resized as `read` does."""
    if image.mode.startswith("I"):
        # Pillow clips the 16 bits of such a PNG at 255 when it converts them.
        image = Image.fromarray((np.asarray(image).astype(np.uint32) // 257).astype(np.uint8))
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        image = image.convert("RGBA")
        white = Image.new("RGBA", image.size, "white")
        image = Image.alpha_composite(white, image)
    image = image.convert("L" if channels == 1 else "RGB")
    if image_size is not None and image.size != (image_size, image_size):
        side = min(image.size)
        left, top = (image.width - side) // 2, (image.height - side) // 2
        image = image.crop((left, top, left + side, top + side))
        image = image.resize((image_size, image_size), Image.Resampling.LANCZOS)
    return np.asarray(image, np.uint8).reshape(image.height, image.width, channels)


def convert_all(images: np.ndarray, image_size: int | None, channels: int | None) -> np.ndarray:
    """Return an array of images, uint8 NHWC, with the size and the channels asked for."""
    size, depth = image_size or images.shape[1], channels or images.shape[-1]
    if images.shape[1:] == (size, size, depth):
        return images
    squeezed = images[..., 0] if images.shape[-1] == 1 else images
    return np.stack([convert(Image.fromarray(image), image_size, depth) for image in squeezed])


def spread(number: int, limit: int | None) -> np.ndarray:
    """Return the indices of `limit` out of `number` images, evenly spread: a set sorted by class keeps its classes."""
    kept = min(number, limit or number)
    return np.arange(kept) * number // max(kept, 1)
