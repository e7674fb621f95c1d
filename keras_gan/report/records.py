"""Findings and metrics in the folder of a run. Damaged files are listed, not read."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from keras_gan.report.verdicts import HEALTH, Verdict, judge_health, judge_score
from keras_gan.utils.private_paths import without_paths


@dataclasses.dataclass(frozen=True)
class Findings:
    """Tests and findings of `callbacks.TrainingHealth`.

    Args:
        tested: `True` if there is a record, which may be empty.
        rows: Fields of each finding: step, kind, evidence, remedy and others.
        unreadable: Number of damaged lines.
        steps: Number of steps of the training, or `None` if it is not known.
        watched: Kinds of problems that were tested. Empty if they are not known.
        not_watched: Reason for each kind of problem that was not tested.
        measured: Newest measurements: title, value and verdict.
    """

    tested: bool
    rows: tuple[dict[str, Any], ...] = ()
    unreadable: int = 0
    steps: int | None = None
    watched: tuple[str, ...] = ()
    not_watched: dict[str, str] = dataclasses.field(default_factory=dict)
    measured: tuple[tuple[str, str, Verdict], ...] = ()

    @classmethod
    def read(cls, log: Path, summary: Path) -> Findings:
        """Reads a log with one JSON object a line, and the summary of what was tested."""
        if not log.is_file():
            return cls(False)
        lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
        rows = [row for line in lines if (row := _object(line)) is not None]
        found = _object(summary.read_text(encoding="utf-8", errors="replace")) if summary.is_file() else None
        known = {} if found is None else _of_summary(found)
        return cls(True, tuple(rows), len(lines) - len(rows), **known)


def _of_summary(summary: dict[str, Any]) -> dict[str, Any]:
    try:
        judged = [
            (HEALTH[name][0], f"{value:.0%}" if name in ("spread", "repeated") else f"{value:.3g}", verdict)
            for name, value in summary["measured"].items()
            if (verdict := judge_health(name, float(value))) is not None
        ]
        return {
            "steps": int(summary["steps"]),
            "watched": tuple(map(str, summary["watched"])),
            "not_watched": {str(kind): str(reason) for kind, reason in summary["not_watched"].items()},
            "measured": tuple(judged),
        }
    except (KeyError, TypeError, ValueError, AttributeError):  # a damaged summary says nothing
        return {}


@dataclasses.dataclass(frozen=True)
class Measured:
    """Table of metrics that share a protocol.

    Args:
        title: Title of the table.
        headings: Headings of the columns.
        rows: Cells of each row.
        verdicts: Verdict on each row, or `None`.
        protocol: Settings that the metrics depend on.
    """

    title: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    verdicts: tuple[Verdict | None, ...]
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


def problems(findings: Findings, metrics: Sequence[Measured]) -> list[tuple[str, str, str]]:
    """Returns the level, the name and the meaning of everything that is not good, the worst first.

    Args:
        findings: Findings of the training.
        metrics: Metrics of the run.
    """
    found = [("bad", f"{_words(row.get('kind', ''))} at step {row.get('step', '?')}", "") for row in findings.rows]
    judged: list[tuple[str, Verdict | None]] = [(f"{title}: {value}", of) for title, value, of in findings.measured]
    for one in metrics:
        judged += [(f"{row[0]} {row[1]}", of) for row, of in zip(one.rows, one.verdicts, strict=True)]
    found += [(of.level, name, of.text) for name, of in judged if of is not None and of.level != "good"]
    return sorted(found, key=lambda one: one[0] != "bad")


def _words(kind: Any) -> str:
    return str(kind).replace("_", " ")


def _of_file(path: Path, data: dict[str, Any]) -> list[Measured]:
    if "translated" in data:
        title = f"Translation {data.get('generator', '')}, compared with unchanged images"
        headings, rows = _translation(data)
        return [Measured(title, headings, rows, (None,) * len(rows), data["protocol"])]
    scores = data.get("scores", [data])
    protocols = list(dict.fromkeys(json.dumps(score["protocol"]) for score in scores))
    title = "The best model so far" if path.stem == "best" else "The newest model"
    values = {str(score["name"]): _value(score) for score in scores}
    found = []
    for protocol in protocols:
        own = [score for score in scores if json.dumps(score["protocol"]) == protocol]
        found.append(
            Measured(
                f"{title}, by {json.loads(protocol)['extractor']}",
                ("metric", "value", "error"),
                tuple(_score(score) for score in own),
                tuple(judge_score(str(score["name"]), _value(score), values) for score in own),
                json.loads(protocol),
            )
        )
    return found


def _value(score: dict[str, Any]) -> float:
    return math.nan if score["value"] is None else float(score["value"])


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
