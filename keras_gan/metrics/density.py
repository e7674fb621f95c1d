"""Density and coverage of a generator: precision and recall that one stray image does not change."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_pair
from keras_gan.metrics.neighbours import squared_distances, squared_radii


class DensityCoverage(NamedTuple):
    """How densely real points surround the fakes, and the share of real points with a fake nearby."""

    density: float
    coverage: float


def density_coverage(real_features: ArrayLike, fake_features: ArrayLike, k: int = 5) -> DensityCoverage:
    """Measure how densely real points surround the fakes, and how many real points have a fake nearby.

    Near a real point means nearer than its k-th neighbour among the real ones.

    Args:
        real_features: Shape (n, d), n at least k + 1.
        fake_features: Shape (m, d), m at least 1.
        k: Which neighbour gives the radius. Defaults to 5.

    Returns:
        Density, at least 0 and about 1 for one distribution, and coverage, from 0 to 1.

    Raises:
        ValueError: If the features are not two finite arrays of one width, with more than k real rows.

    Example:
    ```python
    density, coverage = keras_gan.metrics.density_coverage(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Naeem et al., 2020, Reliable Fidelity and Diversity Metrics for Generative
        Models](https://arxiv.org/abs/2002.09797), section 3.
    """
    k = checked_count(k, "k")
    real, fake = checked_pair(real_features, fake_features)
    if len(real) <= k:
        raise ValueError(f"Expected at least k + 1 = {k + 1} rows in `real_features`. Received: {len(real)}")
    radii = squared_radii(real, k)
    neighbours, covered = 0, np.zeros(len(real), bool)
    for rows, block in squared_distances(real, fake):
        near = block < radii[rows, None]
        neighbours += int(np.count_nonzero(near))
        covered[rows] = near.any(axis=1)
    return DensityCoverage(neighbours / (k * len(fake)), float(covered.mean()))
