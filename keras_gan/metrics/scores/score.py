"""Value of a metric, with its protocol."""

from __future__ import annotations

import dataclasses
from typing import Any

from keras_gan.metrics.scores.evaluation_protocol import EvaluationProtocol


@dataclasses.dataclass(frozen=True)
class Score:
    """Value of a metric, which can be compared only with values of the same metric and protocol.

    Args:
        name: Name of the metric, such as "KID-EffLite0".
        value: Value of the metric.
        protocol: Protocol of the evaluation.
        error: Standard deviation between random subsets of the images, or `None` if the metric has none. If there are
            too few images for several subsets, that between random halves of them. Defaults to `None`.
        higher_is_better: Boolean. If true, a higher value is better. Defaults to `False`.

    Example:
    ```python
    if today["kid"].better_than(yesterday["kid"]):
        gan.save("best.keras")
    ```
    """

    name: str
    value: float
    protocol: EvaluationProtocol
    error: float | None = None
    higher_is_better: bool = False

    def __sub__(self, other: Score) -> float:
        """Returns the difference of the values.

        Raises:
            ValueError: If the metrics or the protocols differ.
        """
        self._check(other)
        return self.value - other.value

    def better_than(self, other: Score) -> bool:
        """Returns true if this value is better than the other. NaN is never better.

        Raises:
            ValueError: If the metrics or the protocols differ.
        """
        difference = self - other
        return difference > 0 if self.higher_is_better else difference < 0

    def as_dict(self) -> dict[str, Any]:
        """Returns the score as plain data for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Score:
        """Returns the score that `as_dict` described."""
        return cls(**{**data, "protocol": EvaluationProtocol(**data["protocol"])})

    def __str__(self) -> str:
        error = "" if self.error is None else f" +- {self.error:.2g}"
        return f"{self.name} {self.value:.4g}{error}"

    def _check(self, other: Score) -> None:
        if self.name != other.name:
            raise ValueError(
                f"Expected two scores of the same metric to compare. Received: {self.name} and {other.name}"
            )
        self.protocol.check_same(other.protocol)
