"""Standard normal numbers as a function of a seed and an index, the same on every runtime."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from keras_gan.latent.threefry import threefry2x32

_ZERO = np.zeros((1, 1), np.uint32)
_DROPPED = np.uint32(9)
# Giles, table 5: polynomials in w - 2.5 for the middle and in sqrt(w) - 3 for the tails, highest power first.
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
    """Returns a latent vector for each pair of a seed and an index: float32 (n, latent_dim), from -5.3 to 5.3.

    Threefry encrypts the index and the dimension with the seed as key. The inverse of the normal distribution function
    maps the random words to numbers. The words are the same on all runtimes; the numbers differ only by the rounding of
    log and sqrt. The NumPy version is the reference. The Keras version is traced into exported models.

    Args:
        seed: Integers (n,), from 0 to 2**31 - 1.
        index: Integers (n,), from 0 to 2**31 - 1: position of the vector among those of its seed.
        latent_dim: Length of each vector, at least 1.
        xp: Module that computes: `numpy`, or `keras.ops` for tensors. Defaults to `numpy`.

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
    if xp is np:
        return _inverse_in_numpy(_uniform(np.concatenate(words, axis=1)[:, :latent_dim], np))
    return _inverse(xp.concatenate([_uniform(word, xp) for word in words], axis=1)[:, :latent_dim], xp)


def _uniform(word: Any, xp: Any) -> Any:
    """Returns numbers uniform and symmetric in (-1, 1). The upper 23 bits plus half a step fit a float32 exactly."""
    return (xp.array(xp.right_shift(word, _DROPPED), "float32") + np.float32(0.5)) * np.float32(2.0**-22) - np.float32(
        1
    )


def _inverse(x: Any, xp: Any) -> Any:
    """Returns sqrt(2) erfinv(x). An error in a runtime's logarithm causes an error of about the same size.

    The Box-Muller transform takes the root of a logarithm instead. LiteRT's logarithm is 1e-3 off near 0, and z would
    be 1e-5 off.
    """
    w = -xp.log((np.float32(1) - x) * (np.float32(1) + x))
    middle = _polynomial(_MIDDLE, w - np.float32(2.5))
    tails = _polynomial(_TAILS, xp.sqrt(w) - np.float32(3))
    return xp.where(w < np.float32(5), middle, tails) * x * np.float32(math.sqrt(2))


def _inverse_in_numpy(x: np.ndarray) -> np.ndarray:
    """Returns the numbers of `_inverse`. It computes the tails, 1 number of 300, only where they are."""
    w = -np.log((np.float32(1) - x) * (np.float32(1) + x))
    numbers: np.ndarray = _polynomial(_MIDDLE, w - np.float32(2.5))
    in_tails = w >= np.float32(5)
    if in_tails.any():
        numbers[in_tails] = _polynomial(_TAILS, np.sqrt(w[in_tails]) - np.float32(3))
    numbers *= x
    numbers *= np.float32(math.sqrt(2))
    return numbers


def _polynomial(coefficients: tuple[float, ...], x: Any) -> Any:
    value = np.float32(coefficients[0])
    for coefficient in coefficients[1:]:
        value = value * x + np.float32(coefficient)
    return value
