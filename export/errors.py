"""What an export that failed says."""

from __future__ import annotations

import os
from collections.abc import Sequence


class ExportError(RuntimeError):
    """Nothing was exported, for the reasons given: all that were found, in every format.

    Args:
        directory: Where the export was meant to go.
        problems: A sentence for each thing that is wrong.
    """

    def __init__(self, directory: str | os.PathLike[str], problems: Sequence[str]) -> None:
        self.directory = os.fspath(directory)
        self.problems = tuple(problems)
        super().__init__("\n".join([f"Nothing was exported to `{self.directory}`:", *(f"- {p}" for p in problems)]))

    def __reduce__(self) -> tuple[type, tuple[str, tuple[str, ...]]]:
        return type(self), (self.directory, self.problems)
