"""Sampling from the latent prior z ~ N(0, I)."""

from __future__ import annotations

import math
import secrets

import numpy as np

from keras_gan.latent.normal import normal

# Exported models take the seed as an int32, since not all runtimes support unsigned integers.
_SEEDS = 2**31


def sample(n: int, latent_dim: int, seed: int | None = 0, truncation: float = 1.0) -> np.ndarray:
    """Samples `n` latent vectors from the standard normal prior: float32 (n, latent_dim).

    Row i depends only on `seed` and i, so a larger sample begins with the rows of a smaller one. An exported model
    computes the same z from the same seed, up to rounding.

    Args:
        n: Number of vectors, at least 0.
        latent_dim: Length of each vector, at least 1.
        seed: Integer from 0 to 2**31 - 1, or `None` for different vectors at each call. Defaults to 0.
        truncation: Factor of z, at least 0. Below 1 the images are more similar and more typical. At 0 all are the
            image of z = 0. Defaults to 1.0.

    Raises:
        ValueError: If an argument is out of range.

    Example:
    ```python
    z = keras_gan.latent.sample(16, latent_dim=128, seed=7)
    ```
    """
    if latent_dim < 1:
        raise ValueError(f"`latent_dim` must be at least 1. Received: latent_dim={latent_dim}")
    rows = seed_rows(n, seed, truncation)
    return normal(rows["seed"], rows["index"], latent_dim) * rows["truncation"][:, None]


def seed_rows(n: int, seed: int | None = 0, truncation: float = 1.0) -> dict[str, np.ndarray]:
    """Returns the inputs of an exported model's signature `generate`, which computes the same z as `sample` from them.

    Args:
        n: Number of vectors, at least 0.
        seed: Integer from 0 to 2**31 - 1, or `None` for different vectors at each call. Defaults to 0.
        truncation: Factor of z, at least 0. Defaults to 1.0.

    Returns:
        `seed`, int32 (n,), the same in each row. `index`, int32 (n,), from 0 to n - 1. `truncation`, float32 (n,).

    Raises:
        ValueError: If an argument is out of range.

    Example:
    ```python
    engine = keras_gan.artifacts.engines.open_engine("exported/digits/1/model_generate.onnx")
    images = engine.run(keras_gan.latent.seed_rows(16, seed=7))["image"]
    ```
    """
    if n < 0:
        raise ValueError(f"`n` must be at least 0. Received: n={n}")
    if seed is None:
        seed = secrets.randbelow(_SEEDS)
    if isinstance(seed, bool) or not isinstance(seed, int | np.integer) or not 0 <= seed < _SEEDS:
        raise ValueError(f"`seed` must be an integer from 0 to 2**31 - 1, or None. Received: seed={seed!r}")
    if not (math.isfinite(truncation) and truncation >= 0):
        raise ValueError(f"`truncation` must be a finite number >= 0. Received: truncation={truncation}")
    return {
        "seed": np.full(n, seed, np.int32),
        "index": np.arange(n, dtype=np.int32),
        "truncation": np.full(n, truncation, np.float32),
    }
