"""Test for a generator that copies its training images."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_pair
from keras_gan.metrics.neighbors.squared_distances import squared_distances


class Nearest(NamedTuple):
    """Rows of the nearest other images of each image, nearest first, and their distances."""

    rows: np.ndarray
    distances: np.ndarray


class Copying(NamedTuple):
    """Share of pairs in which the generated image is nearer to the training images, and its z-score."""

    share: float
    z: float


def nearest_neighbours(features: ArrayLike, others: ArrayLike, k: int = 1) -> Nearest:
    """Finds the nearest other images of each image.

    Args:
        features: Features of images, such as generated ones, shape (n, d).
        others: Features of the images to search, such as the training images, shape (m, d).
        k: Number of neighbours, at most m. Defaults to 1.

    Returns:
        The rows of `others`, int (n, k), and the Euclidean distances, float64 (n, k).

    Raises:
        ValueError: If the features are not two finite arrays of equal width, or `k` is out of range.

    Example:
    ```python
    rows, distances = keras_gan.metrics.nearest_neighbours(extractor.features(fake), extractor.features(train), k=3)
    ```
    """
    k = check_count(k, "k")
    x, y = check_pair(features, others, ("features", "others"))
    if len(y) < k:
        raise ValueError(f"Expected at least k = {k} rows in `others`. Received: {len(y)}")
    rows, distances = np.empty((len(x), k), int), np.empty((len(x), k))
    for block_rows, block in squared_distances(x, y):
        near = np.argsort(block, axis=1, kind="stable")[:, :k]
        rows[block_rows] = near
        distances[block_rows] = np.sqrt(np.take_along_axis(block, near, axis=1))
    return Nearest(rows, distances)


def copying(train_features: ArrayLike, held_out_features: ArrayLike, fake_features: ArrayLike) -> Copying:
    """Tests if generated images are nearer to the training images than unseen real images are.

    The test compares all pairs of a generated and an unseen real image. Without copying, the generated image is nearer
    in half of the pairs. A share near 1 means that the generator repeats its training images. A share far below 1/2
    means that its images are far from any real image.

    Args:
        train_features: Features of the images that the generator was trained on, shape (n, d).
        held_out_features: Features of real images that it was not trained on, shape (m, d).
        fake_features: Features of generated images, shape (l, d).

    Returns:
        The share of pairs, from 0 to 1, where a tie counts half. And z, its distance from 1/2 in standard deviations of
        the Mann-Whitney test: above 3, chance is an unlikely explanation.

    Raises:
        ValueError: If the features are not finite arrays of equal width.

    Example:
    ```python
    share, z = keras_gan.metrics.copying(*map(extractor.features, (train, held_out, fake)))
    ```

    Reference:
        [Meehan et al., 2020, A Non-Parametric Test to Detect Data-Copying in Generative
        Models](https://arxiv.org/abs/2004.05675), section 3.1, with one cell.
    """
    train, held_out = check_pair(train_features, held_out_features, ("train_features", "held_out_features"))
    unseen = nearest_neighbours(held_out, train).distances[:, 0]
    generated = nearest_neighbours(*check_pair(fake_features, train, ("fake_features", "train_features"))).distances[
        :, 0
    ]
    m, n = len(unseen), len(generated)
    ordered = np.sort(unseen)
    nearer = m - np.searchsorted(ordered, generated, side="right")
    ties = np.searchsorted(ordered, generated, side="right") - np.searchsorted(ordered, generated, side="left")
    share = float(np.mean(nearer + ties / 2) / m)
    _, counts = np.unique(np.concatenate([unseen, generated]), return_counts=True)
    total = m + n
    variance = m * n / 12 * (total + 1 - np.sum(counts**3.0 - counts) / (total * max(total - 1, 1)))
    z = (share - 0.5) * m * n / np.sqrt(variance) if variance > 0 else 0.0
    return Copying(share, float(z))
