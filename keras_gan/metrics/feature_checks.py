"""Catching features of the wrong shape or with NaN before they become a number that looks like a score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def checked_features(features: ArrayLike, name: str, rows: int = 1) -> np.ndarray:
    """See that `features` is what a metric can be computed from.

    Args:
        features: One row of features an image, shape (n, d).
        name: What the caller calls them.
        rows: How many rows are needed. Defaults to 1.

    Returns:
        The same rows: float32 as they are (a metric converts a block at a time), anything else as float64.

    Raises:
        ValueError: If they have another shape, fewer rows, or values that are not finite.
    """
    array = np.asarray(features)
    if array.ndim != 2 or array.shape[1] == 0 or array.dtype.kind not in "fiub":
        raise ValueError(
            f"Expected `{name}` as real numbers of shape (n, d), a row an image. "
            f"Received: {array.dtype} of shape {array.shape}"
        )
    if len(array) < rows:
        raise ValueError(f"Expected at least {rows} rows in `{name}`. Received: {len(array)}")
    if not np.isfinite(array).all():
        broken = np.flatnonzero(~np.isfinite(array).all(axis=1))
        raise ValueError(
            f"Expected finite `{name}`. Received: NaN or infinity in {len(broken)} of {len(array)} rows, "
            f"the first of them row {broken[0]}"
        )
    return array if array.dtype == np.float32 else array.astype(np.float64, copy=False)


def checked_pair(
    first: ArrayLike, second: ArrayLike, names: tuple[str, str] = ("real_features", "fake_features"), rows: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """See that two sets of features can be compared.

    Args:
        first: Shape (n, d).
        second: Shape (m, d).
        names: What the caller calls them. Defaults to ("real_features", "fake_features").
        rows: How many rows each needs. Defaults to 1.

    Returns:
        Both, each as `checked_features` returns it.

    Raises:
        ValueError: If one is not as it should be, or their widths differ.
    """
    a, b = checked_features(first, names[0], rows), checked_features(second, names[1], rows)
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"Expected `{names[0]}` and `{names[1]}` of one extractor, with rows of one length. "
            f"Received: shapes {a.shape} and {b.shape}"
        )
    return a, b


def checked_count(value: int, name: str, least: int = 1) -> int:
    """See that `value` is a whole number of at least `least`.

    Args:
        value: The number.
        name: What the caller calls it.
        least: The smallest that makes sense. Defaults to 1.

    Returns:
        `value` as an int.

    Raises:
        ValueError: If it is anything else.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"`{name}` must be an integer of at least {least}. Received: {name}={value!r}")
    return int(value)
