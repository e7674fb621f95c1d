"""Checks of features, so that NaN or a wrong shape raises instead of giving a wrong score."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def check_features(features: ArrayLike, name: str, rows: int = 1) -> np.ndarray:
    """Returns `features` as an array, or raises if no metric can be computed from them.

    Args:
        features: Features with one row an image, shape (n, d).
        name: Name of the argument in messages.
        rows: Smallest number of rows. Defaults to 1.

    Returns:
        The features: float32 unchanged, as a metric converts them block by block, and other types as float64.

    Raises:
        ValueError: If the features have another shape, fewer rows, or values that are not finite.
    """
    array = np.asarray(features)
    if array.ndim != 2 or array.shape[1] == 0 or array.dtype.kind not in "fiub":
        raise ValueError(
            f"Expected `{name}` as real numbers of shape (n, d), one row an image. "
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


def check_pair(
    first: ArrayLike, second: ArrayLike, names: tuple[str, str] = ("real_features", "fake_features"), rows: int = 1
) -> tuple[np.ndarray, np.ndarray]:
    """Returns two sets of features as arrays, or raises if they cannot be compared.

    Args:
        first: Features, shape (n, d).
        second: Features, shape (m, d).
        names: Names of the two arguments in messages. Defaults to ("real_features", "fake_features").
        rows: Smallest number of rows of each. Defaults to 1.

    Returns:
        Both arrays, each as `check_features` returns it.

    Raises:
        ValueError: If no metric can be computed from one of them, or their rows differ in length.
    """
    a, b = check_features(first, names[0], rows), check_features(second, names[1], rows)
    if a.shape[1] != b.shape[1]:
        raise ValueError(
            f"Expected `{names[0]}` and `{names[1]}` of the same extractor, with equally long rows. "
            f"Received: shapes {a.shape} and {b.shape}"
        )
    return a, b


def check_count(value: int, name: str, least: int = 1) -> int:
    """Returns `value` as an int, or raises if it is not an integer of at least `least`.

    Args:
        value: Number to check.
        name: Name of the argument in messages.
        least: Smallest allowed value. Defaults to 1.

    Raises:
        ValueError: If `value` is not such an integer.
    """
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < least:
        raise ValueError(f"`{name}` must be an integer of at least {least}. Received: {name}={value!r}")
    return int(value)
