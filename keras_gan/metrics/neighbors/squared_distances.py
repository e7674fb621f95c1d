"""Distances between many points, computed in blocks of bounded memory."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

ENTRIES = 2**21  # distances in a block, which takes 16 MB
COLUMNS = 1024  # points that are converted to float64 at once
SAME = 1e-12  # relative to the squared lengths, a smaller squared distance is a rounding error and counts as 0


def squared_distances(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Computes the squared distances between all rows of `x` and of `y`.

    Args:
        x: Points, shape (n, d).
        y: Points, shape (m, d).

    Yields:
        A slice of the rows of `x`, and their squared Euclidean distances to all rows of `y`, float64 (rows, m).
    """
    lengths = np.einsum("id,id->i", y, y, dtype=np.float64)
    step = max(1, ENTRIES // len(y))
    for start in range(0, len(x), step):
        rows = x[start : start + step].astype(np.float64)
        own = np.einsum("id,id->i", rows, rows)[:, None]
        block = np.empty((len(rows), len(y)))
        for j in range(0, len(y), COLUMNS):
            columns = slice(j, j + COLUMNS)
            scale = own + lengths[columns]
            squared = scale - 2 * (rows @ y[columns].astype(np.float64).T)
            block[:, columns] = np.where(squared > SAME * scale, squared, 0)
        yield slice(start, start + len(rows)), block


def squared_radii(x: np.ndarray, k: int) -> np.ndarray:
    """Computes the squared distance of each point to its k-th nearest neighbour among the other points.

    Args:
        x: Points, shape (n, d), n at least k + 1.
        k: Number of the neighbour, at least 1.

    Returns:
        Squared distances, float64 (n,).
    """
    radii = np.empty(len(x))
    for rows, block in squared_distances(x, x):
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = 0
        radii[rows] = np.partition(block, k, axis=1)[:, k]
    return radii
