"""Sliced Wasserstein distance between two sets of features."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_pair

BLOCK = 64  # directions at a time


def sliced_wasserstein(
    real_features: ArrayLike, fake_features: ArrayLike, projections: int = 512, p: int = 2, seed: int = 0
) -> float:
    """Computes the mean Wasserstein distance of the projections of two sets on random directions.

        (E_u W_p(u.real, u.fake)^p)^(1/p), u uniform on the unit sphere

    In one dimension the Wasserstein distance is that of the sorted points. So this metric assumes no normal
    distribution, as the Frechet distance does, and no kernel. It is above 0 for two finite sets of the same
    distribution: compare sets of the same size.

    Args:
        real_features: Features of real images, shape (n, d).
        fake_features: Features of generated images, shape (m, d).
        projections: Number of random directions. Defaults to 512.
        p: Power of the distance, an integer of at least 1. Defaults to 2.
        seed: Seed of the directions. Defaults to 0.

    Returns:
        The distance, at least 0, in the units of the features.

    Raises:
        ValueError: If the features are not two finite arrays of equal width, or another argument is out of range.

    Example:
    ```python
    distance = keras_gan.metrics.sliced_wasserstein(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Bonneel et al., 2015, Sliced and Radon Wasserstein Barycenters of Measures](https://hal.science/hal-00881872).
    """
    projections, p = check_count(projections, "projections"), check_count(p, "p")
    real, fake = check_pair(real_features, fake_features)
    random = np.random.RandomState(check_count(seed, "seed", 0))  # its numbers never change between versions of NumPy
    directions = random.standard_normal((projections, real.shape[1]))
    directions /= np.linalg.norm(directions, axis=1, keepdims=True)
    costs = [_costs(real, fake, directions[i : i + BLOCK].T, p) for i in range(0, projections, BLOCK)]
    return float(np.concatenate(costs).mean() ** (1 / p))


def _costs(real: np.ndarray, fake: np.ndarray, directions: np.ndarray, p: int) -> np.ndarray:
    """Returns W_p^p along each column of `directions`."""
    x, y = np.sort(real @ directions, axis=0), np.sort(fake @ directions, axis=0)
    # Between two consecutive jumps both quantile functions are constant.
    jumps = np.union1d(np.arange(1, len(x) + 1) * len(y), np.arange(1, len(y) + 1) * len(x))
    starts = np.concatenate([[0], jumps[:-1]])
    weights = (jumps - starts) / (len(x) * len(y))
    return weights @ np.abs(x[starts // len(y)] - y[starts // len(x)]) ** p
