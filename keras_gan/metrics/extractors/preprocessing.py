"""Preprocessing of images for an extractor: checks, conversion to RGB, and resizing."""

from __future__ import annotations

import warnings

import numpy as np
from PIL import Image

from keras_gan.errors import KerasGANWarning
from keras_gan.images import to_uint8

RESIZE = "uint8, Pillow bicubic with antialiasing, to a square"
OVERSHOOT = 0.1  # share of the range that resized images may exceed it by


def check_images(images: np.ndarray, image_range: tuple[float, float], stacklevel: int = 3) -> np.ndarray:
    """Returns images as an array, or raises if an extractor does not support them.

    Args:
        images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
        image_range: Values of black and of white in float images.
        stacklevel: Number of calls between this function and the caller that a warning names. Defaults to 3.

    Raises:
        ValueError: If the images have another shape, or values outside `image_range`.
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
            "if they are scaled to [0, 1], pass image_range=(0, 1).",
            KerasGANWarning,
            stacklevel=stacklevel,
        )
    return images


def square_rgb(images: np.ndarray, size: int, image_range: tuple[float, float]) -> np.ndarray:
    """Resizes images to RGB squares with an antialiased filter.

    Args:
        images: Images from `check_images`. Floats are rounded to 256 levels, and grey is repeated to three channels.
        size: New height and width.
        image_range: Values of black and of white in float images.

    Returns:
        A float32 array (n, size, size, 3) from 0 to 255.
    """
    rgb = np.broadcast_to(to_uint8(images, image_range), (*images.shape[:3], 3))
    if rgb.shape[1:3] != (size, size):
        resized = (Image.fromarray(image).resize((size, size), Image.Resampling.BICUBIC) for image in rgb)
        rgb = np.stack([np.asarray(image) for image in resized])
    return rgb.astype(np.float32)
