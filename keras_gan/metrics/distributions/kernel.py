"""Kernel distance between two sets of features, the estimate of KID."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import check_count, check_pair

BLOCK = 1024  # rows at a time in float64


class KernelDistance(NamedTuple):
    """Kernel distance: its mean over the subsets and its standard deviation between them."""

    mean: float
    std: float


def kernel_distance(
    real_features: ArrayLike, fake_features: ArrayLike, subsets: int = 100, subset_size: int = 1000, seed: int = 0
) -> KernelDistance:
    """Computes an unbiased estimate of the squared maximum mean discrepancy (MMD) on random subsets.

    The kernel is (x.y / d + 1)^3. The estimate has no bias, so sets of different sizes can be compared. It can be
    slightly below 0 for sets of the same distribution.

    If a set has fewer rows than `subset_size`, the subsets are as large as the smaller set. If that is the size of both
    sets, there is only one subset, and `std` is 0.

    The distance is KID only with the features of FID's Inception network. With another extractor, call it
    KID-EXTRACTOR.

    Args:
        real_features: Features of real images, shape (n, d), n at least 2.
        fake_features: Features of generated images, shape (m, d), m at least 2.
        subsets: Number of random subsets. Defaults to 100.
        subset_size: Number of rows of each set in a subset, at least 2. Defaults to 1000.
        seed: Seed of the subsets. They are those of torch-fidelity with the same `rng_seed`. Defaults to 0.

    Returns:
        The mean over the subsets and the standard deviation between them.

    Raises:
        ValueError: If the features are not two finite arrays of equal width, or another argument is out of range.

    Example:
    ```python
    distance = keras_gan.metrics.kernel_distance(extractor.features(real), extractor.features(fake))
    print(f"KID-{extractor.name} {distance.mean:.4f} +- {distance.std:.4f}")
    ```

    Reference:
        [Binkowski et al., 2018, Demystifying MMD GANs](https://arxiv.org/abs/1801.01401), section 4.
    """
    real, fake = check_pair(real_features, fake_features, rows=2)
    subsets, seed = check_count(subsets, "subsets"), check_count(seed, "seed", 0)
    size = min(check_count(subset_size, "subset_size", 2), len(real), len(fake))
    if size == max(len(real), len(fake)):
        subsets = 1
    random = np.random.RandomState(seed)  # its numbers never change between versions of NumPy
    chosen_rows = [[random.choice(len(rows), size, replace=False) for rows in (real, fake)] for _ in range(subsets)]
    if max(len(real), len(fake)) ** 2 <= subsets * size**2:
        chosen = [np.zeros((subsets, len(rows))) for rows in (real, fake)]
        for subset, rows in enumerate(chosen_rows):
            for member, index in zip(chosen, rows, strict=True):
                member[subset, index] = 1
        estimates = _estimates(real, fake, *chosen)
    else:
        whole = np.ones((1, size))
        estimates = np.concatenate([_estimates(real[i], fake[j], whole, whole) for i, j in chosen_rows])
    return KernelDistance(float(estimates.mean()), float(estimates.std()))


def _estimates(real: np.ndarray, fake: np.ndarray, in_real: np.ndarray, in_fake: np.ndarray) -> np.ndarray:
    """Returns the unbiased estimate of each subset. `in_real[s, i]` is 1 if subset s holds row i of `real`."""
    size = in_real[0].sum()
    pairs = size * (size - 1)
    return (
        (_kernel_sums(real, real, in_real, in_real) - in_real @ _kernel_diagonal(real)) / pairs
        + (_kernel_sums(fake, fake, in_fake, in_fake) - in_fake @ _kernel_diagonal(fake)) / pairs
        - 2 * _kernel_sums(real, fake, in_real, in_fake) / size**2
    )


def _kernel_sums(x: np.ndarray, y: np.ndarray, in_x: np.ndarray, in_y: np.ndarray) -> np.ndarray:
    """Returns for each subset the sum of k(x_i, y_j) over its rows i and j."""
    sums = np.zeros(len(in_x))
    for i in range(0, len(x), BLOCK):
        rows = x[i : i + BLOCK].astype(np.float64)
        for j in range(0, len(y), BLOCK):
            kernel = _kernel(rows @ y[j : j + BLOCK].astype(np.float64).T, x.shape[1])
            sums += np.einsum("sj,sj->s", in_x[:, i : i + BLOCK] @ kernel, in_y[:, j : j + BLOCK])
    return sums


def _kernel_diagonal(x: np.ndarray) -> np.ndarray:
    return _kernel(np.einsum("id,id->i", x, x, dtype=np.float64), x.shape[1])


def _kernel(products: np.ndarray, width: int) -> np.ndarray:
    base = products / width + 1
    return base * base * base
