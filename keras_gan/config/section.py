"""Base class of the parts of a config."""

from __future__ import annotations

from typing import Any, ClassVar

import pydantic

# A field with this mark may change when a training resumes.
RESUMABLE: Any = {"resumable": True}


class Section(pydantic.BaseModel):
    """Group of fields that rejects unknown names and cannot be changed.

    Attributes:
        shorthand: Field that a plain value stands for, so that `data: digits` means `data: {name: digits}`.
    """

    model_config = pydantic.ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    shorthand: ClassVar[str] = ""

    @pydantic.model_validator(mode="before")
    @classmethod
    def _expand(cls, value: Any) -> Any:
        if cls.shorthand and isinstance(value, str | int | float) and not isinstance(value, bool):
            return {cls.shorthand: value}
        return value
