"""Interface of REST and gRPC in the client."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from keras_gan.serving.client.signature import Signature, VersionStatus


@dataclass(frozen=True)
class Target:
    """Model, and version, that answers a request.

    Args:
        model: Name of the model.
        version: Number of the version. Defaults to None, the version of `label` or the newest.
        label: Label of the version, such as "stable". Defaults to None.
    """

    model: str
    version: int | None = None
    label: str | None = None


class Transport(Protocol):
    """Sends requests. Each method gets the seconds that it may take, and raises the errors that `Client` documents."""

    def predict(
        self,
        target: Target,
        signature_name: str,
        signature: Signature,
        inputs: Mapping[str, np.ndarray],
        timeout: float,
    ) -> dict[str, np.ndarray]:
        """Runs one batch through a signature."""

    def metadata(self, target: Target, timeout: float) -> tuple[int, dict[str, Signature]]:
        """Returns the number of the version that answers, and its signatures."""

    def status(self, target: Target, timeout: float) -> list[VersionStatus]:
        """Returns the state of each version."""

    def class_names(self, target: Target, timeout: float) -> tuple[str, ...]:
        """Returns the name of each class, from the manifest; empty if there is none."""

    def models(self, timeout: float) -> list[str]:
        """Returns the names of the models."""

    def close(self) -> None:
        """Closes the connections."""
