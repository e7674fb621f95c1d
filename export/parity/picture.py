"""Pictures of the parity check."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from keras_gan.images import grid

FILENAME = "parity.png"
WORST = "parity_worst.png"
_GAIN = 10
_COLUMNS = 8
_SIDE = 64
_WIDEST = 512
_CAPTION = 16


def save_picture(path: Path, rows: dict[str, np.ndarray], image_range: tuple[float, float]) -> None:
    """Writes a picture with a row of images for each name.

    Args:
        path: The PNG file to write.
        rows: Images (n, height, width, channels) by the name of the artifact.
        image_range: Values of black and white.
    """
    strips = [_strip(name, images[:_COLUMNS], image_range) for name, images in rows.items()]
    picture = Image.new("RGB", (max(s.width for s in strips), sum(s.height for s in strips)), "white")
    top = 0
    for strip in strips:
        picture.paste(strip, (0, top))
        top += strip.height
    picture.save(path, format="PNG")


def difference(expected: np.ndarray, received: np.ndarray, image_range: tuple[float, float]) -> np.ndarray:
    """Returns ten times the difference of two images, as an image that is black where they are equal."""
    low, high = image_range
    return np.minimum(low + _GAIN * np.abs(expected - received), high).astype(np.float32)


def _strip(name: str, images: np.ndarray, image_range: tuple[float, float]) -> Image.Image:
    """Returns a row with a caption. It shows one or three channels, and every n-th pixel of large images."""
    thin = -(-max(images.shape[1:3]) // _WIDEST)
    visible = (images if images.shape[-1] == 3 else images[..., :1])[:, ::thin, ::thin]
    zoom = max(1, _SIDE // visible.shape[1])
    row = Image.fromarray(grid(visible.repeat(zoom, axis=1).repeat(zoom, axis=2), len(images), image_range))
    caption = 4 + math.ceil(ImageDraw.Draw(row).textlength(name))
    strip = Image.new("RGB", (max(row.width, caption), row.height + _CAPTION), "white")
    ImageDraw.Draw(strip).text((2, 2), name, fill="black")
    strip.paste(row, (0, _CAPTION))
    return strip
