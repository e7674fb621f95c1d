"""Kernel distance between two sets of features: the estimate of KID."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.metrics.feature_checks import checked_count, checked_pair

BLOCK = 1024  # rows at a time in float64


class KernelDistance(NamedTuple):
    """The kernel distance over the subsets: its mean, and its standard deviation from subset to subset."""

    mean: float
    std: float


def kernel_distance(
    real_features: ArrayLike, fake_features: ArrayLike, subsets: int = 100, subset_size: int = 1000, seed: int = 0
) -> KernelDistance:
    """Estimate the squared maximum mean discrepancy of two sets of features, without bias, on random subsets.

    The kernel is (x.y / d + 1)^3. As the estimate has no bias, sets of different sizes can be compared, and it may come
    out slightly below 0 for sets of one distribution.

    Where one of the sets has fewer rows than `subset_size`, a subset takes as many of each set as the smaller has.
    Where that is the whole of both there is one subset only, and `std` is 0.

    It is KID only with the features of FID's Inception network; with others call it KID-(the extractor's name).

    Args:
        real_features: Shape (n, d), n at least 2.
        fake_features: Shape (m, d), m at least 2.
        subsets: How many subsets are drawn. Defaults to 100.
        subset_size: Rows of each set in a subset, at least 2. Defaults to 1000.
        seed: What the subsets depend on. torch-fidelity draws the same with `rng_seed` of this value. Defaults to 0.

    Returns:
        The mean over the subsets and the standard deviation between them.

    Raises:
        ValueError: If the features are not two finite arrays of one width, or another argument is out of range.

    Example:
    ```python
    distance = keras_gan.metrics.kernel_distance(extractor.features(real), extractor.features(fake))
    print(f"KID-{extractor.name} {distance.mean:.4f} +- {distance.std:.4f}")
    ```

    Reference:
        [Binkowski et al., 2018, Demystifying MMD GANs](https://arxiv.org/abs/1801.01401), section 4.
    """
    real, fake = checked_pair(real_features, fake_features, rows=2)
    subsets, seed = checked_count(subsets, "subsets"), checked_count(seed, "seed", 0)
    size = min(checked_count(subset_size, "subset_size", 2), len(real), len(fake))
    if size == max(len(real), len(fake)):
        subsets = 1
    random = np.random.RandomState(seed)  # its streams are frozen: a score outlives NumPy's versions
    drawn = [[random.choice(len(rows), size, replace=False) for rows in (real, fake)] for _ in range(subsets)]
    if max(len(real), len(fake)) ** 2 <= subsets * size**2:
        chosen = [np.zeros((subsets, len(rows))) for rows in (real, fake)]
        for subset, rows in enumerate(drawn):
            for member, index in zip(chosen, rows, strict=True):
                member[subset, index] = 1
        estimates = _estimates(real, fake, *chosen)
    else:
        whole = np.ones((1, size))
        estimates = np.concatenate([_estimates(real[i], fake[j], whole, whole) for i, j in drawn])
    return KernelDistance(float(estimates.mean()), float(estimates.std()))


def _estimates(real: np.ndarray, fake: np.ndarray, in_real: np.ndarray, in_fake: np.ndarray) -> np.ndarray:
    """The unbiased estimate of each subset; row s of `in_real` is 1 at the rows of `real` that subset s holds."""
    size = in_real[0].sum()
    pairs = size * (size - 1)
    return (
        (_kernel_sums(real, real, in_real, in_real) - in_real @ _kernel_diagonal(real)) / pairs
        + (_kernel_sums(fake, fake, in_fake, in_fake) - in_fake @ _kernel_diagonal(fake)) / pairs
        - 2 * _kernel_sums(real, fake, in_real, in_fake) / size**2
    )


def _kernel_sums(x: np.ndarray, y: np.ndarray, in_x: np.ndarray, in_y: np.ndarray) -> np.ndarray:
    """For each subset the sum of k(x_i, y_j) over its own i and j."""
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
