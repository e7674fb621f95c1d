"""Results of `verify`."""

from __future__ import annotations

import dataclasses
import io
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from keras_gan.artifacts.artifact_entry import ArtifactEntry, Parity
from keras_gan.artifacts.manifest import Manifest


@dataclasses.dataclass(frozen=True)
class VerifiedArtifact:
    """Result for one signature of one format.

    Args:
        entry: Entry of the manifest.
        rows: Difference from Keras's images now, a row for each batch. Defaults to ().
        problems: Sentence for each problem. Defaults to ().
        skipped: Reason why the artifact was not run. Defaults to None, it was run.
    """

    entry: ArtifactEntry
    rows: tuple[Parity, ...] = ()
    problems: tuple[str, ...] = ()
    skipped: str | None = None


@dataclasses.dataclass(frozen=True, repr=False)
class Verification:
    """Result of `verify` for one export.

    Args:
        path: The version folder.
        manifest: Its manifest.
        artifacts: Result for each signature of each format.
        problems: Sentence for each problem, of files and artifacts.

    Example:
    ```python
    found = keras_gan.export.verify("exported/digits/1")
    if not found.passed:
        print(found.problems)
    ```
    """

    path: Path
    manifest: Manifest
    artifacts: tuple[VerifiedArtifact, ...]
    problems: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Reasons why artifacts were not run."""
        return tuple(dict.fromkeys(one.skipped for one in self.artifacts if one.skipped is not None))

    @property
    def passed(self) -> bool:
        """True if there are no problems."""
        return not self.problems

    def table(self) -> Table:
        """Returns the results as a table for `rich.print`."""
        table = Table(title=f"{self.manifest.name}, version {self.manifest.version}, verified")
        table.add_column("format")
        for heading in ("size", "images", "max abs error", "at export"):
            table.add_column(heading, justify="right")
        table.add_column("verdict")
        for one in self.artifacts:
            verdict = "[red]FAIL" if one.problems else "[green]pass" if one.rows else "[yellow]not run"
            images = ", ".join(str(row.batch) for row in one.rows)
            errors = (_worst(one.entry, one.rows), _worst(one.entry, one.entry.parity))
            table.add_row(one.entry.label, decimal(one.entry.size), images, *errors, verdict)
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=120, color_system=None)
        console.print(self.table())
        for sentence in (*self.notes, *self.problems):
            console.print(sentence, soft_wrap=True, highlight=False, markup=False)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().rstrip()

    __repr__ = __str__


def _worst(entry: ArtifactEntry, rows: tuple[Parity, ...]) -> str:
    if not rows:
        return ""
    error = max(row.max_abs_error for row in rows)
    return f"{error:.1e}" if entry.dtype == "float32" else f"{error:.0f} of 255"
