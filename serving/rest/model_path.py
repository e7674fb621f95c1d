"""Paths under `/v1/models/`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import unquote

from keras_gan.artifacts.versions import number_of
from keras_gan.serving.errors import invalid

_MODEL = r"/v1/models(?:/(?P<name>[^/:]+))?(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_VERBS = {
    # TensorFlow Serving has neither images nor manifests.
    "POST": r":(?P<verb>predict|classify|regress|image\.png)",
    "GET": r"(?:/(?P<verb>metadata)|:(?P<own>image\.png|manifest))?",
    "HEAD": r":(?P<verb>image\.png|manifest)",
}
_PATHS = {method: re.compile(_MODEL + verb, re.IGNORECASE) for method, verb in _VERBS.items()}


@dataclass(frozen=True)
class ModelPath:
    """Parts of a path such as `/v1/models/digits/versions/3:predict`.

    `verb` is "predict", "classify", "regress", "metadata", "image.png", "manifest", or "" for the status.
    """

    name: str
    version: int | None
    label: str | None
    verb: str

    @classmethod
    @lru_cache(maxsize=64)
    def parse(cls, method: str, path: str) -> ModelPath:
        """Parses a path as the client sent it, with `%` escapes.

        Raises:
            ServingError: If there is no such path for the method, or the version is beyond int64.
        """
        pattern = _PATHS.get(method)
        found = None if pattern is None else pattern.fullmatch(path)
        if found is None:
            raise invalid(f"{method} {path} is not supported. See /openapi.json")
        parts = found.groupdict()
        if not parts["name"]:
            raise invalid(f"The path must name a model: /v1/models/NAME. Received: {path}")
        version = None if parts["version"] is None else number_of(parts["version"])
        if parts["version"] is not None and version is None:
            raise invalid(f"The version must be an integer below 2**63. Received: {parts['version'][:40]}")
        label = None if parts["label"] is None else unquote(parts["label"])
        return cls(unquote(parts["name"]), version, label, (parts["verb"] or parts.get("own") or "").lower())
