"""One figure, with all that it depends on."""

from __future__ import annotations

import dataclasses
from typing import Any

from keras_gan.metrics.evaluation_protocol import EvaluationProtocol


@dataclasses.dataclass(frozen=True)
class Score:
    """A figure that knows how it was measured, and refuses to be compared with one that was measured otherwise.

    Args:
        name: What was measured, such as "KID-EffLite0".
        value: The figure.
        protocol: How it was measured.
        error: Its standard deviation, from subset to subset (of KID, of few images: between random halves of them);
            `None` where it has none. Defaults to `None`.
        higher_is_better: Defaults to `False`.

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
        """How much higher this figure is.

        Raises:
            ValueError: If the other is another metric, or of another protocol.
        """
        self._check(other)
        return self.value - other.value

    def better_than(self, other: Score) -> bool:
        """Whether this figure is the better one; a NaN never is.

        Raises:
            ValueError: If the other is another metric, or of another protocol.
        """
        difference = self - other
        return difference > 0 if self.higher_is_better else difference < 0

    def as_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Score:
        """What `as_dict` returned."""
        return cls(**{**data, "protocol": EvaluationProtocol(**data["protocol"])})

    def __str__(self) -> str:
        error = "" if self.error is None else f" +- {self.error:.2g}"
        return f"{self.name} {self.value:.4g}{error}"

    def _check(self, other: Score) -> None:
        if self.name != other.name:
            raise ValueError(f"Expected two figures of one metric to compare. Received: {self.name} and {other.name}")
        self.protocol.check_same(other.protocol)
