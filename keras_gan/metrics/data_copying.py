"""Is the generator copying: its images beside the training images nearest to them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_pair
from keras_gan.metrics.neighbours import squared_distances


class Nearest(NamedTuple):
    """For each image the rows of the nearest others, nearest first, and how far they are."""

    rows: np.ndarray
    distances: np.ndarray


class Copying(NamedTuple):
    """How often a generated image is nearer to the training images than an unseen real one, and by how many sigmas."""

    share: float
    z: float


def nearest_neighbours(features: ArrayLike, others: ArrayLike, k: int = 1) -> Nearest:
    """Find the images most like each image.

    Args:
        features: Of the images, such as generated ones, shape (n, d).
        others: Of those to search, such as the training images, shape (m, d).
        k: How many, at most m. Defaults to 1.

    Returns:
        The rows of `others`, int (n, k), and the Euclidean distances, float64 (n, k).

    Raises:
        ValueError: If the features are not two finite arrays of one width, or `k` is out of range.

    Example:
    ```python
    rows, distances = keras_gan.metrics.nearest_neighbours(extractor.features(fake), extractor.features(train), k=3)
    ```
    """
    k = checked_count(k, "k")
    x, y = checked_pair(features, others, ("features", "others"))
    if len(y) < k:
        raise ValueError(f"Expected at least k = {k} rows in `others`. Received: {len(y)}")
    rows, distances = np.empty((len(x), k), int), np.empty((len(x), k))
    for block_rows, block in squared_distances(x, y):
        near = np.argsort(block, axis=1, kind="stable")[:, :k]
        rows[block_rows] = near
        distances[block_rows] = np.sqrt(np.take_along_axis(block, near, axis=1))
    return Nearest(rows, distances)


def copying(train_features: ArrayLike, held_out_features: ArrayLike, fake_features: ArrayLike) -> Copying:
    """Test whether generated images are nearer to the training images than unseen real images are.

    Without copying half of the pairs of a generated and an unseen image have the generated one nearer. A share near 1
    says that the generator repeats what it was trained on; a share well below 1/2, that its images are far from any
    real ones.

    Args:
        train_features: Of the images that the generator was trained on, shape (n, d).
        held_out_features: Of real images that it was not trained on, shape (m, d).
        fake_features: Of generated images, shape (l, d).

    Returns:
        The share, from 0 to 1, a tie counting half; and its distance from 1/2 in standard deviations of the
        Mann-Whitney test: above 3, copying is hardly chance.

    Raises:
        ValueError: If the features are not finite arrays of one width.

    Example:
    ```python
    share, z = keras_gan.metrics.copying(*map(extractor.features, (train, held_out, fake)))
    ```

    Reference:
        [Meehan et al., 2020, A Non-Parametric Test to Detect Data-Copying in Generative
        Models](https://arxiv.org/abs/2004.05675), section 3.1, with one cell.
    """
    train, held_out = checked_pair(train_features, held_out_features, ("train_features", "held_out_features"))
    unseen = nearest_neighbours(held_out, train).distances[:, 0]
    drawn = nearest_neighbours(*checked_pair(fake_features, train, ("fake_features", "train_features"))).distances[:, 0]
    m, n = len(unseen), len(drawn)
    ordered = np.sort(unseen)
    nearer = m - np.searchsorted(ordered, drawn, side="right")
    ties = np.searchsorted(ordered, drawn, side="right") - np.searchsorted(ordered, drawn, side="left")
    share = float(np.mean(nearer + ties / 2) / m)
    _, counts = np.unique(np.concatenate([unseen, drawn]), return_counts=True)
    total = m + n
    variance = m * n / 12 * (total + 1 - np.sum(counts**3.0 - counts) / (total * max(total - 1, 1)))
    z = (share - 0.5) * m * n / np.sqrt(variance) if variance > 0 else 0.0
    return Copying(share, float(z))
