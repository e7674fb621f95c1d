"""State of one version of a model."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from keras_gan.serving.models.folders import Contents
from keras_gan.serving.models.servable import Servable

State = Literal["START", "LOADING", "AVAILABLE", "END"]
# Numbers of the states in TensorFlow Serving's messages.
STATES: dict[State, int] = {"START": 10, "LOADING": 20, "AVAILABLE": 30, "END": 50}


@dataclass
class Version:
    """A version of a model, from the moment it is found on disk. It has a servable while it is available.

    Args:
        code: gRPC name of the error.
        failures: Number of times that loading failed.
        retry_at: Time of the next attempt to load it, in seconds of `time.monotonic()`.
        contents: Contents of its folder when it was last loaded, or None if the folder has since disappeared.
    """

    number: int
    state: State = "START"
    code: str = "OK"
    message: str = ""
    servable: Servable | None = field(default=None, repr=False)
    failures: int = 0
    retry_at: float = 0.0
    contents: Contents | None = None


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
