"""Directions on disk: what an export lays beside its manifest."""

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
    """Write directions as JSON: `latent_dim`, and of each method its `shares` and `vectors`.

    Args:
        path: The file.
        directions: At least one method's, by its name, such as "sefa"; all of the same latent_dim.
    """
    content = {
        "schema_version": SCHEMA_VERSION,
        "latent_dim": next(iter(directions.values())).vectors.shape[1],
        "methods": {
            name: {
                "shares": [float(f"{share:.6g}") for share in found.shares],
                # Six digits: a direction's length is then 1 to 1e-6 or so.
                "vectors": [[float(f"{x:.6g}") for x in vector] for vector in found.vectors],
            }
            for name, found in directions.items()
        },
    }
    Path(path).write_text(json.dumps(content, separators=(",", ":")) + "\n", encoding="utf-8")


def load_directions(path: str | os.PathLike[str]) -> dict[str, Directions]:
    """Read directions.

    Args:
        path: The file, or the version folder of an export that holds it.

    Returns:
        The `Directions` of each method, by its name.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If it is something else.

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
        raise ValueError(f"Expected a file of directions. Received: `{file}`, which says: {reason}") from error


def _checked(part: Mapping[str, object], latent_dim: int) -> Directions:
    vectors, shares = np.asarray(part["vectors"], np.float32), np.asarray(part["shares"], np.float64)
    if vectors.shape != (len(shares), latent_dim) or shares.ndim != 1:
        raise ValueError(f"vectors of shape {vectors.shape} and shares of shape {shares.shape}")
    if not (np.isfinite(vectors).all() and np.isfinite(shares).all()):
        raise ValueError("numbers that are not finite")
    return Directions(vectors, shares)
