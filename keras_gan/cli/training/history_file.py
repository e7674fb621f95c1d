"""RUN/history.csv: metrics of each epoch."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import keras

from keras_gan.utils.files import atomic_path


class HistoryFile(keras.callbacks.Callback):
    """Callback that writes the metrics of each epoch as CSV, in the format of `keras.callbacks.CSVLogger`.

    The file is replaced as a whole, so that a reader never sees half of it. A metric that appears later, such as a
    penalty after a rollback, becomes a new column. Damaged lines of an existing file are dropped.

    Args:
        path: CSV file.
        append: Keep the rows of an existing file.
    """

    def __init__(self, path: Path, append: bool) -> None:
        super().__init__()
        self.path = path
        self._rows = _read(path) if append and path.exists() else []

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Writes the row of the epoch."""
        self._rows = [row for row in self._rows if int(row["epoch"]) < epoch] + [{**(logs or {}), "epoch": epoch}]
        names = sorted({name for row in self._rows for name in row} - {"epoch"})
        with atomic_path(self.path) as temporary, temporary.open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, ["epoch", *names], restval="NA", lineterminator="\n")
            table.writeheader()
            table.writerows(self._rows)


def _read(path: Path) -> list[dict[str, Any]]:
    """Returns the rows with an epoch and a cell for each column."""
    text = path.read_text(encoding="utf-8", errors="replace").replace("\0", "")
    rows = csv.DictReader(text[: text.rfind("\n") + 1].splitlines())
    whole = [row for row in rows if None not in row and None not in row.values()]
    return [row for row in whole if row.get("epoch", "").isdecimal()]
