"""The values of black and of white in a config."""

from __future__ import annotations

import math
from typing import Annotated, Any, TypeAlias

import pydantic

VALUE_RANGE = (
    "The values of black and of white in images of more than 8 bits. `null` for the least and the greatest value of "
    "all images."
)


def _check(value: Any) -> Any:
    try:
        low, high = (float(one) for one in value)
    except (TypeError, ValueError):
        low = high = math.nan
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(
            "value_range must be the value of black and the greater value of white, such as [0, 65535]. "
            f"Received: {value}"
        )
    return [low, high]


ValueRange: TypeAlias = Annotated[list[float], pydantic.BeforeValidator(_check)] | None
