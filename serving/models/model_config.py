"""Configuration of a model: its folder, and which versions are served."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Policy:
    """Chooses which of the versions on disk are served.

    Args:
        latest: Number of versions to serve, the newest ones. Defaults to 1.
        specific: Versions to serve instead. Defaults to none.
        all: Boolean, whether to serve all versions. Defaults to False.
    """

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
    """Configuration of one model.

    Args:
        name: Name of the model in requests.
        base_path: Folder that holds its version folders.
        policy: Choice of versions. Defaults to the newest version.
        labels: Version of each label. Defaults to none.
    """

    name: str
    base_path: Path
    policy: Policy = Policy()
    labels: Mapping[str, int] = field(default_factory=dict)
