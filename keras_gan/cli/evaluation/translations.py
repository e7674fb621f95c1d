"""`keras-gan evaluate` for models that translate images."""

from __future__ import annotations

import dataclasses
import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from keras_gan.cli.models.translator import OpenTranslator, open_translator
from keras_gan.cli.run import Run, import_tensorflow
from keras_gan.cli.training import translation_task
from keras_gan.errors import KerasGANWarning
from keras_gan.images import to_uint8
from keras_gan.utils.files import atomic_path

if TYPE_CHECKING:
    from keras_gan.metrics import TranslationScores

BATCH = 8


@dataclasses.dataclass(frozen=True)
class TranslationOptions:
    """Options of `keras-gan evaluate` for translations; the command's help describes them."""

    x: str | None
    y: str | None
    generator: str | None
    paired: bool | None
    image_size: int | list[int] | None
    limit: int | None


def evaluate_translation(model: Path, format: str | None, output: Path | None, options: TranslationOptions) -> None:
    """Measure a translation on held-out images, and the same images without it."""
    run_config = Run(model).read_config() if model.is_dir() else None
    if not (run_config and run_config.translates) and (options.x is None or options.y is None):
        raise ValueError(f"--x and --y are required, because {model} does not state its training data")
    config = translation_task.for_evaluation(run_config, options.x, options.y, options.image_size)
    forward = open_translator(model, options.generator, format)
    task = translation_task.TranslationTask(config)
    paired = translation_task.are_pairs(config) if options.paired is None else options.paired
    scores, notes = _measure(model, forward, task, paired, options)

    console = Console(soft_wrap=True, highlight=False)
    if not task.holds_out:
        notes = ["the model was trained on these images; name held-out ones with --x and --y", *notes]
    for note in notes:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    console.print(_table(scores))
    if scores.cycle_error is not None:
        console.print(f"Cycle error, mean |F(G(x)) - x| in [-1, 1]: {scores.cycle_error:.3f}")
    console.print(", ".join(f"{name} {value}" for name, value in scores.protocol.items()), style="dim")

    name = "evaluation-f.json" if options.generator == "f" else "evaluation.json"
    destination = output or (model / name if model.is_dir() and Run(model).model.exists() else None)
    if destination is not None:
        data: dict[str, Any] = {"x": config.data.test_x or config.data.x, "y": config.data.test_y or config.data.y}
        data |= {"generator": options.generator or "g", "held_out": task.holds_out}
        with atomic_path(destination) as temporary:
            temporary.write_text(json.dumps(scores.as_dict() | data, indent=2) + "\n", encoding="utf-8")
        console.print(f"Metrics: [bold]{escape(str(destination))}[/]")


def _measure(
    model: Path,
    forward: OpenTranslator,
    task: translation_task.TranslationTask,
    paired: bool,
    options: TranslationOptions,
) -> tuple[TranslationScores, list[str]]:
    """The metrics, and the warnings of the metrics."""
    import_tensorflow()
    from keras_gan import metrics

    images_x, images_y = task.held_out(options.limit, paired)
    if options.generator == "f":
        images_x, images_y = images_y, images_x
    backward = _backward(model, options.generator)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", KerasGANWarning)
        scores = metrics.translation_scores(
            images_x,
            images_y,
            _translation(forward),
            None if backward is None else _translation(backward),
            paired=paired,
            extractor=metrics.EfficientNetLite0(progress=True),
        )
    return scores, list(dict.fromkeys(str(warning.message) for warning in caught))


def _backward(model: Path, generator: str | None) -> OpenTranslator | None:
    """The generator of the other direction, for the run of a CycleGAN."""
    from keras_gan.cli.run import load_translator

    if not (model.suffix == ".keras" or (model.is_dir() and Run(model).model.exists())):
        return None
    others = [name for name in load_translator(model).translators if name != (generator or "g")]
    return open_translator(model, others[0]) if others else None


def _translation(opened: OpenTranslator) -> Callable[[np.ndarray], np.ndarray]:
    def translate(images: np.ndarray) -> np.ndarray:
        parts = [opened.network(to_uint8(images[i : i + BATCH])) for i in range(0, len(images), BATCH)]
        return np.concatenate(parts).astype(np.float32) / np.float32(127.5) - 1

    return translate


def _table(scores: TranslationScores) -> Table:
    table = Table(title="compared with the images of Y")
    table.add_column("")
    for heading in (f"KID-{scores.protocol['extractor']}", f"Frechet-{scores.protocol['extractor']}"):
        table.add_column(heading, justify="right")
    pairs = scores.translated.top_1 is not None
    for heading in ("top-1", "top-5", "feature distance") if pairs else ():
        table.add_column(heading, justify="right")
    for name, domain in (("translated", scores.translated), ("not translated", scores.identity)):
        row = [f"{domain.kernel.mean:.4f}", f"{domain.frechet:.1f}"]
        if pairs:
            row += [f"{domain.top_1:.1%}", f"{domain.top_5:.1%}", f"{domain.distance:.3f}"]
        table.add_row(name, *row)
    return table
