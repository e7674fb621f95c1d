"""Sliced Wasserstein distance: how far two clouds of points are apart, seen from random directions."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_pair

BLOCK = 64  # directions at a time


def sliced_wasserstein(
    real_features: ArrayLike, fake_features: ArrayLike, projections: int = 512, p: int = 2, seed: int = 0
) -> float:
    """Project both sets on random directions, and average the Wasserstein distances of the shadows.

        (E_u W_p(u.real, u.fake)^p)^(1/p), u uniform on the unit sphere

    In one dimension the distance is that of the sorted points, so no normal distribution is assumed, as the Frechet
    distance does, and no kernel. It does not go to 0 for two finite sets of one distribution: compare sets of one size.

    Args:
        real_features: Shape (n, d).
        fake_features: Shape (m, d).
        projections: How many directions. Defaults to 512.
        p: The power, at least 1. Defaults to 2.
        seed: What the directions depend on. Defaults to 0.

    Returns:
        The distance, at least 0, in the units of the features.

    Raises:
        ValueError: If the features are not two finite arrays of one width, or another argument is out of range.

    Example:
    ```python
    distance = keras_gan.metrics.sliced_wasserstein(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Bonneel et al., 2015, Sliced and Radon Wasserstein Barycenters of Measures](https://hal.science/hal-00881872).
    """
    projections, p = checked_count(projections, "projections"), checked_count(p, "p")
    real, fake = checked_pair(real_features, fake_features)
    random = np.random.RandomState(checked_count(seed, "seed", 0))  # frozen, as in kernel.py
    directions = random.standard_normal((projections, real.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    costs = [_costs(real, fake, directions[i : i + BLOCK].T, p) for i in range(0, projections, BLOCK)]
    return float(np.concatenate(costs).mean() ** (1 / p))


def _costs(real: np.ndarray, fake: np.ndarray, directions: np.ndarray, p: int) -> np.ndarray:
    """W_p^p along each of the columns of `directions`."""
    x, y = np.sort(real @ directions, axis=0), np.sort(fake @ directions, axis=0)
    # Between two jumps of either's quantile function both are constant.
    jumps = np.union1d(np.arange(1, len(x) + 1) * len(y), np.arange(1, len(y) + 1) * len(x))
    starts = np.concatenate([[0], jumps[:-1]])
    weights = (jumps - starts) / (len(x) * len(y))
    return weights @ np.abs(x[starts // len(y)] - y[starts // len(x)]) ** p
