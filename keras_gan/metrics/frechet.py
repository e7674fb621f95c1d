"""Frechet distance between two sets of features: the formula of FID."""

from __future__ import annotations

import warnings

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.feature_checks import checked_pair

BLOCK = 2048  # rows at a time in float64


def frechet_distance(real_features: ArrayLike, fake_features: ArrayLike) -> float:
    """Measure how far the normal distributions fitted to two sets of features are apart.

        |mean_r - mean_f|^2 + tr(C_r) + tr(C_f) - 2 tr((C_r C_f)^(1/2))

    The last trace is the sum of the singular values of R_r R_f^T, where C = R^T R comes from a QR decomposition of the
    centred features. No covariance matrix is squared and no complex square root taken, so the answer is real, and as
    precise as the features, where the covariances are singular too.

    It is FID only with the features of FID's Inception network; with others call it Frechet-(the extractor's name).
    It is biased upwards by few samples: compare sets of one size, and prefer `kernel_distance` below a few thousand.

    Args:
        real_features: Shape (n, d), n at least 2.
        fake_features: Shape (m, d), m at least 2.

    Returns:
        The distance, at least 0; 0 for two sets of one mean and covariance.

    Raises:
        ValueError: If the features are not two finite arrays of one width.

    Warns:
        KerasGANWarning: If a covariance is singular, as it is with no more samples than dimensions.

    Example:
    ```python
    distance = keras_gan.metrics.frechet_distance(extractor.features(real), extractor.features(fake))
    ```

    Reference:
        [Heusel et al., 2017, GANs Trained by a Two Time-Scale Update Rule Converge to a Local Nash
        Equilibrium](https://arxiv.org/abs/1706.08500), equation 6.
    """
    real, fake = checked_pair(real_features, fake_features, rows=2)
    mean_r, root_r = _mean_and_root(real)
    mean_f, root_f = _mean_and_root(fake)
    _warn_if_singular({"real_features": (real, root_r), "fake_features": (fake, root_f)})
    traces = np.sum(root_r**2) + np.sum(root_f**2)
    cross = np.linalg.svd(root_r @ root_f.T, compute_uv=False).sum()
    return max(0.0, float(np.sum((mean_r - mean_f) ** 2) + traces - 2 * cross))


def _mean_and_root(features: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The mean, and R with R^T R the covariance, from the rows a block at a time."""
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
            reasons.append(f"`{name}` has {n} samples in {d} dimensions, fewer than a covariance needs")
        elif np.abs(np.diag(root)).min() <= 1e-10 * np.abs(root).max():
            reasons.append(f"some columns of `{name}` are constant, or follow from others")
    if reasons:
        warnings.warn(
            f"A covariance is singular: {'; '.join(reasons)}. The distance is right for these samples; few samples "
            "make it large whatever they show, and keras_gan.metrics.kernel_distance does not mind how many there are.",
            KerasGANWarning,
            stacklevel=3,
        )
