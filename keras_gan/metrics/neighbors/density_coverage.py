"""Density and coverage, variants of precision and recall that are robust to outliers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_pair
from keras_gan.metrics.neighbors.squared_distances import squared_distances, squared_radii


class DensityCoverage(NamedTuple):
    """Density of the real images around generated ones, and share of real images with a generated one nearby."""

    density: float
    coverage: float


def density_coverage(real_features: ArrayLike, fake_features: ArrayLike, k: int = 5) -> DensityCoverage:
    """Computes the density and the coverage of generated images.

    Density measures fidelity: how many real images are near each generated image. Coverage measures diversity: the
    share of real images that have a generated image nearby. Near a real image means nearer than its k-th nearest
    neighbour among the real images.

    Args:
        real_features: Features of real images, shape (n, d), n at least k + 1.
        fake_features: Features of generated images, shape (m, d), m at least 1.
        k: Number of the neighbour that defines the radius. Defaults to 5.

    Returns:
        The density, at least 0 and about 1 for equal distributions, and the coverage, from 0 to 1.

    Raises:
        ValueError: If the features are not two finite arrays of equal width, with more than k real rows.

    Example:
    ```python
    density, coverage = keras_gan.metrics.density_coverage(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Naeem et al., 2020, Reliable Fidelity and Diversity Metrics for Generative
        Models](https://arxiv.org/abs/2002.09797), section 3.
    """
    k = check_count(k, "k")
    real, fake = check_pair(real_features, fake_features)
    if len(real) <= k:
        raise ValueError(f"Expected at least k + 1 = {k + 1} rows in `real_features`. Received: {len(real)}")
    radii = squared_radii(real, k)
    neighbours, covered = 0, np.zeros(len(real), bool)
    for rows, block in squared_distances(real, fake):
        near = block < radii[rows, None]
        neighbours += int(np.count_nonzero(near))
        covered[rows] = near.any(axis=1)
    return DensityCoverage(neighbours / (k * len(fake)), float(covered.mean()))
