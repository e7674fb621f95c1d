"""Precision and recall of a generator: are its images like real ones, and does it draw all kinds of them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_pair
from keras_gan.metrics.neighbours import squared_distances, squared_radii


class PrecisionRecall(NamedTuple):
    """The share of fakes among the real ones, and the share of real ones among the fakes."""

    precision: float
    recall: float


def precision_recall(real_features: ArrayLike, fake_features: ArrayLike, k: int = 3) -> PrecisionRecall:
    """Measure how many fakes lie among the real points, and how many real points among the fakes.

    A point lies among a set if it is nearer to one of the set's points than that one's k-th neighbour within the set.

    Args:
        real_features: Shape (n, d), n at least k + 1.
        fake_features: Shape (m, d), m at least k + 1.
        k: Which neighbour gives the radius. Defaults to 3.

    Returns:
        Precision and recall, from 0 to 1.

    Raises:
        ValueError: If the features are not two finite arrays of one width with more than k rows.

    Example:
    ```python
    precision, recall = keras_gan.metrics.precision_recall(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Kynkaanniemi et al., 2019, Improved Precision and Recall Metric for Assessing Generative
        Models](https://arxiv.org/abs/1904.06991), section 2.
    """
    k = checked_count(k, "k")
    real, fake = checked_pair(real_features, fake_features, rows=k + 1)
    real_radii, fake_radii = squared_radii(real, k), squared_radii(fake, k)
    fake_inside, real_inside = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for rows, block in squared_distances(real, fake):
        fake_inside |= (block < real_radii[rows, None]).any(axis=0)
        real_inside[rows] = (block < fake_radii).any(axis=1)
    return PrecisionRecall(float(fake_inside.mean()), float(real_inside.mean()))
