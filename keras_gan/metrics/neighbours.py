"""Distances between many points, a block at a time."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

ENTRIES = 2**21  # distances in a block: 16 MB
COLUMNS = 1024  # points at a time in float64
SAME = 1e-12  # a squared distance below this share of the squared lengths is rounding: the points are one


def squared_distances(x: np.ndarray, y: np.ndarray) -> Iterator[tuple[slice, np.ndarray]]:
    """Compare all rows of `x` with all rows of `y`.

    Args:
        x: Shape (n, d).
        y: Shape (m, d).

    Yields:
        Which rows of `x`, and their squared Euclidean distances to all of `y`, float64 (rows, m).
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
    """Measure how far the k-th nearest of the other points is from each point.

    Args:
        x: Shape (n, d), n at least k + 1.
        k: Which neighbour, at least 1.

    Returns:
        Squared distances, float64 (n,).
    """
    radii = np.empty(len(x))
    for rows, block in squared_distances(x, x):
        block[np.arange(len(block)), np.arange(rows.start, rows.stop)] = 0
        radii[rows] = np.partition(block, k, axis=1)[:, k]
    return radii
