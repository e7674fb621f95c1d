"""Facts about a model that its files do not show: training data, quality, intended use."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from pydantic import Field, field_validator

from keras_gan.artifacts.file_entry import Part

NOT_STATED = "not stated"
LIMITS = (
    "Its images are not photographs and prove nothing. Do not present them as photographs.",
    "Do not use it to imitate a person, or a person's work, without consent.",
    "The licence of the training data may restrict the use of its images.",
)


class Data(Part):
    """A set of training images.

    Args:
        name: Name of the data set. For a folder, the folder's name without its path.
        licence: Licence of the images. Defaults to "not stated".
        homepage: Web page of the data set. Defaults to "".
        domain: "x" or "y", for a model that translates between two domains. Defaults to "".
    """

    name: str
    licence: str = NOT_STATED
    homepage: str = ""
    domain: str = ""

    @field_validator("licence", mode="before")
    @classmethod
    def _without_a_licence(cls, licence: Any) -> Any:
        return NOT_STATED if licence in (None, "") else licence


class Metric(Part):
    """A quality metric with its value and protocol.

    Args:
        name: Name of the metric, such as "KID-EffLite0".
        value: The value; None for NaN and infinity.
        protocol: Dictionary that `keras_gan.metrics.EvaluationProtocol.as_dict()` returns.
        error: Standard deviation of the value. Defaults to None, unknown.
        higher_is_better: True if larger values mean better images. Defaults to False.
    """

    name: str
    value: float | None
    protocol: dict[str, str | bool | int | float | None]
    error: float | None = None
    higher_is_better: bool = False

    @field_validator("value", "error", mode="before")
    @classmethod
    def _without_nan(cls, value: Any) -> Any:
        """JSON has no NaN."""
        return None if isinstance(value, float) and not math.isfinite(value) else value

    def __str__(self) -> str:
        value = "not a number" if self.value is None else f"{self.value:.4g}"
        return value if self.error is None else f"{value} +- {self.error:.2g}"


class About(Part):
    """Facts that people need before they use a model. An export's `model_card.md` is written from them.

    Args:
        data: Training data, `Data` objects. Defaults to (), not stated.
        metrics: Quality metrics, `keras_gan.metrics.Score` objects. Defaults to (), not measured.
        licence: Licence of the model's files, such as "CC BY 4.0". Defaults to "not stated".
        intended_use: Intended use, in a sentence. Defaults to "not stated".
        limits: Uses to avoid, in a sentence each. Defaults to three that hold for any generator of images.
        known_failures: Known failures, in a sentence each. Defaults to (), none reported.

    Raises:
        ValueError: If an argument has the wrong type. Pydantic's ValidationError is a ValueError.

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
    licence: str = NOT_STATED
    intended_use: str = NOT_STATED
    limits: tuple[str, ...] = Field(default=LIMITS)
    known_failures: tuple[str, ...] = ()

    @field_validator("metrics", mode="before")
    @classmethod
    def _from_scores(cls, metrics: Any) -> Any:
        if isinstance(metrics, str | bytes | dict) or not hasattr(metrics, "__iter__"):
            return metrics
        return [_as_dict(metric) for metric in metrics]


def _as_dict(metric: Any) -> Any:
    is_score = dataclasses.is_dataclass(metric) and not isinstance(metric, type)
    return dataclasses.asdict(metric) if is_score else metric
