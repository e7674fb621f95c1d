"""Differences between the images of a set."""

from __future__ import annotations

import numpy as np


def spread(images: np.ndarray) -> float:
    """Return the root mean square distance of images from their mean image.

    Args:
        images: Floats (n, height, width, channels).
    """
    return float(np.sqrt(images.reshape(len(images), -1).var(axis=0, dtype=np.float64).sum()))


def nearest_distances(images: np.ndarray) -> np.ndarray:
    """Return the distance of each image to the most similar other one, (n,).

    Args:
        images: Floats (n, height, width, channels), n at least 2.
    """
    rows = images.reshape(len(images), -1).astype(np.float64)
    squares = (rows**2).sum(axis=1)
    distances = squares[:, None] + squares - 2 * rows @ rows.T
    np.fill_diagonal(distances, np.inf)
    found: np.ndarray = np.sqrt(np.maximum(distances.min(axis=1), 0))
    return found
