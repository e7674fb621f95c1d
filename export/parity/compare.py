"""The artifact against the model: the same names, the same shapes, the same images."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.artifacts.comparison import LEVELS, ONE_LEVEL, differences, failing, measure, run
from keras_gan.artifacts.engines import Engine, open_engine
from keras_gan.artifacts.manifest import Latency, Parity
from keras_gan.export.parity.latency import median_milliseconds
from keras_gan.export.parity.reference import Reference
from keras_gan.export.sources.source import Variant

# What Keras drew, and what the artifact did.
Worst = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One artifact, compared.

    Args:
        rows: A row for each case.
        problems: A sentence for each thing that is wrong.
        images: What the artifact drew of the case for the picture; `None` if it did not.
        latency: How long it took for each, but for the odd size.
        worst: The image of all cases that it got most wrong; `None` if it drew none.
    """

    rows: tuple[Parity, ...] = ()
    problems: tuple[str, ...] = ()
    images: np.ndarray | None = None
    latency: tuple[Latency, ...] = ()
    worst: Worst | None = None


def compare(
    path: Path,
    reference: Reference,
    tolerance: float,
    variant: Variant | None = None,
    min_psnr: float | None = None,
    opened: Callable[[Path], Engine] = open_engine,
) -> Comparison:
    """Run an artifact in its own runtime on what Keras drew from.

    Args:
        path: The artifact's main file.
        reference: What Keras drew.
        tolerance: The largest difference of two pixels to allow in float32; in levels from 0 to 255 it is one.
        variant: The variant that the artifact is, or has as a signature. Defaults to None, the one in float32.
        min_psnr: The least PSNR to allow, in dB, instead of the largest difference: of an artifact of lower precision.
            Defaults to None.
        opened: What opens it. Defaults to `open_engine`; whoever compares several signatures of a file opens it once.

    Returns:
        The `Comparison`.
    """
    source = reference.source
    variant = source.variants[0] if variant is None else variant
    try:
        engine = opened(path)
    except ValueError as error:
        return Comparison(problems=(str(error),))
    engine = engine.signature(variant.signature) or engine
    problems = [
        *differences("inputs", variant.inputs, engine.inputs),
        *differences("output", variant.outputs, engine.outputs),
    ]
    if problems:
        return Comparison(problems=tuple(problems))
    image_range = source.image_range if variant.dtype == "float32" else LEVELS
    allowed = tolerance if variant.dtype == "float32" else ONE_LEVEL
    rows, images, latency = [], None, []
    worst, furthest = None, -1.0
    for drawn_from in reference.cases:
        if engine.image_sizes is not None and drawn_from.image_size not in source.image_sizes:
            continue
        case = drawn_from.called_by(variant, source.image_range)
        drawn = run(engine, case, variant.outputs[0])
        if isinstance(drawn, str):
            problems.append(f"{case}: {drawn}")
            continue
        images = drawn if drawn_from is reference.shown else images
        row = measure(drawn, case.expected, image_range, allowed, case.image_size, batch=case.rows, min_psnr=min_psnr)
        rows.append(row)
        if row.max_abs_error > furthest:
            furthest = row.max_abs_error
            worst = _worst(drawn, case.expected)
        if not np.isfinite(drawn).all():
            problems.append(f"{case}: {np.sum(~np.isfinite(drawn))} of {drawn.size} values are NaN or infinity")
        elif not row.passed:
            problems.append(f"{case}: {failing(row)}")
        elif case.image_size is None or case.image_size in source.image_sizes:
            latency.append(_latency(engine, case))
    return Comparison(tuple(rows), tuple(problems), images, tuple(latency), worst)


def _worst(drawn: np.ndarray, expected: np.ndarray) -> Worst:
    errors = np.abs(drawn.astype(np.float64) - expected).reshape(len(drawn), -1).max(axis=1)
    index = int(errors.argmax())
    return expected[index], drawn[index]


def _latency(engine: Engine, case: Case) -> Latency:
    """How long a case takes that has just been run."""
    inputs = next(case.batches)
    median_ms, runs = median_milliseconds(lambda: engine.run(inputs))
    return Latency(batch=case.rows, median_ms=median_ms, runs=runs, image_size=case.image_size)
