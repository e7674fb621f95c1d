"""Writes the table of export formats into docs/guides/export.md: `python experiments/format_table.py`."""

from __future__ import annotations

import re
from pathlib import Path

from keras_gan.artifacts.formats import FORMAT_INFOS

PAGE = Path(__file__).parent.parent / "docs" / "guides" / "export.md"
BEGIN, END = "<!-- formats: python experiments/format_table.py writes this table -->", "<!-- end of formats -->"


def table() -> str:
    """Returns the table with a row for each format."""
    rows = [["you run it", "format", "file", "precision", "runtime", "details"], ["---"] * 6]
    for info in FORMAT_INFOS.values():
        names = [f"`{info.name}`", f"`{info.filename}`", info.precision, info.runtime.name]
        rows.append([info.place, *names, info.contents])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def with_table(page: str) -> str:
    """Returns the page with the current table between its markers."""
    return re.sub(f"{BEGIN}.*{END}", lambda _: f"{BEGIN}\n\n{table()}\n\n{END}", page, flags=re.DOTALL)


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
