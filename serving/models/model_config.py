"""Configuration of a model: its folder, and which versions are served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Policy:
    """Chooses which of the versions on disk are served: the `latest` ones, `specific` ones or `all`."""

    latest: int = 1
    specific: tuple[int, ...] = ()
    all: bool = False

    def choose(self, versions: Iterable[int]) -> list[int]:
        """Returns the versions to serve, the newest last."""
        found = sorted(versions)
        if self.all:
            return found
        if self.specific:
            return [version for version in found if version in self.specific]
        return found[-self.latest :]


@dataclass(frozen=True)
class ModelConfig:
    """Configuration of one model: its name, the folder of its versions, and the version of each label."""

    name: str
    base_path: Path
    policy: Policy = Policy()
    labels: Mapping[str, int] = field(default_factory=dict)
