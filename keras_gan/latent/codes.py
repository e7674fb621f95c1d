"""Codes at the start of z, as InfoGAN learns them."""

from __future__ import annotations

import dataclasses

import numpy as np
from numpy.typing import ArrayLike


@dataclasses.dataclass(frozen=True)
class Codes:
    """Codes at the start of z: first the categorical ones, then the continuous ones.

    A categorical code of k values takes k numbers of z, and its value is the place of the largest. A continuous code
    takes one number, from the standard normal distribution.

    Args:
        categorical: Number of values of each categorical code, at least 2. Defaults to none.
        continuous: Number of continuous codes. Defaults to 0.

    Raises:
        ValueError: If there is no code, or a number is out of its range.

    Example:
    ```python
    codes = keras_gan.latent.Codes(categorical=(10,), continuous=2)
    z = codes.set(keras_gan.latent.sample(8, 74, seed=0), categorical=3, continuous=[0.0, 1.5])
    ```
    """

    categorical: tuple[int, ...] = ()
    continuous: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "categorical", tuple(int(values) for values in self.categorical))
        if any(values < 2 for values in self.categorical) or self.continuous < 0 or not self.length:
            raise ValueError(
                "`categorical` must hold numbers of at least 2 and `continuous` be at least 0, with one code at least. "
                f"Received: categorical={self.categorical}, continuous={self.continuous}"
            )

    @property
    def length(self) -> int:
        """Number of values of z that the codes take."""
        return sum(self.categorical) + self.continuous

    def set(
        self, z: np.ndarray, categorical: ArrayLike | None = None, continuous: ArrayLike | None = None
    ) -> np.ndarray:
        """Returns z with other codes. The rest of z stays.

        Args:
            z: Latent vectors, float32 (n, latent_dim).
            categorical: Value of each categorical code, the same for all vectors, or integers (n, codes).
                Defaults to `None`: they stay.
            continuous: Value of each continuous code, the same for all vectors, or floats (n, codes). Defaults to
                `None`: they stay.

        Raises:
            ValueError: If a shape or a value is wrong.
        """
        z = np.array(z, np.float32)
        if z.ndim != 2 or z.shape[1] < self.length:
            raise ValueError(f"`z` must be of shape (n, at least {self.length}). Received: shape {z.shape}")
        rows = np.arange(len(z))
        if categorical is not None:
            values = self._rows(np.atleast_1d(categorical), len(z), len(self.categorical), "categorical")
            start = 0
            for code, count in enumerate(self.categorical):
                if np.any((values[:, code] < 0) | (values[:, code] >= count)):
                    raise ValueError(
                        f"Code {code} must be from 0 to {count - 1}. Received: {values[:, code].tolist()[:8]}"
                    )
                z[:, start : start + count] = 0
                z[rows, start + values[:, code].astype(int)] = 1
                start += count
        if continuous is not None:
            start = sum(self.categorical)
            z[:, start : self.length] = self._rows(np.atleast_1d(continuous), len(z), self.continuous, "continuous")
        return z

    def values(self, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Returns the codes of latent vectors: integers (n, categorical codes), and float32 (n, continuous codes).

        Args:
            z: Latent vectors, float32 (n, latent_dim).
        """
        found, start = np.zeros((len(z), len(self.categorical)), np.int32), 0
        for code, count in enumerate(self.categorical):
            found[:, code] = np.argmax(z[:, start : start + count], axis=1)
            start += count
        return found, np.asarray(z[:, start : self.length], np.float32)

    def _rows(self, values: np.ndarray, n: int, codes: int, name: str) -> np.ndarray:
        """Returns values of shape (n, codes)."""
        if values.ndim == 1:
            values = np.broadcast_to(values, (n, len(values)))
        if values.shape != (n, codes):
            raise ValueError(f"`{name}` must be of shape ({codes},) or ({n}, {codes}). Received: shape {values.shape}")
        return values
