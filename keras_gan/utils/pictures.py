"""Pillow images of any mode as images of 8 bits on white."""

from __future__ import annotations

import numpy as np
from PIL import Image


def with_8_bits(image: Image.Image) -> Image.Image:
    """Returns an image of 16-bit integers with 8 bits, and others unchanged. Pillow clips them at 255 instead.

    Raises:
        ValueError: If the integers do not fit into 16 bits.
    """
    if not image.mode.startswith("I"):
        return image
    pixels = np.asarray(image).astype(np.int64)
    if pixels.min() < 0 or pixels.max() > 65535:
        raise ValueError("its pixels are not 16-bit integers")
    return Image.fromarray((pixels // 257).astype(np.uint8))


def has_opacity(image: Image.Image) -> bool:
    """Returns True if an image has transparent parts, or may have them. Reads its header only."""
    return image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info


def on_white(image: Image.Image) -> Image.Image:
    """Returns an image whose transparent parts are white."""
    if not has_opacity(image):
        return image
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
