"""Facts for the model card, from the run and from the command line."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.cli.run import Run
from keras_gan.config import GANConfig, TrainingConfig
from keras_gan.config.translation import TranslationConfig

if TYPE_CHECKING:
    from keras_gan.export import About, Data, Metric

UNNAMED = "not named"


@dataclasses.dataclass(frozen=True)
class Statements:
    """Facts that the user states.

    Args:
        licences: Licence of all training data, or one for X and one for Y. Defaults to (), from the catalogue of
            data sets.
        licence: Licence of the model's files. Defaults to None.
        intended_use: Intended use, in a sentence. Defaults to None.
        limits: Uses to avoid, in addition to the usual ones. Defaults to ().
        known_failures: Known failures. Defaults to ().
    """

    licences: Sequence[str] = ()
    licence: str | None = None
    intended_use: str | None = None
    limits: Sequence[str] = ()
    known_failures: Sequence[str] = ()


def about(
    run: Run | None, config: TrainingConfig | None, statements: Statements, generator: str | None = None
) -> tuple[About, list[str]]:
    """Collects the facts about a model.

    Args:
        run: Run of the model, if it has one.
        config: Config of the run, or None.
        statements: Facts that the user states.
        generator: Name of the generator of a translation model. Defaults to None.

    Returns:
        The `About`, and notes to print.

    Raises:
        ValueError: If there are more licences than data sets, or the metrics of the run are damaged.
    """
    from keras_gan.artifacts.about import LIMITS
    from keras_gan.export import About

    metrics, notes = _metrics(run, generator)
    failures = [*statements.known_failures, *_findings(run)]
    given = {"intended_use": statements.intended_use, "licence": statements.licence}
    stated = {name: value for name, value in given.items() if value is not None}
    found = About(
        data=tuple(_data(config, statements.licences)),
        metrics=tuple(metrics),
        limits=(*LIMITS, *statements.limits),
        known_failures=tuple(failures),
        **stated,
    )
    return found, notes


def _data(config: TrainingConfig | None, licences: Sequence[str]) -> list[Data]:
    from keras_gan.export import Data

    names: dict[str, str | None] = {"": None} if licences else {}
    if isinstance(config, GANConfig):
        names = {"": config.data.name}
    elif isinstance(config, TranslationConfig):
        names = {domain: getattr(config.data, domain) for domain in ("x", "y") if getattr(config.data, domain)}
    if len(licences) not in {0, 1, len(names)}:
        raise ValueError(
            f"--data-license must be given once, or once for each of {len(names)} data sets. "
            f"Received: {len(licences)} licences"
        )
    found = []
    for i, (domain, name) in enumerate(names.items()):
        known = Data(name=UNNAMED) if name is None else _known(str(name))
        given = {"licence": licences[min(i, len(licences) - 1)]} if licences else {}
        found.append(known.model_copy(update={"domain": domain, **given}))
    return found


def _known(name: str) -> Data:
    """Returns the facts of the catalogue about a data set; for a folder its name without the path, which is private."""
    from keras_gan import datasets
    from keras_gan.datasets.sources import lookup
    from keras_gan.export import Data

    try:
        kind, found, _ = lookup.find(name)
    except ValueError:  # a folder that has been removed
        return Data(name=Path(name).name)
    if kind in ("folder", "file"):
        return Data(name=Path(name).name)
    try:
        info = datasets.info(found)
    except (ValueError, OSError, ImportError, RuntimeError):  # a set of TensorFlow Datasets that has been removed
        return Data(name=name)
    return Data(name=name, licence=info.licence, homepage=info.homepage)


def _metrics(run: Run | None, generator: str | None) -> tuple[list[Metric], list[str]]:
    """Returns the metrics of `keras-gan evaluate` in the run, and a note if the model is newer."""
    file = None if run is None else run.folder / ("evaluation-f.json" if generator == "f" else "evaluation.json")
    if run is None or file is None or not file.is_file():
        return [], []
    if file.stat().st_mtime < run.model.stat().st_mtime:
        return [], [f"{file} is older than the model and was skipped. `keras-gan evaluate {run.folder}` measures again"]
    from keras_gan.export import Metric

    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        if "scores" in found:
            return [Metric(**score) for score in found["scores"]], []
        return _of_translation(found), []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} must be JSON that `keras-gan evaluate` wrote. Received: {error!r}") from error


def _of_translation(scores: dict[str, Any]) -> list[Metric]:
    """Converts `TranslationScores.as_dict()` to metrics."""
    from keras_gan.export import Metric

    translated, extractor = scores["translated"], scores["protocol"]["extractor"]
    images = {domain: Path(scores[domain]).name for domain in ("x", "y") if scores.get(domain)}
    protocol = {**scores["protocol"], **images, "held_out": scores.get("held_out")}
    metrics = [
        Metric(
            name=f"KID-{extractor}",
            value=translated["kernel"]["mean"],
            error=translated["kernel"]["std"],
            protocol=protocol,
        ),
        Metric(name=f"Frechet-{extractor}", value=translated["frechet"], protocol=protocol),
    ]
    for key, name, better in (("top_1", "top-1", True), ("top_5", "top-5", True), ("distance", "distance", False)):
        if translated.get(key) is not None:
            metrics.append(Metric(name=name, value=translated[key], protocol=protocol, higher_is_better=better))
    return metrics


def _findings(run: Run | None) -> list[str]:
    """Returns the last problem of each kind that training reported."""
    file = None if run is None else run.folder / "health.jsonl"
    if file is None or not file.is_file():
        return []
    last: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
            last[found["kind"]] = f"In training, at step {found['step']}, {found['kind']}: {found['evidence']}"
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file} must hold lines of `keras-gan train`. Received: {line} ({error!r})") from error
    return [sentence.replace("_", " ") for sentence in last.values()]
