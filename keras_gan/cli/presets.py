"""`keras-gan presets`."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from keras_gan.presets import PRESETS


def presets() -> None:
    """List the recipes that `train --preset` takes."""
    table = Table("preset", "what it is", "arXiv")
    for name, preset in PRESETS.items():
        table.add_row(name, preset.summary, preset.reference.rpartition("/")[2])
    Console().print(table)
