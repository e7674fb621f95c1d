"""The picture that tells whether a generator copies: drawn images beside the real ones most like them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gan.datasets.decoding.images import spread
from keras_gan.images import save_grid, to_float

# Rows of images from all over, rows of those nearest to a real one, and how many real ones stand beside each.
ROWS, SHOWN = 6, 7


def save_neighbours(path: Path, drawn: np.ndarray, real: np.ndarray, rows: np.ndarray, distances: np.ndarray) -> None:
    """Write a PNG: in each row a drawn image, and right of it the real ones most like it.

    Args:
        path: Where.
        drawn: uint8 (n, height, width, channels).
        real: uint8, of the same shape each.
        rows: Which of `real` are nearest to each of `drawn`, nearest first, (n, k).
        distances: How far they are, (n, k).
    """
    first = spread(len(drawn), ROWS)
    closest = np.argsort(distances[:, 0], kind="stable")[:ROWS]
    chosen = [*first, *closest]
    found = np.concatenate([np.concatenate([drawn[i : i + 1], real[rows[i]]]) for i in chosen])
    titles = [*(f"drawn {i}" for i in first), *(f"closest: {i}" for i in closest)]
    save_grid(path, to_float(found), rows.shape[1] + 1, row_titles=titles)
