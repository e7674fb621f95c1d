"""Directions in latent space along which images change in a meaningful way."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True)
class Directions:
    """Unit vectors of the latent space, sorted by how much they change images, the strongest first.

    The sign of a vector has no meaning. It is chosen so that the entry with the largest absolute value is positive.

    Args:
        vectors: Float32 array (n, latent_dim), each row of length 1.
        shares: Float64 array (n,), from 0 to 1: the fraction of all change along each vector, as its method measures
            it.
    """

    vectors: np.ndarray
    shares: np.ndarray

    def __len__(self) -> int:
        return len(self.vectors)


def sefa(weights: ArrayLike, count: int = 16) -> Directions:
    """Finds the directions that a generator's first layer amplifies most, and returns them, orthogonal to each other.

    Moving z by n adds A n to the output of the first layer. ||A n||^2 is largest for the eigenvectors of A^T A. This
    needs no images and no samples. A share is the eigenvalue divided by the sum of all eigenvalues.

    Args:
        weights: Kernel of the first layer in Keras's layout, A transposed: (latent_dim, units).
        count: Largest number of directions, at least 1. Defaults to 16.

    Raises:
        ValueError: If `weights` is not a finite matrix, or `count` is below 1.

    Example:
    ```python
    directions = keras_gan.latent.sefa(dense.kernel.numpy())
    ```

    Reference:
        [Shen & Zhou, 2021, Closed-Form Factorization of Latent Semantics in GANs](https://arxiv.org/abs/2007.06600),
        equation 6.
    """
    kernel = _matrix(weights, "weights")
    _check_count(count)
    values, vectors = _leading(kernel @ kernel.T, count)
    return _directions(vectors.T, values / max(np.square(kernel).sum(), np.finfo(float).tiny))


def pca(z: ArrayLike, features: ArrayLike, count: int = 16) -> Directions:
    """Finds the directions along which a layer's features vary most, and returns them.

    Least squares maps the principal components of the features back to z: a direction is the mean change of z along one
    component. A share is the component's fraction of the variance of the features.

    Args:
        z: Latent vectors sampled from the prior, (n, latent_dim).
        features: Output of a layer for these z, (n, ...). It is flattened.
        count: Largest number of directions, at least 1. There are never more than latent_dim. Defaults to 16.

    Raises:
        ValueError: If the arguments are not finite or do not fit each other, or `count` is below 1.

    Example:
    ```python
    z = keras_gan.latent.sample(1024, latent_dim=128)
    directions = keras_gan.latent.pca(z, first_layers.predict(z))
    ```

    Reference:
        [Harkonen et al., 2020, GANSpace: Discovering Interpretable GAN Controls](https://arxiv.org/abs/2004.02546),
        section 2.1, equation 2.
    """
    points = _matrix(z, "z")
    values = np.asarray(features)
    observed = _matrix(values.reshape(len(values), -1) if values.ndim > 1 else values, "features")
    _check_count(count)
    if len(points) != len(observed) or len(points) < 2:
        raise ValueError(
            "`z` and `features` must have the same number of rows, at least 2. "
            f"Received: {len(points)} and {len(observed)} rows"
        )
    count = min(count, points.shape[1])
    points -= points.mean(0)
    observed -= observed.mean(0)
    total = max(np.square(observed).sum(), np.finfo(float).tiny)
    # Both products have the same eigenvalues other than 0, so take the smaller one.
    if len(observed) < observed.shape[1]:
        variances, vectors = _leading(observed @ observed.T, count)
        coordinates = vectors * np.sqrt(variances)
    else:
        variances, vectors = _leading(observed.T @ observed, count)
        coordinates = observed @ vectors
    # The coordinates are orthogonal, so the regressions are independent.
    return _directions((coordinates / variances).T @ points, variances / total)


def attribute(z: ArrayLike, present: ArrayLike, method: str = "means") -> np.ndarray:
    """Finds the direction from images without an attribute to images with it.

    Args:
        z: Latent vectors of labelled examples, (n, latent_dim).
        present: Booleans (n,): `True` if the image of this z has the attribute. Both values must occur.
        method: `"means"`, the difference of the two means, or `"discriminant"`, Fisher's linear discriminant. The
            latter separates best if both groups are normal with the same covariance. It needs far more examples than
            dimensions. Defaults to `"means"`.

    Returns:
        A float32 array (latent_dim,) of length 1.

    Raises:
        ValueError: If an argument is out of range, one group is empty, or both have the same mean.

    Example:
    ```python
    smile = keras_gan.latent.attribute(z, present=smiling)
    images = gan.predict(z[:1] + np.linspace(-3, 3, 9)[:, None] * smile)  # from frown to smile
    ```

    Reference:
        - [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 6.3.2, for the means.
        - [Fisher, 1936](https://doi.org/10.1111/j.1469-1809.1936.tb02137.x), for the discriminant.
        - [Shen et al., 2020, InterFaceGAN](https://arxiv.org/abs/1907.10786), section 2.1, which uses a linear SVM.
    """
    points = _matrix(z, "z")
    which = np.asarray(present)
    if which.dtype != bool or which.shape != (len(points),):
        raise ValueError(
            f"`present` must be {len(points)} booleans. Received: dtype {which.dtype}, shape {which.shape}"
        )
    if method not in ("means", "discriminant"):
        raise ValueError(f'`method` must be "means" or "discriminant". Received: method={method!r}')
    if which.all() or not which.any():
        raise ValueError(
            f"`present` must be true of some and false of others. Received: {which.sum()} true of {len(which)}"
        )
    means = points[which].mean(0), points[~which].mean(0)
    direction = means[0] - means[1]
    if method == "discriminant":
        within = np.concatenate([points[which] - means[0], points[~which] - means[1]])
        if len(within) < points.shape[1] + 2:
            raise ValueError(
                f'`method="discriminant"` needs more examples than dimensions, {points.shape[1] + 2} at least. '
                f"Received: {len(points)}"
            )
        direction = np.linalg.lstsq(within.T @ within, direction, rcond=None)[0]
    length = np.linalg.norm(direction)
    if not length > 0:
        raise ValueError("The examples with the attribute and those without must differ. Received: the same mean z")
    unit: np.ndarray = (direction / length).astype(np.float32)
    return unit


def _leading(symmetric: np.ndarray, count: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns the largest eigenvalues of a positive matrix that exceed rounding errors, and their eigenvectors."""
    values, vectors = np.linalg.eigh(symmetric)
    values, vectors = values[::-1][:count], vectors[:, ::-1][:, :count]
    real = values > len(symmetric) * np.finfo(float).eps * max(values[0], 0)
    return values[real], vectors[:, real]


def _directions(rows: np.ndarray, shares: np.ndarray) -> Directions:
    lengths = np.linalg.norm(rows, axis=1)
    rows, shares = rows[lengths > 0] / lengths[lengths > 0, None], shares[lengths > 0]
    largest = np.take_along_axis(rows, np.abs(rows).argmax(1)[:, None], 1)
    return Directions((rows * np.sign(largest)).astype(np.float32), shares)


def _matrix(values: ArrayLike, name: str) -> np.ndarray:
    matrix = np.asarray(values)
    if matrix.ndim != 2 or 0 in matrix.shape or matrix.dtype.kind not in "fiu":
        raise ValueError(f"`{name}` must be a matrix of real numbers. Received: {matrix.dtype}, shape {matrix.shape}")
    if not np.isfinite(matrix).all():
        raise ValueError(f"`{name}` must be finite. Received: NaN or infinity")
    return matrix.astype(np.float64)


def _check_count(count: int) -> None:
    if count < 1:
        raise ValueError(f"`count` must be at least 1. Received: count={count}")
