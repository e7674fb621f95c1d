"""Improved precision and recall of generated images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_pair
from keras_gan.metrics.neighbors.squared_distances import squared_distances, squared_radii


class PrecisionRecall(NamedTuple):
    """Share of generated images that are like real ones, and share of real images that are like generated ones."""

    precision: float
    recall: float


def precision_recall(real_features: ArrayLike, fake_features: ArrayLike, k: int = 3) -> PrecisionRecall:
    """Computes the precision (fidelity) and the recall (diversity) of generated images.

    Precision is the share of generated images inside the manifold of the real images. Recall is the share of real
    images inside the manifold of the generated images. The manifold of a set is a union of balls around its images.
    The radius of a ball is the distance of its centre to the k-th nearest neighbour in the set.

    Args:
        real_features: Features of real images, shape (n, d), n at least k + 1.
        fake_features: Features of generated images, shape (m, d), m at least k + 1.
        k: Number of the neighbour that defines the radius. Defaults to 3.

    Returns:
        Precision and recall, from 0 to 1.

    Raises:
        ValueError: If the features are not two finite arrays of equal width, with more than k rows.

    Example:
    ```python
    precision, recall = keras_gan.metrics.precision_recall(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Kynkaanniemi et al., 2019, Improved Precision and Recall Metric for Assessing Generative
        Models](https://arxiv.org/abs/1904.06991), section 2.
    """
    k = check_count(k, "k")
    real, fake = check_pair(real_features, fake_features, rows=k + 1)
    real_radii, fake_radii = squared_radii(real, k), squared_radii(fake, k)
    fake_inside, real_inside = np.zeros(len(fake), bool), np.zeros(len(real), bool)
    for rows, block in squared_distances(real, fake):
        fake_inside |= (block < real_radii[rows, None]).any(axis=0)
        real_inside[rows] = (block < fake_radii).any(axis=1)
    return PrecisionRecall(float(fake_inside.mean()), float(real_inside.mean()))
