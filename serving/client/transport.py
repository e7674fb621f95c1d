"""What a way to reach a server must be able to do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from keras_gan.serving.client.signature import Signature, VersionStatus


@dataclass(frozen=True)
class Target:
    """Which model is asked.

    Args:
        model: Its name.
        version: The number, or `None` for what `label` says, or for the newest.
        label: Such as "stable", or `None`.
    """

    model: str
    version: int | None = None
    label: str | None = None


class Transport(Protocol):
    """REST or gRPC. Each method takes the seconds that it has, and raises what `Client` says that it raises."""

    def predict(
        self,
        target: Target,
        signature_name: str,
        signature: Signature,
        inputs: Mapping[str, np.ndarray],
        timeout: float,
    ) -> dict[str, np.ndarray]:
        """Run one batch."""

    def metadata(self, target: Target, timeout: float) -> tuple[int, dict[str, Signature]]:
        """The version that answers, and its signatures."""

    def status(self, target: Target, timeout: float) -> list[VersionStatus]:
        """Of each version that the server knows."""

    def models(self, timeout: float) -> list[str]:
        """The names of the models."""

    def close(self) -> None:
        """Give up the connections."""
