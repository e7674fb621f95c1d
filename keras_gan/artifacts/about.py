"""What an artifact cannot tell of itself: what it learned from, how good it is, what it is for. No TensorFlow here."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from pydantic import Field, field_validator

from keras_gan.artifacts.file_entry import Part

NOT_STATED = "not stated"
LIMITS = (
    "What it makes is no photograph and no evidence of anything: do not pass it off as one.",
    "It must not be used to imitate a person, or their work, without their consent.",
    "The licence of the training data may bind what is made with it.",
)


class Data(Part):
    """Images that a model learned from.

    Args:
        name: The data set's name; of a folder its own name, without the path.
        licence: The terms the images are under. Defaults to "not stated".
        homepage: Where to read more. Defaults to "".
        domain: "x" or "y" of a model that translates from one set to another. Defaults to "".
    """

    name: str
    licence: str = NOT_STATED
    homepage: str = ""
    domain: str = ""

    @field_validator("licence", mode="before")
    @classmethod
    def _say_so(cls, licence: Any) -> Any:
        return NOT_STATED if licence in (None, "") else licence


class Metric(Part):
    """A figure of quality, with all that it depends on.

    Args:
        name: Such as "KID-EffLite0".
        value: The figure; `None` if it came out as no number.
        protocol: How it was measured, as `keras_gan.metrics.EvaluationProtocol.as_dict` gives it.
        error: Its standard deviation, if it has one. Defaults to None.
        higher_is_better: Defaults to False.
    """

    name: str
    value: float | None
    protocol: dict[str, str | bool | int | float | None]
    error: float | None = None
    higher_is_better: bool = False

    @field_validator("value", "error", mode="before")
    @classmethod
    def _no_number(cls, value: Any) -> Any:
        """JSON has no NaN."""
        return None if isinstance(value, float) and not math.isfinite(value) else value

    def __str__(self) -> str:
        value = "not a number" if self.value is None else f"{self.value:.4g}"
        return value if self.error is None else f"{value} +- {self.error:.2g}"


class About(Part):
    """What people should know before they use a model; `model_card.md` of an export is written from it.

    Args:
        data: What the model learned from. Defaults to (), not stated.
        metrics: `keras_gan.metrics.Score`s. Defaults to (), not measured.
        intended_use: A sentence. Defaults to "not stated".
        limits: What it must not be used for. Defaults to three that hold for any generator of images.
        known_failures: Where it is known to go wrong. Defaults to (), none reported.

    Raises:
        ValueError: If an argument is of another type. Pydantic's ValidationError is one.

    Example:
    ```python
    about = keras_gan.export.About(
        data=[keras_gan.export.Data(name="digits", licence="CC BY-SA 3.0")],
        metrics=evaluation.scores.values(),
        intended_use="To show what a GAN learns.",
    )
    keras_gan.export.export_generator(gan, "exported", about=about)
    ```
    """

    data: tuple[Data, ...] = ()
    metrics: tuple[Metric, ...] = ()
    intended_use: str = NOT_STATED
    limits: tuple[str, ...] = Field(default=LIMITS)
    known_failures: tuple[str, ...] = ()

    @field_validator("metrics", mode="before")
    @classmethod
    def _from_scores(cls, metrics: Any) -> Any:
        if isinstance(metrics, str | bytes | dict) or not hasattr(metrics, "__iter__"):
            return metrics
        return [_plain(metric) for metric in metrics]


def _plain(metric: Any) -> Any:
    is_score = dataclasses.is_dataclass(metric) and not isinstance(metric, type)
    return dataclasses.asdict(metric) if is_score else metric
