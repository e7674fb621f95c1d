"""File of latent directions, which an export writes next to its manifest."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path

import numpy as np

from keras_gan.latent.directions import Directions

FILENAME = "directions.json"
SCHEMA_VERSION = 1


def save_directions(path: str | os.PathLike[str], directions: Mapping[str, Directions]) -> None:
    """Writes directions as JSON: `latent_dim`, and `shares` and `vectors` of each method.

    Args:
        path: Path of the file.
        directions: Directions of at least one method, by its name, such as "sefa". All have the same latent_dim.
    """
    content = {
        "schema_version": SCHEMA_VERSION,
        "latent_dim": next(iter(directions.values())).vectors.shape[1],
        "methods": {
            name: {
                "shares": [float(f"{share:.6g}") for share in found.shares],
                # With six digits the length of a direction is 1 to within about 1e-6.
                "vectors": [[float(f"{x:.6g}") for x in vector] for vector in found.vectors],
            }
            for name, found in directions.items()
        },
    }
    Path(path).write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def load_directions(path: str | os.PathLike[str]) -> dict[str, Directions]:
    """Reads directions, and returns the `Directions` of each method by its name.

    Args:
        path: Path of the file, or of the version folder of an export that contains it.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file has another content.

    Example:
    ```python
    sefa = keras_gan.latent.load_directions("exported/digits/1")["sefa"]
    images = artifact(z + 2.0 * sefa.vectors[0])
    ```
    """
    file = Path(path) / FILENAME if Path(path).is_dir() else Path(path)
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
        if content["schema_version"] != SCHEMA_VERSION:
            raise ValueError(f"schema {content['schema_version']!r} is not {SCHEMA_VERSION}")
        return {name: _checked(part, content["latent_dim"]) for name, part in content["methods"].items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = f"{type(error).__name__}: {error}"
        raise ValueError(f"`path` must be a file of directions. Received: `{file}`, {reason}") from error


def _checked(part: Mapping[str, object], latent_dim: int) -> Directions:
    vectors, shares = np.asarray(part["vectors"], np.float32), np.asarray(part["shares"], np.float64)
    if vectors.shape != (len(shares), latent_dim) or shares.ndim != 1:
        raise ValueError(f"vectors of shape {vectors.shape} and shares of shape {shares.shape}")
    if not (np.isfinite(vectors).all() and np.isfinite(shares).all()):
        raise ValueError("numbers that are not finite")
    return Directions(vectors, shares)
