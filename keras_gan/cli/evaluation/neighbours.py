"""Picture that shows whether a generator copies: generated images beside the most similar real ones."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gan.datasets.decoding.images import spread
from keras_gan.images import save_grid, to_float

ROWS = 6  # evenly spread images, and as many of those most similar to a real one
NEIGHBOURS = 7


def save_neighbours(
    path: Path, generated: np.ndarray, real: np.ndarray, rows: np.ndarray, distances: np.ndarray
) -> None:
    """Write a PNG with a generated image in each row, and the most similar real images to its right.

    Args:
        path: Path of the PNG.
        generated: Generated images, uint8 (n, height, width, channels).
        real: Real images, uint8 (m, height, width, channels).
        rows: Indices into `real` of the nearest images, nearest first, (n, k).
        distances: Distances to these images, (n, k).
    """
    first = spread(len(generated), ROWS)
    closest = np.argsort(distances[:, 0], kind="stable")[:ROWS]
    chosen = [*first, *closest]
    found = np.concatenate([np.concatenate([generated[i : i + 1], real[rows[i]]]) for i in chosen])
    titles = [*(f"image {i}" for i in first), *(f"closest: {i}" for i in closest)]
    save_grid(path, to_float(found), rows.shape[1] + 1, row_titles=titles)
