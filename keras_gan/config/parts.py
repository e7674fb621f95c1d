"""Sections that several kinds of models share."""

from __future__ import annotations

from typing import Any, Literal

import pydantic
from pydantic import Field

from keras_gan.config.section import Section


class Optimizer(Section):
    """Optimizer of one or more networks."""

    shorthand = "name"
    name: Literal["adam", "rmsprop"] = Field(default="adam", description="Name of the optimizer.")
    learning_rate: float = Field(default=2e-4, ge=0, description="Learning rate.")
    beta_1: float = Field(default=0.5, ge=0, lt=1, description="Decay of the mean of gradients, for `adam`.")
    beta_2: float = Field(default=0.999, ge=0, lt=1, description="Decay of the mean of squared gradients, for `adam`.")
    clipnorm: float | None = Field(
        default=None, gt=0, description="Largest norm of each gradient. `null` for no limit."
    )


class NamedPart(Section):
    """Loss or augmentation: its name and, beside it, its own options."""

    model_config = pydantic.ConfigDict(extra="allow")
    shorthand = "name"
    name: str = Field(description="Name in the table below. Options of that row may follow.")

    @property
    def options(self) -> dict[str, Any]:
        """Arguments beside the name."""
        return dict(self.model_extra or {})


class EMA(Section):
    """Exponential moving average of the generators' weights."""

    shorthand = "momentum"
    momentum: float | None = Field(
        default=None, ge=0, lt=1, description="Momentum of each update, such as 0.999. Lower during the first updates."
    )
    half_life: int | None = Field(
        default=None,
        ge=1,
        description="Half-life in images, instead of `momentum`. It does not depend on the batch size.",
    )

    @pydantic.model_validator(mode="after")
    def _check_one(self) -> EMA:
        if (self.momentum is None) == (self.half_life is None):
            raise ValueError(
                "ema must have either momentum or half_life, as in ema={momentum: 0.999}. "
                f"Received: momentum={self.momentum}, half_life={self.half_life}"
            )
        return self


def penalty_options(value: Any) -> Any:
    """Returns penalties as a mapping from names to options.

    Args:
        value: Mapping, name, or list of names. In a mapping `null` means no options, and a number means the weight.
    """
    if value is None:
        return {}
    names = [value] if isinstance(value, str) else value
    if isinstance(names, list | tuple) and all(isinstance(name, str) for name in names):
        return {name: {} for name in names}
    if not isinstance(value, dict):
        return value
    expanded: dict[str, Any] = {}
    for name, options in value.items():
        number = isinstance(options, int | float) and not isinstance(options, bool)
        expanded[name] = {} if options is None else {"weight": options} if number else options
    return expanded
