"""Comparison of one artifact with the Keras model."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keras_gan.artifacts.artifact_entry import Latency, Parity
from keras_gan.artifacts.case import Case
from keras_gan.artifacts.comparison import LEVELS, ONE_LEVEL, failure_of, measure, run, spec_differences
from keras_gan.artifacts.engines import Engine, open_engine
from keras_gan.export.parity.latency import median_milliseconds
from keras_gan.export.parity.reference import Reference
from keras_gan.export.sources.source import Source, Variant

# An image of Keras and the same image of an artifact.
Pair = tuple[np.ndarray, np.ndarray]


@dataclasses.dataclass
class Comparison:
    """Result for one signature of an artifact.

    Args:
        rows: Row of the report for each case.
        problems: Sentence for each problem.
        images: Images of the case that the picture shows; None if there are none.
        latency: Latency for each case, except that of the extra size.
        worst: Pair of images that differ most; None if there are none.
    """

    rows: list[Parity] = dataclasses.field(default_factory=list)
    problems: list[str] = dataclasses.field(default_factory=list)
    images: np.ndarray | None = None
    latency: list[Latency] = dataclasses.field(default_factory=list)
    worst: Pair | None = None


def compare(
    path: Path,
    reference: Reference,
    tolerance: float,
    variant: Variant | None = None,
    min_psnr: float | None = None,
    opened: Callable[[Path], Engine] = open_engine,
) -> Comparison:
    """Runs an artifact in its own runtime on the reference inputs.

    Args:
        path: Main file of the artifact.
        reference: Inputs and images of the Keras model.
        tolerance: Largest allowed difference of two float32 pixels. For uint8 pixels it is one grey level.
        variant: Variant of the model to call. Defaults to None, the variant in float32.
        min_psnr: Least allowed PSNR in dB in place of the difference, for reduced precision. Defaults to None.
        opened: Function that opens the file. Defaults to `open_engine`.

    Returns:
        The `Comparison`.
    """
    source = reference.source
    variant = source.variants[0] if variant is None else variant
    try:
        engine = opened(path)
    except ValueError as error:
        return Comparison(problems=[str(error)])
    engine = engine.signature(variant.signature) or engine
    result = Comparison(
        problems=[
            *spec_differences("inputs", variant.inputs, engine.inputs),
            *spec_differences("output", variant.outputs, engine.outputs),
        ]
    )
    if result.problems:
        return result
    furthest = -1.0
    for case in reference.cases:
        if engine.image_sizes is not None and case.image_size not in source.image_sizes:
            continue
        converted = case.for_signature(variant, source.image_range)
        images = run(engine, converted, variant.outputs[0])
        if isinstance(images, str):
            result.problems.append(f"{case}: {images}")
            continue
        if case is reference.largest:
            result.images = images
        row = _row(images, converted, source, variant, tolerance, min_psnr)
        result.rows.append(row)
        if row.max_abs_error > furthest:
            furthest, result.worst = row.max_abs_error, _worst(images, converted.expected)
        if not np.isfinite(images).all():
            broken = np.sum(~np.isfinite(images))
            result.problems.append(f"{case}: {broken} of {images.size} values are NaN or infinity")
        elif not row.passed:
            result.problems.append(f"{case}: {failure_of(row)}")
        elif case.image_size is None or case.image_size in source.image_sizes:
            result.latency.append(_latency(engine, converted))
    return result


def _row(
    images: np.ndarray, case: Case, source: Source, variant: Variant, tolerance: float, min_psnr: float | None
) -> Parity:
    image_range = source.image_range if variant.dtype == "float32" else LEVELS
    allowed = tolerance if variant.dtype == "float32" else ONE_LEVEL
    return measure(images, case.expected, image_range, allowed, case.image_size, batch=case.rows, min_psnr=min_psnr)


def _worst(images: np.ndarray, expected: np.ndarray) -> Pair:
    errors = np.abs(images.astype(np.float64) - expected).reshape(len(images), -1).max(axis=1)
    index = int(errors.argmax())
    return expected[index], images[index]


def _latency(engine: Engine, case: Case) -> Latency:
    """Times a case that has just been run, so that the engine is warm."""
    inputs = next(case.batches)
    median_ms, runs = median_milliseconds(lambda: engine.run(inputs))
    return Latency(batch=case.rows, median_ms=median_ms, runs=runs, image_size=case.image_size)
