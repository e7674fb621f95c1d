"""The versions of a model on disk."""

from __future__ import annotations

from pathlib import Path

# Where TensorFlow Serving looks in a version's folder for the requests that it sends to it before users do.
WARM_UP = "assets.extra/tf_serving_warmup_requests"


def numbers(path: Path) -> dict[int, Path]:
    """The version folders in `path` by their number, in order; TensorFlow Serving takes 00000123 for 123."""
    if not path.is_dir():
        return {}
    found = [entry for entry in path.iterdir() if entry.name.isdecimal() and entry.is_dir()]
    return {int(entry.name): entry for entry in sorted(found, key=lambda entry: int(entry.name))}
