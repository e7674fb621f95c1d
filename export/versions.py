"""The versions of a model on disk."""

from __future__ import annotations

import re
from pathlib import Path

# Where TensorFlow Serving looks in a version's folder for the requests that it sends to it before users do.
WARM_UP = "assets.extra/tf_serving_warmup_requests"


def numbers(path: Path) -> dict[int, Path]:
    """The version folders in `path` by their number, in order.

    TensorFlow Serving takes 00000123 for 123, and passes over what is no int64.
    """
    if not path.is_dir():
        return {}
    there = [entry for entry in path.iterdir() if re.fullmatch("[0-9]+", entry.name) and entry.is_dir()]
    found = {int(entry.name): entry for entry in there}
    return {number: found[number] for number in sorted(found) if number < 2**63}
