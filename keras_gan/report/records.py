"""Findings and metrics in the folder of a run. Damaged files are listed, not read."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

from keras_gan.utils.private_paths import without_paths


@dataclasses.dataclass(frozen=True)
class Findings:
    """Findings of `callbacks.TrainingHealth`.

    Args:
        watched: `True` if there is a record, which may be empty.
        rows: Fields of each finding: step, kind, evidence, remedy and others.
        unreadable: Number of damaged lines.
    """

    watched: bool
    rows: tuple[dict[str, Any], ...]
    unreadable: int

    @classmethod
    def read(cls, path: Path) -> Findings:
        """Reads a file with one JSON object a line."""
        if not path.is_file():
            return cls(False, (), 0)
        lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        rows = [row for line in lines if (row := _object(line)) is not None]
        return cls(True, tuple(rows), len(lines) - len(rows))


@dataclasses.dataclass(frozen=True)
class Measured:
    """Table of metrics that share a protocol.

    Args:
        title: Title of the table.
        headings: Headings of the columns.
        rows: Cells of each row.
        protocol: Settings that the metrics depend on.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    protocol: dict[str, Any]


def measured(folder: Path) -> tuple[list[Measured], list[str]]:
    """Returns the metrics of a run, and the names of damaged files.

    Args:
        folder: Folder of the run.
    """
    found: list[Measured] = []
    damaged = []
    for path in sorted(folder.glob("evaluation*.json")) + sorted(folder.glob("best.json")):
        data = _object(path.read_text(encoding="utf-8", errors="replace"))
        try:
            found += _of_file(path, data or {})
        except (KeyError, TypeError, ValueError, AttributeError):
            damaged.append(path.name)
    return found, damaged


def _of_file(path: Path, data: dict[str, Any]) -> list[Measured]:
    if "translated" in data:
        title = f"Translation {data.get('generator', '')}, compared with unchanged images"
        return [Measured(title, *_translation(data), data["protocol"])]
    scores = data.get("scores", [data])
    protocols = list(dict.fromkeys(json.dumps(score["protocol"]) for score in scores))
    title = "The best model so far" if path.stem == "best" else "The newest model"
    return [
        Measured(
            f"{title}, by {json.loads(protocol)['extractor']}",
            ("metric", "value", "error"),
            tuple(_score(score) for score in scores if json.dumps(score["protocol"]) == protocol),
            json.loads(protocol),
        )
        for protocol in protocols
    ]


def _score(score: dict[str, Any]) -> tuple[str, ...]:
    return str(score["name"]), _number(score["value"]), _number(score["error"])


def _translation(data: dict[str, Any]) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    names = [name for name in ("top_1", "top_5", "distance") if data["translated"][name] is not None]
    rows = [
        (title, _number(one["kernel"]["mean"]), _number(one["frechet"]), *(_number(one[n]) for n in names))
        for title, one in (("translated", data["translated"]), ("unchanged", data["identity"]))
    ]
    return ("", "KID", "Frechet", *(name.replace("_", "-") for name in names)), tuple(rows)


def _number(value: Any) -> str:
    return "" if value is None else f"{float(value):.4g}"


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return without_paths(found) if isinstance(found, dict) else None
