"""Table of every network in every export format: whether it works, its size, speed and error.

    python benchmarks/export_table.py --output docs/measurements/export_table.md     # all
    python benchmarks/export_table.py --network dcgan --format onnx --format tflite_int8 --rounds 10
    python benchmarks/export_table.py --model run                       # a trained model

Protocol:

- Each file runs in a separate process, as in a deployment. Each may use all processors.
- The files and Keras's `predict_on_batch` run in turns, so that a change in the machine's speed affects all of them.
  A turn is 60 milliseconds of warm-up and three timed runs. The table shows medians.
- A slow batch has fewer rounds, at least three.
- Ratios of speed are timed again, with only the compared files and in more rounds.
- Untrained networks have random weights, scaled so that the images have contrast. Their PSNR differs from that of
  trained networks, whose images have flat parts and whose activations have other ranges.
"""

from __future__ import annotations

import argparse
import contextlib
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import keras_gan.networks
from keras_gan.artifacts.formats import MIN_PSNR
from keras_gan.cli.run import load_trained
from keras_gan.export import FORMATS, ExportError, ExportReport, export_generator
from keras_gan.export.parity.latency import machine

import numpy as np
from rich.console import Console
from rich.filesize import decimal
from rich.status import Status

from timed_engine import TURN, WARM_UP, TimedEngine, turn
from untrained_models import Untrained, UntrainedTranslation, untrained

BATCHES = (1, 8, 32)
# Image sizes other than 64 pixels.
SIZES = {"mlp": 28, "cyclegan": 128, "pix2pix": 128}
# The longest time for the rounds of one batch.
SECONDS = 20.0
LEAST_ROUNDS = 3
# Compared by batch size, each with the first one.
COMPARED = {1: ("keras", "onnx", "tflite"), 32: ("saved_model", "tflite_int8")}
COMPARED_ROUNDS = 40
COMPARED_SECONDS = 10.0
# No file fails for its quality here, which is measured.
ANY = {"tolerance": 1e9, "min_psnr": dict.fromkeys(MIN_PSNR, 1e-9), "max_kid": None}
TOLERANCE = 1e-4


@dataclasses.dataclass
class Measured:
    """One format of one network."""

    format: str
    failure: str = ""
    size: int = 0
    latency: dict[int, float] = dataclasses.field(default_factory=dict)
    max_abs_error: float = 0.0
    psnr: float | None = None
    precision: str = "float32"
    operations: int = 0
    note: str | None = None

    @property
    def works(self) -> str:
        """The cell "works": "yes", or what is wrong."""
        if self.failure:
            return f"no: {self.failure}"
        if self.precision == "float32":
            return "yes" if self.max_abs_error <= TOLERANCE else "not exact"
        exact = self.psnr is None or self.psnr >= MIN_PSNR.get(self.precision, 0.0)
        return f"{'yes' if exact else 'not exact'}{', weights only' if self.note else ''}"


def measure(
    model: Any, formats: list[str], rounds: int, progress: Callable[[str], None] | None = None
) -> tuple[dict[int, float], list[Measured], dict[int, dict[str, float]]]:
    """Exports a model and times Keras and each artifact in turns, then the compared ones again."""
    translates = hasattr(model, "translators")
    batches = (1,) if translates else BATCHES
    with tempfile.TemporaryDirectory() as temporary:
        reports, failures = export_all(model, formats, Path(temporary), batches, progress)
        found = {
            entry.format: Measured(
                entry.format,
                size=entry.size,
                max_abs_error=max(row.max_abs_error for row in entry.parity)
                / (1 if entry.dtype == "float32" else 127.5),
                psnr=min((row.psnr for row in entry.parity if row.psnr is not None), default=None),
                precision=entry.precision,
                operations=sum(entry.operations.values()),
                note=entry.note,
            )
            for report in reports
            for entry in reversed(report.manifest.artifacts)
        }
        files = {e.format: report.path / e.filename for report in reports for e in report.manifest.artifacts[::-1]}
        network = next(iter(model.translators.values())) if translates else generator_of(model)
        keras_latency, compared = {}, {}
        with contextlib.ExitStack() as processes:
            engines = {n: processes.enter_context(contextlib.closing(TimedEngine(f))) for n, f in files.items()}
            for batch in batches:
                if progress is not None:
                    progress(f"timing batch {batch}")
                inputs, file = inputs_for(model, batch), Path(temporary) / f"{batch}.npz"
                np.savez(file, **inputs)
                turns = {"keras": partial(turn, keras_run(network, inputs))}
                turns |= {name: partial(engine.turn, file) for name, engine in engines.items()}
                medians = interleaved(turns, rounds, SECONDS)
                alone = {name: turns[name] for name in COMPARED.get(batch, ()) if name in turns}
                if len(alone) > 1:
                    compared[batch] = interleaved(alone, COMPARED_ROUNDS, COMPARED_SECONDS)
                keras_latency[batch] = medians.pop("keras")
                for name, milliseconds in medians.items():
                    found[name].latency[batch] = milliseconds
    ordered = [found.get(name) or Measured(name, failure=failures[name]) for name in formats]
    return keras_latency, ordered, compared


def export_all(
    model: Any,
    formats: list[str],
    folder: Path,
    batches: tuple[int, ...],
    progress: Callable[[str], None] | None = None,
) -> tuple[list[ExportReport], dict[str, str]]:
    """Exports all formats together, or each alone if that fails; returns the reports and the failures.

    A trained model is first exported with the usual limits, which decide how its 8-bit files are written.
    """

    def export(chosen: list[str], demands: dict[str, Any]) -> ExportReport:
        return export_generator(model, folder, chosen, batch_sizes=batches, progress=progress, **demands)

    for demands in [ANY] if isinstance(model, Untrained | UntrainedTranslation) else [{}, ANY]:
        with contextlib.suppress(ExportError):
            return [export(formats, demands)], {}
    reports, failures = [], {}
    for name in formats:
        try:
            reports.append(export([name], ANY))
        except ExportError as error:
            failures[name] = error.problems[0].removeprefix(f"{name}: ")
    return reports, failures


def generator_of(model: Any) -> Any:
    averaged = getattr(model, "ema_generator", None)
    return model.generator if averaged is None else averaged


def inputs_for(model: Any, batch: int) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(batch)
    if hasattr(model, "translators"):
        return {"source": rng.uniform(-1, 1, (batch, *model.image_shape)).astype(np.float32)}
    inputs = {"z": rng.standard_normal((batch, model.latent_dim)).astype(np.float32)}
    if model.num_classes is not None:
        inputs["labels"] = (np.arange(batch) % model.num_classes).astype(np.int32)
    return inputs


def keras_run(network: Any, inputs: dict[str, np.ndarray]) -> Callable[[], Any]:
    arrays = list(inputs.values())
    return lambda: network.predict_on_batch(arrays if len(arrays) > 1 else arrays[0])


def interleaved(turns: dict[str, Callable[[], list[float]]], rounds: int, seconds: float) -> dict[str, float]:
    """Returns the median milliseconds of each function. All have a turn in each round."""
    for each in turns.values():
        each()
    took: dict[str, list[float]] = {name: [] for name in turns}
    begun = time.perf_counter()
    for done in range(rounds):
        if done >= LEAST_ROUNDS and time.perf_counter() - begun > seconds:
            break
        for name, each in turns.items():
            took[name] += each()
    return {name: statistics.median(times) for name, times in took.items()}


def table(
    name: str, keras_latency: dict[int, float], rows: list[Measured], compared: dict[int, dict[str, float]]
) -> str:
    """Returns the measurements of one network as Markdown."""
    heads = [f"ms, batch {batch}" for batch in keras_latency]
    lines = [
        f"## {name}",
        "",
        f"| format | works | size | {' | '.join(heads)} | max abs error | PSNR | operations |",
        f"|---|---|---{'|---' * len(heads)}|---|---|---|",
        f"| Keras, `predict_on_batch` | | | {' | '.join(f'{ms:.2f}' for ms in keras_latency.values())} | | | |",
    ]
    for row in rows:
        latency = " | ".join(f"{row.latency[b]:.2f}" if b in row.latency else "" for b in keras_latency)
        psnr = "identical" if row.psnr is None else f"{row.psnr:.1f} dB"
        numbers = f"{row.max_abs_error:.1e} | {psnr} | {row.operations}" if not row.failure else " | | "
        size = decimal(row.size) if row.size else ""
        lines.append(f"| {row.format} | {row.works} | {size} | {latency} | {numbers} |")
    return "\n".join([*lines, *ratios(compared, rows)])


def ratios(compared: dict[int, dict[str, float]], rows: list[Measured]) -> list[str]:
    """Returns the lines below a table: speeds that were timed again, alone, and sizes."""
    lines = []
    for batch, medians in compared.items():
        (first, slow), *others = medians.items()
        times = [f" {name} takes {ms:.2f} ms, {slow / ms:.1f} times as fast." for name, ms in others]
        lines.append(f"- Timed alone at batch {batch}: {first} takes {slow:.2f} ms.{''.join(times)}")
    size = {row.format: row.size for row in rows if not row.failure}
    if {"tflite", "tflite_int8"} <= set(size):
        lines.append(f"- tflite_int8 has {100 * size['tflite_int8'] / size['tflite']:.1f} % of the size of tflite.")
    return ["", *lines] if lines else []


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--network", action="append", choices=keras_gan.networks.names(), help="repeat for more; default: all"
    )
    parser.add_argument("--format", action="append", choices=list(FORMATS), help="repeat for more; default: all")
    parser.add_argument("--size", type=int, help="height and width of the images; default: by network")
    parser.add_argument("--model", type=Path, action="append", help="a trained run or .keras file instead of networks")
    parser.add_argument("--rounds", type=int, default=10, help="turns of each (default 10)")
    parser.add_argument("--output", type=Path, help="a Markdown file to write; default: the screen")
    arguments = parser.parse_args()
    console = Console(stderr=True)
    formats = [name for name in FORMATS if name in (arguments.format or FORMATS)]
    models: dict[str, Callable[[], Any]] = {
        str(path): lambda path=path: load_trained(path) for path in arguments.model or ()
    }
    if not models:
        for network in arguments.network or keras_gan.networks.names():
            size = arguments.size or SIZES.get(network, 64)
            models[f"{network}, {size} pixels"] = lambda network=network, size=size: untrained(network, size)
    command = " ".join(["python benchmarks/export_table.py", *command_line(arguments)])
    parts = [
        f"Measured by `{command}` on {machine()}. Each file runs in a separate process. The files take turns. A turn "
        f"has {1000 * WARM_UP:.0f} ms of warm-up, then {TURN} timed runs. The times are medians of {arguments.rounds} "
        f"turns, or of the turns that fit into {SECONDS:.0f} seconds. For the comparison below a table, only the "
        f"compared files took turns again, for {COMPARED_ROUNDS} turns or {COMPARED_SECONDS:.0f} seconds. The weights "
        "are random. The generators of cyclegan and pix2pix have their default numbers of blocks.",
        '"Works" is "yes" if the largest error (float32) or the PSNR (other precisions) is within the default limits '
        "of the export. The error and the PSNR compare the images with those of Keras. Operations are those in the "
        "file's graph.",
    ]
    for name, make in models.items():
        started = time.perf_counter()
        with console.status(f"{name}: building") as status:
            progress = partial(show, status, name)
            parts.append(table(name, *measure(make(), formats, arguments.rounds, progress)))
        console.print(f"{name}: {time.perf_counter() - started:.0f} s")
        if arguments.output is None:
            print("\n\n".join(parts[-1:]), flush=True)
    if arguments.output is not None:
        arguments.output.write_text("# Every network in every format\n\n" + "\n\n".join(parts) + "\n", encoding="utf-8")


def show(status: Status, name: str, step: str) -> None:
    status.update(f"{name}: {step}")


def command_line(arguments: argparse.Namespace) -> list[str]:
    given = []
    for name, value in vars(arguments).items():
        for one in value if isinstance(value, list) else [value]:
            given += [f"--{name} {one}"] if one is not None else []
    return given


if __name__ == "__main__":
    main()
