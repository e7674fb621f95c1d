"""Images as an extractor's network takes them: checked, of three colours, square."""

from __future__ import annotations

import warnings

import numpy as np
from PIL import Image

from keras_gan.errors import KerasGANWarning
from keras_gan.images import to_uint8

RESIZE = "uint8, Pillow bicubic with antialiasing, to a square"
OVERSHOOT = 0.1  # how far past their range resized images go


def checked_images(images: np.ndarray, image_range: tuple[float, float], stacklevel: int = 3) -> np.ndarray:
    """See that images are what an extractor takes.

    Args:
        images: (n, height, width, 1 or 3): floats in `image_range`, or uint8.
        image_range: The values of black and of white, for floats.
        stacklevel: How far up the caller is whom a warning is for. Defaults to 3.

    Returns:
        The images.

    Raises:
        ValueError: If they have another shape or values outside of `image_range`.
    """
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or 0 in images.shape:
        raise ValueError(f"Expected `images` of shape (n, height, width, 1 or 3). Received: shape {images.shape}")
    if images.dtype == np.uint8:
        return images
    low, high = image_range
    if not low < high or images.dtype.kind != "f":
        raise ValueError(
            "Expected `images` as uint8, or as floats with an `image_range` of (black, white). "
            f"Received: {images.dtype}, image_range={image_range}"
        )
    least, most = float(images.min()), float(images.max())
    margin = OVERSHOOT * (high - low) / 2
    if not (low - margin <= least and most <= high + margin):
        raise ValueError(f"Expected `images` in image_range={image_range}. Received: values from {least} to {most}")
    if least >= (low + high) / 2 and len(images) > 8:
        warnings.warn(
            f"No pixel of {len(images)} images is below the middle of image_range={image_range}: "
            "are they scaled to [0, 1]? Then say image_range=(0, 1).",
            KerasGANWarning,
            stacklevel=stacklevel,
        )
    return images


def square_rgb(images: np.ndarray, size: int, image_range: tuple[float, float]) -> np.ndarray:
    """Resize checked images to squares, with a filter that averages over all pixels when it reduces.

    Args:
        images: As `checked_images` returns them; floats are rounded to 256 levels, grey is repeated.
        size: The new height and width.
        image_range: The values of black and of white, for floats.

    Returns:
        Float32 (n, size, size, 3) from 0 to 255.
    """
    rgb = np.broadcast_to(to_uint8(images, image_range), (*images.shape[:3], 3))
    if rgb.shape[1:3] != (size, size):
        resized = (Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC) for image in rgb)
        rgb = np.stack([np.asarray(image) for image in resized])
    return rgb.astype(np.float32)
