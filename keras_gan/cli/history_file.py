"""RUN/history.csv: the figures of each epoch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras

from keras_gan.utils.files import atomic_path


class HistoryFile(keras.callbacks.Callback):
    """Write the figures of each epoch into a table that is whole at any time, as `keras.callbacks.CSVLogger` has it.

    A figure that comes later, as a penalty's does after a rollback, is a new column. Of a table that is gone on with,
    lines that are no rows are left out, such as one that a full disk cut off.

    Args:
        path: The table.
        append: Whether to go on with the one that is there.
    """

    def __init__(self, path: Path, append: bool) -> None:
        super().__init__()
        self.path = path
        self._rows = _read(path) if append and path.exists() else []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the epoch's row."""
        self._rows = [row for row in self._rows if int(row["epoch"]) < epoch] + [{**(logs or {}), "epoch": epoch}]
        names = sorted({name for row in self._rows for name in row} - {"epoch"})
        with atomic_path(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, ["epoch", *names], restval="NA", lineterminator="\n")
            table.writeheader()
            table.writerows(self._rows)


def _read(path: Path) -> list[dict[str, Any]]:
    """The rows that have an epoch and a cell for each column."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\0", "")
    rows = csv.DictReader(text[: text.rfind("\n") + 1].splitlines())
    whole = [row for row in rows if None not in row and None not in row.values()]
    return [row for row in whole if row.get("epoch", "").isdecimal()]
