"""The versions of a model on disk."""

from __future__ import annotations

import os
import re
from pathlib import Path

# Where TensorFlow Serving looks in a version's folder for the requests that it sends to it before users do.
WARM_UP = "assets.extra/tf_serving_warmup_requests"

# An int64, as which TensorFlow Serving reads them.
GREATEST = 2**63 - 1


def number_of(name: str) -> int | None:
    """The version that a folder's name stands for; `None` for what TensorFlow Serving passes over.

    It takes 00000123 for 123, and nothing beyond `GREATEST`.
    """
    # Python refuses to read thousands of digits, zeros among them.
    number = int(name.lstrip("0") or "0") if re.fullmatch("0*[0-9]{1,19}", name) else None
    return None if number is None or number > GREATEST else number


def numbers(path: Path) -> dict[int, Path]:
    """The version folders in `path` by their number, in order."""
    if not path.is_dir():
        return {}
    folders = [entry for entry in path.iterdir() if entry.is_dir()]
    found = {number: entry for entry in folders if (number := number_of(entry.name)) is not None}
    return {number: found[number] for number in sorted(found)}


def models(path: Path) -> list[Path]:
    """The folders in `path` that have versions, in order; what cannot be looked into, as lost+found, is left out."""
    return sorted(folder for folder in path.iterdir() if os.access(folder, os.R_OK | os.X_OK) and numbers(folder))
