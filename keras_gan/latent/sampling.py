"""The latent prior: z ~ N(0, I)."""

from __future__ import annotations

import numpy as np


def sample(n: int, latent_dim: int, seed: int | None = 0) -> np.ndarray:
    """Draw `n` latent vectors from the standard normal prior.

    Row i depends on `seed` and i alone, so a larger batch begins with the smaller one's rows.

    Args:
        n: How many vectors to draw, at least 0.
        latent_dim: The length of each.
        seed: A non-negative integer, or `None` for other vectors at each call. Defaults to 0.

    Returns:
        A float32 array of shape (n, latent_dim).

    Raises:
        ValueError: If `n`, `latent_dim` or `seed` is out of range.

    Example:
    ```python
    z = keras_gan.latent.sample(16, latent_dim=128, seed=7)
    ```
    """
    if n < 0 or latent_dim < 1:
        raise ValueError(f"`n` must be >= 0 and `latent_dim` >= 1. Received: n={n}, latent_dim={latent_dim}")
    if seed is not None and seed < 0:
        raise ValueError(f"`seed` must be a non-negative integer or None. Received: seed={seed}")
    generator = np.random.Generator(np.random.Philox(seed))
    return generator.standard_normal((n, latent_dim)).astype(np.float32)
