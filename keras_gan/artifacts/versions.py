"""Folders of models and of their versions."""

from __future__ import annotations

import os
import re
from pathlib import Path

# TensorFlow Serving sends the requests in this file of a version to it, before users send theirs.
WARM_UP = "assets.extra/tf_serving_warmup_requests"

# TensorFlow Serving reads version numbers as int64.
GREATEST = 2**63 - 1


def number_of(name: str) -> int | None:
    """Returns the version number that a folder's name stands for.

    Args:
        name: Name of a folder. As in TensorFlow Serving, 00000123 is version 123.

    Returns:
        The number; None for a name that TensorFlow Serving ignores, such as one above `GREATEST`.
    """
    # Python refuses to parse thousands of digits, even of zeros.
    number = int(name.lstrip("0") or "0") if re.fullmatch("0*[0-9]{1,19}", name) else None
    return None if number is None or number > GREATEST else number


def numbers(path: Path) -> dict[int, Path]:
    """Returns the version folders in `path` by number, in order."""
    if not path.is_dir():
        return {}
    folders = [entry for entry in path.iterdir() if entry.is_dir()]
    found = {number: entry for entry in folders if (number := number_of(entry.name)) is not None}
    return {number: found[number] for number in sorted(found)}


def models(path: Path) -> list[Path]:
    """Returns the folders in `path` that hold versions, in order, without unreadable ones such as lost+found."""
    return sorted(folder for folder in path.iterdir() if os.access(folder, os.R_OK | os.X_OK) and numbers(folder))
