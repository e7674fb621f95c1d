"""Paths in latent space: along a dimension or a direction, and between two points."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def walk_dimension(z: ArrayLike, dimension: int, steps: int = 9, span: float = 3.0) -> np.ndarray:
    """Moves one dimension of `z` in equal steps from `-span` to `span`, and keeps the others fixed.

    The images of the rows show what this dimension means to the generator.

    Args:
        z: Starting point, shape (latent_dim,).
        dimension: Index of the dimension, from 0 to latent_dim - 1.
        steps: Number of points, at least 2. Defaults to 9.
        span: Largest value, in standard deviations of the prior. Defaults to 3.0.

    Returns:
        A float32 array of shape (steps, latent_dim).

    Raises:
        ValueError: If an argument is out of range.

    Example:
    ```python
    z = keras_gan.latent.sample(1, gan.latent_dim, seed=7)[0]
    images = gan.predict(keras_gan.latent.walk_dimension(z, dimension=3))
    ```
    """
    start = np.asarray(z, np.float32)
    if start.ndim != 1:
        raise ValueError(f"`z` must be one latent vector of shape (latent_dim,). Received: shape {start.shape}")
    if not 0 <= dimension < start.size:
        raise ValueError(f"`dimension` must be from 0 to {start.size - 1}. Received: dimension={dimension}")
    _check_steps(steps)
    path = np.repeat(start[None], steps, axis=0)
    path[:, dimension] = np.linspace(-span, span, steps)
    return path


def walk_direction(z: ArrayLike, direction: ArrayLike, steps: int = 9, span: float = 3.0) -> np.ndarray:
    """Adds a multiple of a direction to `z`, in equal steps from `-span` to `span`.

    Args:
        z: Point in the middle, shape (latent_dim,).
        direction: Vector of shape (latent_dim,), such as a row of `sefa(...).vectors`.
        steps: Number of points, at least 2. Defaults to 9.
        span: Largest multiple. Of a unit vector it is in standard deviations of the prior. Defaults to 3.0.

    Returns:
        A float32 array of shape (steps, latent_dim).

    Raises:
        ValueError: If the shapes differ or `steps` is below 2.

    Example:
    ```python
    sefa = keras_gan.latent.load_directions("exported/digits/1")["sefa"]
    images = artifact(keras_gan.latent.walk_direction(z[0], sefa.vectors[0]))
    ```
    """
    start, vector = np.asarray(z, np.float64), np.asarray(direction, np.float64)
    if start.ndim != 1 or start.shape != vector.shape:
        raise ValueError(
            "`z` and `direction` must be latent vectors of one shape (latent_dim,). "
            f"Received: shapes {start.shape} and {vector.shape}"
        )
    _check_steps(steps)
    return (start + np.linspace(-span, span, steps)[:, None] * vector).astype(np.float32)


def lerp(start: ArrayLike, end: ArrayLike, steps: int = 9) -> np.ndarray:
    """Interpolates from `start` to `end` in a straight line.

    In many dimensions, points in the middle of the line are nearer to the origin than samples of a normal prior are.
    Use `slerp` to keep the distance.

    Args:
        start: First point, shape (latent_dim,).
        end: Last point, shape (latent_dim,).
        steps: Number of points including both ends, at least 2. Defaults to 9.

    Returns:
        A float32 array of shape (steps, latent_dim).

    Raises:
        ValueError: If the shapes differ or `steps` is below 2.

    Example:
    ```python
    path = keras_gan.latent.lerp(z[0], z[1], steps=8)
    ```
    """
    a, b = _check_ends(start, end, steps)
    t = np.linspace(0.0, 1.0, steps)[:, None]
    return ((1 - t) * a + t * b).astype(np.float32)


def slerp(start: ArrayLike, end: ArrayLike, steps: int = 9) -> np.ndarray:
    """Interpolates from `start` to `end` along the arc between their directions. The length changes linearly.

    If both have the same or opposite directions, there is no single arc, and the path is a straight line.

    Args:
        start: First point, shape (latent_dim,).
        end: Last point, shape (latent_dim,).
        steps: Number of points including both ends, at least 2. Defaults to 9.

    Returns:
        A float32 array of shape (steps, latent_dim).

    Raises:
        ValueError: If the shapes differ or `steps` is below 2.

    Example:
    ```python
    path = keras_gan.latent.slerp(z[0], z[1], steps=8)
    ```

    Reference:
        [White, 2016, Sampling Generative Networks](https://arxiv.org/abs/1609.04468), section 2.
    """
    a, b = _check_ends(start, end, steps)
    length_a, length_b = np.linalg.norm(a), np.linalg.norm(b)
    if length_a == 0 or length_b == 0:
        return lerp(a, b, steps)
    cosine = float(np.clip(np.dot(a / length_a, b / length_b), -1.0, 1.0))
    omega = np.arccos(cosine)
    if np.sin(omega) < 1e-6:
        return lerp(a, b, steps)
    t = np.linspace(0.0, 1.0, steps)[:, None]
    direction = (np.sin((1 - t) * omega) * (a / length_a) + np.sin(t * omega) * (b / length_b)) / np.sin(omega)
    return (direction * ((1 - t) * length_a + t * length_b)).astype(np.float32)


def _check_ends(start: ArrayLike, end: ArrayLike, steps: int) -> tuple[np.ndarray, np.ndarray]:
    a, b = np.asarray(start, np.float64), np.asarray(end, np.float64)
    if a.ndim != 1 or a.shape != b.shape:
        raise ValueError(
            "`start` and `end` must be latent vectors of one shape (latent_dim,). "
            f"Received: shapes {a.shape} and {b.shape}"
        )
    _check_steps(steps)
    return a, b


def _check_steps(steps: int) -> None:
    if steps < 2:
        raise ValueError(f"`steps` must be at least 2. Received: steps={steps}")
