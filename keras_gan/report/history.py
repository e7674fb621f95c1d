"""The figures of each epoch, from the history.csv of a run."""

from __future__ import annotations

import csv
import dataclasses
import math
from pathlib import Path


@dataclasses.dataclass(frozen=True)
class History:
    """What was logged.

    Args:
        epochs: The number of each epoch, from 1.
        figures: By name a value for each epoch; `None` where it was not logged.
    """

    epochs: tuple[int, ...] = ()
    figures: dict[str, tuple[float | None, ...]] = dataclasses.field(default_factory=dict)

    @classmethod
    def read(cls, path: Path) -> History:
        """Read a file of `keras.callbacks.CSVLogger`, which may be one that is being written; none has no epochs."""
        if not path.is_file():
            return cls()
        with path.open(newline="", encoding="utf-8", errors="replace") as file:
            rows = [row for row in csv.DictReader(file) if str(row.get("epoch")).isdecimal()]
        names = [name for name in (rows[0] if rows else ()) if name and name != "epoch"]
        figures = {name: tuple(_number(row.get(name)) for row in rows) for name in names}
        known = {name: values for name, values in figures.items() if any(value is not None for value in values)}
        return cls(tuple(int(row["epoch"]) + 1 for row in rows), known)


def _number(text: str | None) -> float | None:
    try:
        return float(text or "")
    except ValueError:  # NA, or cut off
        return None


def finite(value: float | None) -> bool:
    """Whether there is a number to draw."""
    return value is not None and math.isfinite(value)
