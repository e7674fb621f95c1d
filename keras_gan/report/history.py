"""Metrics of each epoch, from the history.csv of a run."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class History:
    """Logged metrics.

    Args:
        epochs: Number of each epoch, starting with 1.
        metrics: Values for each epoch, by name. `None` where none was logged.
    """

    epochs: tuple[int, ...] = ()
    metrics: dict[str, tuple[float | None, ...]] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> History:
        """Reads a file of `keras.callbacks.CSVLogger`, also while it is written. No file means no epochs."""
        if not path.is_file():
            return cls()
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            rows = [row for row in csv.DictReader(file) if str(row.get("epoch")).isdecimal()]
        names = [name for name in (rows[0] if rows else ()) if name and name != "epoch"]
        metrics = {name: tuple(_number(row.get(name)) for row in rows) for name in names}
        known = {name: values for name, values in metrics.items() if any(value is not None for value in values)}
        return cls(tuple(int(row["epoch"]) + 1 for row in rows), known)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:  # NA, or cut off
        return None


def finite(value: float | None) -> bool:
    """Returns `True` if there is a value to plot."""
    return value is not None and math.isfinite(value)
