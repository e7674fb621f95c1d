"""Standard normal numbers as a function of a seed and an index, alike on every runtime."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_gan.latent.threefry import threefry2x32

_ZERO = np.zeros((1, 1), np.uint32)
_DROPPED = np.uint32(9)
# Giles's polynomials, table 5: in w - 2.5 of the middle, in sqrt(w) - 3 of the tails; the highest power first.
_MIDDLE = (
    2.81022636e-08,
    3.43273939e-07,
    -3.5233877e-06,
    -4.39150654e-06,
    0.00021858087,
    -0.00125372503,
    -0.00417768164,
    0.246640727,
    1.50140941,
)
_TAILS = (
    -0.000200214257,
    0.000100950558,
    0.00134934322,
    -0.00367342844,
    0.00573950773,
    -0.0076224613,
    0.00943887047,
    1.00167406,
    2.83297682,
)


def normal(seed: Any, index: Any, latent_dim: int, xp: Any = np) -> Any:
    """Draw a latent vector for each pair of a seed and an index.

    Threefry enciphers the index and the dimension with the seed as its key; the inverse of the normal distribution
    makes a number of each word. The words are the same everywhere, log and sqrt to their last bits. With NumPy it is
    the reference, with Keras it is traced into exported models.

    Args:
        seed: Integers (n,), from 0 to 2**31 - 1.
        index: Integers (n,), from 0 to 2**31 - 1: which of the seed's vectors.
        latent_dim: The length of each, at least 1.
        xp: What computes: `numpy`, or `keras.ops` for tensors. Defaults to `numpy`.

    Returns:
        Float32 (n, latent_dim), within 5.3 of 0.

    Example:
    ```python
    z = keras_gan.latent.normal([7, 7], [0, 1], latent_dim=128)  # keras_gan.latent.sample(2, 128, seed=7)
    ```

    Reference:
        [Giles, 2010, Approximating the erfinv function](https://people.maths.ox.ac.uk/gilesm/files/gems_erfinv.pdf).
    """
    key = (xp.array(seed, "uint32")[:, None], _ZERO)
    pairs = np.arange((latent_dim + 1) // 2, dtype=np.uint32)[None]
    words = threefry2x32(key, (xp.array(index, "uint32")[:, None], pairs), xp)
    return _inverse(xp.concatenate([_uniform(word, xp) for word in words], axis=1)[:, :latent_dim], xp)


def _uniform(word: Any, xp: Any) -> Any:
    """Numbers evenly in (-1, 1), symmetric: the upper 23 bits and half a step are a float32 without rounding."""
    return (xp.array(xp.right_shift(word, _DROPPED), "float32") + np.float32(0.5)) * np.float32(2.0**-22) - np.float32(
        1
    )


def _inverse(x: Any, xp: Any) -> Any:
    """sqrt(2) erfinv(x), to which a runtime's error in the logarithm adds no more than its like.

    Box and Muller's root of a logarithm would not do: near 0 LiteRT's is 1e-3 off, and z 1e-5.
    """
    w = -xp.log((np.float32(1) - x) * (np.float32(1) + x))
    middle = _polynomial(_MIDDLE, w - np.float32(2.5))
    tails = _polynomial(_TAILS, xp.sqrt(w) - np.float32(3))
    return xp.where(w < np.float32(5), middle, tails) * x * np.float32(math.sqrt(2))


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    value = np.float32(coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + np.float32(coefficient)
    return value
