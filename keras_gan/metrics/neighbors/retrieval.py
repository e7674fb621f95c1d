"""Retrieval accuracy of translated images."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_pair

BLOCK = 1024  # queries that are compared at once
TIE = 1e-12  # cosines that differ by less are equal


def retrieval_accuracy(queries: ArrayLike, gallery: ArrayLike, top: Sequence[int] = (1, 5)) -> dict[int, float]:
    """Computes how often the true partner of a query is among its nearest images in the gallery.

    The partner of row i of `queries` is row i of `gallery`. Images are ordered by cosine similarity. A tie between the
    partner and another image counts against the query.

    Args:
        queries: Features of the translated images, shape (n, d).
        gallery: Features of the true images in the same order, shape (m, d), m at least n. Rows from n on are
            distractors.
        top: Numbers of nearest images to consider, each from 1 to m. Defaults to (1, 5).

    Returns:
        The share of queries for each number of `top`, from 0 to 1. A random order gives number / m.

    Raises:
        ValueError: If the features are not two finite arrays of equal width, or `top` is out of range.

    Example:
    ```python
    shares = keras_gan.metrics.retrieval_accuracy(extractor.features(translated), extractor.features(true))
    print(f"top-1 {shares[1]:.0%}, top-5 {shares[5]:.0%}")
    ```
    """
    rows, others = check_pair(queries, gallery, ("queries", "gallery"))
    if len(others) < len(rows):
        raise ValueError(
            "Expected at least as many rows in `gallery` as in `queries`, with each partner in the same row. "
            f"Received: {len(rows)} queries and a gallery of {len(others)}"
        )
    numbers = [check_count(number, "top") for number in top]
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
    """Returns each row divided by its length. A row of zeros stays, so that its cosines are 0."""
    rows = rows.astype(np.float64)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
