"""`keras-gan evaluate` of what translates images."""

from __future__ import annotations

import json
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from keras_gan.cli import translation_task
from keras_gan.cli.run import Run, import_tensorflow
from keras_gan.cli.translator import OpenTranslator, open_translator
from keras_gan.errors import KerasGANWarning
from keras_gan.images import to_uint8
from keras_gan.utils.files import atomic_path

BATCH = 8


def evaluate_translation(
    model: Path,
    format: str | None,
    output: Path | None,
    x: str | None,
    y: str | None,
    generator: str | None,
    paired: bool | None,
    image_size: int | None,
    limit: int | None,
) -> None:
    """Measure a translation on held-out images, beside leaving them as they are: see `keras-gan evaluate`."""
    known = Run(model).read_config() if model.is_dir() else None
    if not (known and known.translates) and (x is None or y is None):
        raise ValueError(f"Expected --x and --y, as {model} is no run of a translation that could tell them")
    config = translation_task.for_evaluation(known, x, y, image_size)
    there = open_translator(model, generator, format)
    import_tensorflow()
    from keras_gan import metrics

    task = translation_task.TranslationTask(config)
    pairs = translation_task.are_pairs(config) if paired is None else paired
    images_x, images_y = task.held_out(limit, pairs)
    if generator == "f":
        images_x, images_y = images_y, images_x
    back = _back(model, generator)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", KerasGANWarning)
        scores = metrics.translation_scores(
            images_x,
            images_y,
            _translation(there),
            None if back is None else _translation(back),
            paired=pairs,
            extractor=metrics.EfficientNetLite0(progress=True),
        )
    console = Console(soft_wrap=True, highlight=False)
    if not task.holds_out:
        console.print("[yellow]Note:[/] these images were trained on; --x and --y name held-out ones")
    for message in dict.fromkeys(str(warning.message) for warning in caught):
        console.print(f"[yellow]Note:[/] {escape(message)}")
    console.print(_table(scores))
    if scores.cycle_error is not None:
        console.print(f"Cycle error, mean |F(G(x)) - x| in [-1, 1]: {scores.cycle_error:.3f}")
    console.print(", ".join(f"{name} {value}" for name, value in scores.protocol.items()), style="dim")
    name = "evaluation-f.json" if generator == "f" else "evaluation.json"
    destination = output or (model / name if model.is_dir() and Run(model).model.exists() else None)
    if destination is not None:
        data: dict[str, Any] = {"x": config.data.test_x or config.data.x, "y": config.data.test_y or config.data.y}
        data |= {"generator": generator or "g", "held_out": task.holds_out}
        with atomic_path(destination) as temporary:
            temporary.write_text(json.dumps(scores.as_dict() | data, indent=2) + "\n", encoding="utf-8")
        console.print(f"Figures: [bold]{escape(str(destination))}[/]")


def _back(model: Path, generator: str | None) -> OpenTranslator | None:
    """The other generator of a CycleGAN's run."""
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


def _table(scores: Any) -> Table:
    table = Table(title="against the images of Y")
    table.add_column("")
    for heading in (f"KID-{scores.protocol['extractor']}", f"Frechet-{scores.protocol['extractor']}"):
        table.add_column(heading, justify="right")
    pairs = scores.translated.top_1 is not None
    for heading in ("top-1", "top-5", "feature distance") if pairs else ():
        table.add_column(heading, justify="right")
    for name, figures in (("translated", scores.translated), ("left as they are", scores.identity)):
        row = [f"{figures.kernel.mean:.4f}", f"{figures.frechet:.1f}"]
        if pairs:
            row += [f"{figures.top_1:.1%}", f"{figures.top_5:.1%}", f"{figures.distance:.3f}"]
        table.add_row(name, *row)
    return table
