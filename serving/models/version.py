"""State of one version of a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from keras_gan.serving.models.folders import Contents
from keras_gan.serving.models.servable import Servable

State = Literal["UNKNOWN", "START", "LOADING", "AVAILABLE", "UNLOADING", "END"]
# Numbers of the states in TensorFlow Serving's messages.
STATES: dict[State, int] = {"UNKNOWN": 0, "START": 10, "LOADING": 20, "AVAILABLE": 30, "UNLOADING": 40, "END": 50}


@dataclass
class Version:
    """A version of a model, from the moment it is found on disk.

    Args:
        number: Number of the version.
        state: State in TensorFlow Serving's terms. Defaults to "START".
        code: gRPC name of the error. Defaults to "OK".
        message: Message of the error. Defaults to "".
        servable: Loaded model, while the version is available or in use.
        in_use: Number of requests that use it now.
        failures: Number of times that loading failed.
        retry_at: Time of the next attempt to load it, in seconds of `time.monotonic()`.
        contents: Contents of its folder when it was last loaded, or None if the folder has since disappeared.
    """

    number: int
    state: State = "START"
    code: str = "OK"
    message: str = ""
    servable: Servable | None = field(default=None, repr=False)
    in_use: int = 0
    failures: int = 0
    retry_at: float = 0.0
    contents: Contents | None = None

    def free_if_unused(self) -> None:
        """Drops the loaded model if the version is being unloaded and no request uses it."""
        if self.state == "UNLOADING" and not self.in_use:
            self.state, self.servable = "END", None


def available(versions: Iterable[Version]) -> list[Version]:
    """Returns the versions that can answer requests."""
    return [version for version in versions if version.state == "AVAILABLE"]


def status_json(versions: Sequence[Version]) -> bytes:
    """Returns a GetModelStatusResponse as JSON."""
    listed = [
        {
            "version": str(version.number),
            "state": version.state,
            "status": {"error_code": version.code, "error_message": version.message},
        }
        for version in versions
    ]
    # Not orjson: a message may hold a path that is not valid Unicode.
    return json.dumps({"model_version_status": listed}).encode()
