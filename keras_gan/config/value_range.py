"""The values of black and of white in a config."""

from __future__ import annotations

from typing import Annotated, Any, TypeAlias

import pydantic

from keras_gan.utils.ranges import as_range

VALUE_RANGE = (
    "The values of black and of white in images of more than 8 bits. `null` for the least and the greatest value of "
    "all images."
)


def _check(value: Any) -> Any:
    found = as_range(value)
    if found is None:
        raise ValueError(
            "value_range must be the value of black and the greater value of white, such as [0, 65535]. "
            f"Received: {value}"
        )
    return list(found)


ValueRange: TypeAlias = Annotated[list[float], pydantic.BeforeValidator(_check)] | None
