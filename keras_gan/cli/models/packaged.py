"""Names of generators that come with the package, in place of a path."""

from __future__ import annotations

from pathlib import Path

from keras_gan import pretrained

PACKAGED_HELP = "Or the name of a generator of the package: digits or fashion_mnist."


def resolve_packaged(path: Path | None) -> Path | None:
    """Returns the folder of a packaged generator if `path` is its name and does not exist, else `path`."""
    if path is None or path.exists():
        return path
    return pretrained.find(path) or path
