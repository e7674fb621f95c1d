"""Files of latent vectors, which `keras-gan invert` writes and `keras-gan walk` reads."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.utils.files import atomic_path

if TYPE_CHECKING:
    from keras_gan.models.inversion import Inversion

FILENAME = "latent.npz"


def save(path: Path, inversion: Inversion) -> None:
    """Writes `z`, and `w` and `labels` if there are any.

    Args:
        path: The .npz file.
        inversion: Result of `keras_gan.invert`.
    """
    arrays = {"z": inversion.z, "w": inversion.w, "labels": inversion.labels}
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez(file, **{name: array for name, array in arrays.items() if array is not None})  # type: ignore[arg-type]


def load(path: Path, latent_dim: int) -> tuple[np.ndarray, int | None]:
    """Reads the first latent vector of a file and its class, `None` without classes.

    Args:
        path: A file of `save`, or a folder with one.
        latent_dim: Length of z that the model has.

    Raises:
        FileNotFoundError: If there is no file.
        ValueError: If the file has another content.
    """
    file = path / FILENAME if path.is_dir() else path
    try:
        with np.load(file) as stored:
            if "w" in stored.files:
                raise ValueError("latent vectors w. Invert with --space z")
            z = np.asarray(stored["z"], np.float32)
            label = int(stored["labels"][0]) if "labels" in stored.files else None
        if z.ndim != 2 or z.shape[1] != latent_dim or not len(z) or not np.isfinite(z).all():
            raise ValueError(f"z of shape {z.shape}")
    except (ValueError, KeyError, EOFError, zipfile.BadZipFile, IndexError, TypeError) as error:
        raise ValueError(
            f"Expected a file of `keras-gan invert` with z of length {latent_dim}. Received: {file}, {error}"
        ) from error
    return z[0], label
