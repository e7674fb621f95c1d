"""Retrieval accuracy: does a translated image find its true partner among all of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_pair

BLOCK = 1024  # queries at a time
TIE = 1e-12  # cosines nearer than this are equal


def retrieval_accuracy(queries: ArrayLike, gallery: ArrayLike, top: Sequence[int] = (1, 5)) -> dict[int, float]:
    """Measure how often the true partner of a query is among the nearest of the gallery.

    The partner of row i of `queries` is row i of `gallery`; near means a large cosine of the angle. A tie counts
    against the query: what cannot tell the partner from another has not found it.

    Args:
        queries: The features of the translated images, shape (n, d).
        gallery: The features of the true ones in the same order, shape (m, d), m at least n; rows past n are
            distractors.
        top: The numbers of nearest rows to look at, each from 1 to m. Defaults to (1, 5).

    Returns:
        The share of queries for each number of `top`, from 0 to 1. Guessing gives number / m.

    Raises:
        ValueError: If the features are not two finite arrays of one width, or `top` is out of range.

    Example:
    ```python
    shares = keras_gan.metrics.retrieval_accuracy(extractor.features(translated), extractor.features(true))
    print(f"top-1 {shares[1]:.0%}, top-5 {shares[5]:.0%}")
    ```
    """
    rows, others = checked_pair(queries, gallery, ("queries", "gallery"))
    if len(others) < len(rows):
        raise ValueError(
            "Expected a row of `gallery` for each of `queries`, the partner in the same place. "
            f"Received: {len(rows)} queries and a gallery of {len(others)}"
        )
    numbers = [checked_count(number, "top") for number in top]
    if not numbers or max(numbers) > len(others):
        raise ValueError(f"Each of `top` must be from 1 to the gallery's {len(others)} rows. Received: top={top}")
    others = _directions(others)
    ahead = np.empty(len(rows), int)
    for start in range(0, len(rows), BLOCK):
        cosines = _directions(rows[start : start + BLOCK]) @ others.T
        own = np.arange(len(cosines))
        partner = cosines[own, start + own]
        ahead[start : start + BLOCK] = np.count_nonzero(cosines >= partner[:, None] - TIE, axis=1) - 1
    return {number: float(np.mean(ahead < number)) for number in numbers}


def _directions(rows: np.ndarray) -> np.ndarray:
    """Each row divided by its length; a row of zeros stays, at a cosine of 0 with all."""
    rows = rows.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
