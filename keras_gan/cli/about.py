"""What an export says of its model besides its files: from its run, and from what is given."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.cli.run import Run

if TYPE_CHECKING:
    from keras_gan.export import About, Data, Metric

UNNAMED = "not named"


@dataclasses.dataclass(frozen=True)
class Told:
    """What the person who exports says.

    Args:
        licences: Of the training data: one for all, or one for X and one for Y. Defaults to (), as the catalogue of
            data sets has it.
        intended_use: A sentence. Defaults to `None`.
        limits: What the model must not be used for, besides what holds for all. Defaults to ().
        known_failures: Where it goes wrong. Defaults to ().
    """

    licences: Sequence[str] = ()
    intended_use: str | None = None
    limits: Sequence[str] = ()
    known_failures: Sequence[str] = ()


def about(run: Run | None, recipe: dict[str, Any], told: Told, generator: str | None = None) -> tuple[About, list[str]]:
    """What there is to say of a model.

    Args:
        run: Its run, if it has one.
        recipe: The run's, or an empty one.
        told: What is given.
        generator: Which one of a model that translates images. Defaults to `None`.

    Returns:
        The account, and what should be said of how it came about.

    Raises:
        ValueError: If there are more licences than sets of data, or the run's figures are damaged.
    """
    from keras_gan.artifacts.about import LIMITS
    from keras_gan.export import About

    metrics, notes = _metrics(run, generator)
    failures = [*told.known_failures, *_findings(run)]
    stated = {} if told.intended_use is None else {"intended_use": told.intended_use}
    found = About(
        data=tuple(_data(recipe, told.licences)),
        metrics=tuple(metrics),
        limits=(*LIMITS, *told.limits),
        known_failures=tuple(failures),
        **stated,
    )
    return found, notes


def _data(recipe: dict[str, Any], licences: Sequence[str]) -> list[Data]:
    from keras_gan.export import Data

    names = {"": recipe["data"]} if "data" in recipe else {d: recipe[d] for d in ("x", "y") if recipe.get(d)}
    names = names or ({"": None} if licences else {})
    if len(licences) not in {0, 1, len(names)}:
        raise ValueError(
            f"--data-license must be given once, or once for each of {len(names)} sets of images. "
            f"Received: {len(licences)} of them"
        )
    found = []
    for i, (domain, name) in enumerate(names.items()):
        known = Data(name=UNNAMED) if name is None else _known(str(name))
        given = {"licence": licences[min(i, len(licences) - 1)]} if licences else {}
        found.append(known.model_copy(update={"domain": domain, **given}))
    return found


def _known(name: str) -> Data:
    """What the catalogue says of a data set; of a folder its name alone, as nobody else needs to know where it is."""
    from keras_gan import datasets
    from keras_gan.datasets.sources import lookup
    from keras_gan.export import Data

    try:
        kind, found, _ = lookup.find(name)
    except ValueError:  # a folder that is not here any more
        return Data(name=Path(name).name)
    if kind == "folder":
        return Data(name=Path(name).name)
    try:
        info = datasets.info(found)
    except (ValueError, OSError, ImportError, RuntimeError):  # a set of TensorFlow Datasets that is not here any more
        return Data(name=name)
    return Data(name=name, licence=info.licence, homepage=info.homepage)


def _metrics(run: Run | None, generator: str | None) -> tuple[list[Metric], list[str]]:
    """The figures that `keras-gan evaluate` left in the run, unless it was trained on since."""
    file = None if run is None else run.folder / ("evaluation-f.json" if generator == "f" else "evaluation.json")
    if run is None or file is None or not file.is_file():
        return [], []
    if file.stat().st_mtime < run.model.stat().st_mtime:
        return [], [
            f"{file} is older than the model, and was left out: `keras-gan evaluate {run.folder}` measures anew"
        ]
    from keras_gan.export import Metric

    try:
        figures = json.loads(file.read_text(encoding="utf-8"))
        if "scores" in figures:
            return [Metric(**score) for score in figures["scores"]], []
        return _of_translation(figures), []
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError(f"{file} must be the JSON that `keras-gan evaluate` wrote: {error!r}") from error


def _of_translation(figures: dict[str, Any]) -> list[Metric]:
    """`TranslationScores.as_dict` as figures of one kind."""
    from keras_gan.export import Metric

    translated, extractor = figures["translated"], figures["protocol"]["extractor"]
    images = {domain: Path(figures[domain]).name for domain in ("x", "y") if figures.get(domain)}
    protocol = {**figures["protocol"], **images, "held_out": figures.get("held_out")}
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
    """What went wrong in training: of each kind the last that was found."""
    file = None if run is None else run.folder / "health.jsonl"
    if file is None or not file.is_file():
        return []
    last: dict[str, str] = {}
    for line in file.read_text(encoding="utf-8").splitlines():
        try:
            found = json.loads(line)
            last[found["kind"]] = f"In training, at step {found['step']}, {found['kind']}: {found['evidence']}"
        except (ValueError, KeyError, TypeError) as error:
            raise ValueError(f"{file} must be the lines that `keras-gan train` wrote: {error!r}, of {line}") from error
    return [sentence.replace("_", " ") for sentence in last.values()]
