"""The folders of the trained GANs that come with the package."""

from __future__ import annotations

import os
from pathlib import Path

# Each folder in it has the name of a GAN, and holds the files below and an exported version for a server.
FOLDER = Path(__file__).parent / "weights"
MODEL, WEIGHTS, CONFIG = "model.json", "weights.npz", "config.yaml"


def names() -> list[str]:
    """Returns the names of the trained GANs that come with the package."""
    return sorted(file.parent.name for file in FOLDER.glob(f"*/{MODEL}"))


def find(name: str | os.PathLike[str]) -> Path | None:
    """Returns the folder of a GAN of the package, or `None` for another name and for a path that exists.

    Args:
        name: Name in `names()`, or something else.
    """
    text = os.fspath(name)
    return FOLDER / text if not Path(text).exists() and text in names() else None
