"""Frechet distance between two sets of features, the formula of FID."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.feature_checks import check_pair

BLOCK = 2048  # rows at a time in float64


def frechet_distance(real_features: ArrayLike, fake_features: ArrayLike) -> float:
    """Computes the Frechet distance between normal distributions fitted to two sets of features.

        |mean_r - mean_f|^2 + tr(C_r) + tr(C_f) - 2 tr((C_r C_f)^(1/2))

    The last trace is the sum of the singular values of R_r R_f^T. Here C = R^T R, and R comes from a QR decomposition
    of the centred features. So the result is real and as precise as the features, also for singular covariances.

    The distance is FID only with the features of FID's Inception network. With another extractor, call it
    Frechet-EXTRACTOR. Few samples make it too large: compare sets of the same size, and use `kernel_distance` for fewer
    than a few thousand images.

    Args:
        real_features: Features of real images, shape (n, d), n at least 2.
        fake_features: Features of generated images, shape (m, d), m at least 2.

    Returns:
        The distance, at least 0. It is 0 for equal means and covariances.

    Raises:
        ValueError: If the features are not two finite arrays of equal width.

    Warns:
        KerasGANWarning: If a covariance is singular, for example if n is not larger than d.

    Example:
    ```python
    distance = keras_gan.metrics.frechet_distance(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Heusel et al., 2017, GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
        Equilibrium](https://arxiv.org/abs/1706.08500), equation 6.
    """
    real, fake = check_pair(real_features, fake_features, rows=2)
    mean_r, root_r = _mean_and_root(real)
    mean_f, root_f = _mean_and_root(fake)
    _warn_if_singular({"real_features": (real, root_r), "fake_features": (fake, root_f)})
    traces = np.sum(root_r**2) + np.sum(root_f**2)
    cross = np.linalg.svd(root_r @ root_f.T, compute_uv=False).sum()
    return max(0.0, float(np.sum((mean_r - mean_f) ** 2) + traces - 2 * cross))


def _mean_and_root(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Returns the mean, and R with R^T R = covariance. Reads the rows in blocks."""
    mean = features.mean(axis=0, dtype=np.float64)
    root: np.ndarray = np.empty((0, features.shape[1]))
    for start in range(0, len(features), BLOCK):
        rows = np.vstack([root, features[start : start + BLOCK] - mean])
        root = np.asarray(np.linalg.qr(rows, mode="r"))
    return mean, root / np.sqrt(len(features) - 1)


def _warn_if_singular(sets: dict[str, tuple[np.ndarray, np.ndarray]]) -> None:
    reasons = []
    for name, (features, root) in sets.items():
        n, d = features.shape
        if n <= d:
            reasons.append(f"`{name}` has {n} samples in {d} dimensions, too few for a regular covariance")
        elif np.abs(np.diag(root)).min() <= 1e-10 * np.abs(root).max():
            reasons.append(f"some columns of `{name}` are constant or depend on others")
    if reasons:
        warnings.warn(
            f"A covariance is singular: {'; '.join(reasons)}. The distance is correct for these samples, but few "
            "samples make it too large. keras_gan.metrics.kernel_distance has no such bias.",
            KerasGANWarning,
            stacklevel=3,
        )
