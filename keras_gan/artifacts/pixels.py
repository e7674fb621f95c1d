"""Conversion of pixel values between dtypes."""

from __future__ import annotations

import numpy as np


def as_float(images: np.ndarray, image_range: tuple[float, float]) -> np.ndarray:
    """Converts uint8 images to floats in `image_range`; returns floats unchanged."""
    if images.dtype != np.uint8:
        return images
    low, high = image_range
    return images.astype(np.float32) / np.float32(255 / (high - low)) + np.float32(low)
