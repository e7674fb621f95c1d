"""Perceptual path length: the change of the image for a small change of z."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from keras_gan.latent import sample
from keras_gan.metrics.feature_checks import check_count

BLOCK = 64  # paths that are generated at once


class PathLength(NamedTuple):
    """Perceptual path length: its mean and its standard deviation over the paths that were kept."""

    mean: float
    std: float


def perceptual_path_length(
    generate: Callable[[np.ndarray], np.ndarray],
    distance: Callable[[np.ndarray, np.ndarray], np.ndarray],
    latent_dim: int,
    paths: int = 1000,
    epsilon: float = 1e-4,
    trim: float = 0.01,
    seed: int = 0,
) -> PathLength:
    """Computes E[distance(G(path(t)), G(path(t + epsilon))) / epsilon^2] on arcs between pairs of random z.

    A short length means that images change smoothly with z. A generator that always returns the same image has length
    0: report it together with a metric of diversity.

    `distance` must be a squared distance, and precise enough for the changes that `epsilon` makes.
    `EfficientNetLite0.distance` rounds images to 256 levels, so it needs a larger step, such as 0.05.

    Args:
        generate: Generator, a function from z, float32 (n, latent_dim), to images. For example,
            `gan.generate_from_latent`, or an exported artifact.
        distance: Function from two batches of images to the squared distance of each pair, (n,).
        latent_dim: Length of z.
        paths: Number of pairs of z, at least 2. Defaults to 1000.
        epsilon: Step as a share of the path, above 0 and below 1. Defaults to 1e-4.
        trim: Share of the smallest and of the largest values to remove, below 0.5. Defaults to 0.01.
        seed: Seed of z and t. Defaults to 0.

    Returns:
        The mean and the standard deviation of the values that were kept.

    Raises:
        ValueError: If an argument is out of range, or `distance` does not return a finite number for each pair.

    Example:
    ```python
    generate = gan.generate_from_latent
    length = keras_gan.metrics.perceptual_path_length(generate, extractor.distance, gan.latent_dim, epsilon=0.05)
    ```

    Reference:
        [Karras et al., 2019, A Style-Based Generator Architecture for Generative Adversarial
        Networks](https://arxiv.org/abs/1812.04948), section 4.1, full paths.
    """
    latent_dim, paths = check_count(latent_dim, "latent_dim"), check_count(paths, "paths", 2)
    if not 0 < epsilon < 1:
        raise ValueError(f"`epsilon` must be above 0 and below 1. Received: epsilon={epsilon}")
    if not 0 <= trim < 0.5:
        raise ValueError(f"`trim` must be from 0 to below 0.5. Received: trim={trim}")
    ends = sample(2 * paths, latent_dim, check_count(seed, "seed", 0)).astype(np.float64)
    t = (1 - epsilon) * np.random.RandomState(seed).random_sample((paths, 1))  # so that t + epsilon is at most 1
    values = []
    for start in range(0, paths, BLOCK):
        rows = slice(start, start + BLOCK)
        a, b = ends[:paths][rows], ends[paths:][rows]
        here, there = (generate(_on_arc(a, b, s).astype(np.float32)) for s in (t[rows], t[rows] + epsilon))
        values.append(np.asarray(distance(here, there), np.float64))
        if values[-1].shape != (len(a),) or not np.isfinite(values[-1]).all():
            raise ValueError(
                f"`distance` must return a finite number for each of {len(a)} pairs. "
                f"Received: {values[-1].dtype} of shape {values[-1].shape}"
            )
    lengths = np.sort(np.concatenate(values)) / epsilon**2
    cut = int(trim * paths)
    kept = lengths[cut : paths - cut]
    return PathLength(float(kept.mean()), float(kept.std()))


def _on_arc(a: np.ndarray, b: np.ndarray, t: np.ndarray) -> np.ndarray:
    """Interpolates the directions of the rows spherically, and their lengths linearly."""
    length_a, length_b = (np.linalg.norm(z, axis=1, keepdims=True) for z in (a, b))
    a, b = a / length_a, b / length_b
    angle = np.arccos(np.clip(np.sum(a * b, axis=1, keepdims=True), -1, 1))
    sine = np.sin(angle)
    straight = sine < 1e-6
    divisor = np.where(straight, 1, sine)
    of_a = np.where(straight, 1 - t, np.sin((1 - t) * angle) / divisor)
    of_b = np.where(straight, t, np.sin(t * angle) / divisor)
    return (of_a * a + of_b * b) * ((1 - t) * length_a + t * length_b)
