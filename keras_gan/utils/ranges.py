"""Pairs of numbers that stand for a range of values."""

from __future__ import annotations

import math
from typing import Any

from keras_gan.typing import Range


def as_range(value: Any) -> Range | None:
    """Returns two finite numbers, the first below the second, as floats. Returns `None` for anything else."""
    try:
        low, high = (float(one) for one in value)
    except (TypeError, ValueError):
        return None
    return (low, high) if math.isfinite(low) and math.isfinite(high) and low < high else None
