"""Errors of an export."""

from __future__ import annotations

import os
from collections.abc import Sequence


class ExportError(RuntimeError):
    """Raised if an export failed. Nothing was exported, and the message lists the problems of all formats.

    Args:
        directory: Folder that the export was meant for.
        problems: Sentence for each problem.
    """

    def __init__(self, directory: str | os.PathLike[str], problems: Sequence[str]) -> None:
        self.directory = os.fspath(directory)
        self.problems = tuple(problems)
        super().__init__("\n".join([f"Nothing was exported to `{self.directory}`:", *(f"- {p}" for p in problems)]))

    def __reduce__(self) -> tuple[type, tuple[str, tuple[str, ...]]]:
        return type(self), (self.directory, self.problems)
