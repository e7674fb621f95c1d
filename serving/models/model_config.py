"""Which models a server holds, and which of their versions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Policy:
    """Which of the versions on disk are served.

    Args:
        latest: The newest so many. Defaults to 1.
        specific: These, whatever else there is. Defaults to none, which leaves it to `latest`.
        all: All. Defaults to False.
    """

    latest: int = 1
    specific: tuple[int, ...] = ()
    all: bool = False

    def choose(self, versions: Iterable[int]) -> list[int]:
        """Those to serve of the ones on disk, the newest last."""
        there = sorted(versions)
        if self.all:
            return there
        if self.specific:
            return [version for version in there if version in self.specific]
        return there[-self.latest :]


@dataclass(frozen=True)
class ModelConfig:
    """One model.

    Args:
        name: What it is served as.
        base_path: The folder of its version folders.
        policy: Which of them. Defaults to the newest.
        labels: Versions by label. Defaults to none.
    """

    name: str
    base_path: Path
    policy: Policy = Policy()
    labels: Mapping[str, int] = field(default_factory=dict)
