"""What a run's folder says beside its curves and pictures; files that are damaged are named, not trusted."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any


@dataclasses.dataclass(frozen=True)
class Findings:
    """What `callbacks.TrainingHealth` found.

    Args:
        watched: Whether there is a record at all.
        rows: Of each finding what was written: step, kind, evidence, remedy, ...
        unreadable: How many lines are none.
    """

    watched: bool
    rows: tuple[dict[str, Any], ...]
    unreadable: int

    @classmethod
    def read(cls, path: Path) -> Findings:
        """Read a file of one JSON object a line."""
        if not path.is_file():
            return cls(False, (), 0)
        lines = [line for line in path.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        rows = [row for line in lines if (row := _object(line)) is not None]
        return cls(True, tuple(rows), len(lines) - len(rows))


@dataclasses.dataclass(frozen=True)
class Measured:
    """Figures of one protocol.

    Args:
        title: What was measured.
        headings: Of the columns.
        rows: The cells of each row.
        protocol: What the figures depend on.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    protocol: dict[str, Any]


def measured(folder: Path) -> tuple[list[Measured], list[str]]:
    """The figures of a run, of generators and of translations, and the names of files that are none.

    Args:
        folder: The run's.
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
        title = f"Translation {data.get('generator', '')}, beside leaving the images as they are"
        return [Measured(title, *_translation(data), data["protocol"])]
    scores = data.get("scores", [data])
    protocols = list(dict.fromkeys(json.dumps(score["protocol"]) for score in scores))
    title = "The best model so far" if path.stem == "best" else "The newest model"
    return [
        Measured(
            f"{title}, by {json.loads(protocol)['extractor']}",
            ("figure", "value", "error"),
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
        (title, _number(figures["kernel"]["mean"]), _number(figures["frechet"]), *(_number(figures[n]) for n in names))
        for title, figures in (("translated", data["translated"]), ("left as they are", data["identity"]))
    ]
    return ("", "KID", "Frechet", *(name.replace("_", "-") for name in names)), tuple(rows)


def _number(value: Any) -> str:
    return "" if value is None else f"{float(value):.4g}"


def _object(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
