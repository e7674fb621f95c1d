"""The artifact against the model: the same names, the same shapes, the same images."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np

from keras_gan.export.latency import median_milliseconds
from keras_gan.export.manifest import Latency, Parity
from keras_gan.export.png_engine import decoded
from keras_gan.export.reference import Case, Reference
from keras_gan.export.source import Specs, Variant
from keras_gan.serving.engines import Engine, TensorSpec, open_engine

# An image in levels may differ by one grey level where the float is next to the middle between two.
LEVELS = (0.0, 255.0)
_LEVEL = 1.0


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
    allowed = tolerance if variant.dtype == "float32" else _LEVEL
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


def measure(
    drawn: np.ndarray,
    expected: np.ndarray,
    image_range: tuple[float, float],
    tolerance: float,
    image_size: tuple[int, int] | None = None,
    *,
    batch: int | None = None,
    min_psnr: float | None = None,
) -> Parity:
    """Measure how far images are from the expected ones.

    Args:
        drawn: By the artifact.
        expected: By Keras, of the same shape.
        image_range: The least and the greatest pixel value, whose distance PSNR relates the error to.
        tolerance: The largest difference of two pixels to allow.
        image_size: As in `Parity`. Defaults to None.
        batch: How many were drawn at a time. Defaults to None, all at once.
        min_psnr: The least PSNR to allow, in dB, instead of the largest difference. Defaults to None.

    Returns:
        The row of the report.
    """
    error = np.abs(drawn.astype(np.float64) - expected)
    mean_square = float(np.mean(error**2))
    return Parity(
        batch=len(expected) if batch is None else batch,
        images=len(expected),
        max_abs_error=float(error.max()),
        psnr=psnr(mean_square, image_range),
        tolerance=tolerance if min_psnr is None else None,
        min_psnr=min_psnr,
        image_size=image_size,
    )


def psnr(mean_square: float, image_range: tuple[float, float]) -> float | None:
    """The PSNR of images with this error, in dB of the width of their range; `None` if they are the same."""
    return None if mean_square == 0 else 10 * math.log10((image_range[1] - image_range[0]) ** 2 / mean_square)


def _worst(drawn: np.ndarray, expected: np.ndarray) -> Worst:
    errors = np.abs(drawn.astype(np.float64) - expected).reshape(len(drawn), -1).max(axis=1)
    index = int(errors.argmax())
    return expected[index], drawn[index]


def failing(row: Parity) -> str:
    """What is wrong with a row that has not passed, in words."""
    if row.min_psnr is not None:
        return f"PSNR is {row.psnr:.1f} dB, less than the {row.min_psnr:g} dB of its precision"
    return f"a pixel is {row.max_abs_error:.3g} from Keras's, more than the tolerance {row.tolerance:g}"


def run(engine: Engine, case: Case, output: TensorSpec) -> np.ndarray | str:
    """Run an artifact on a case.

    Args:
        engine: Its runtime.
        case: What it is given, and should make of it.
        output: Which of its outputs to compare. PNG files are decoded.

    Returns:
        The images, or why there are none.
    """
    try:
        drawn = np.concatenate([engine.run(batch)[output.name] for batch in case.batches])
        if output.dtype == "string":
            drawn = np.stack([decoded(png, case.expected.shape[1:]) for png in drawn])
    except Exception as error:  # each runtime raises its own
        return f"it does not run: {error}"
    if drawn.shape != case.expected.shape or drawn.dtype != case.expected.dtype:
        expected = f"{case.expected.dtype} {case.expected.shape}"
        return f"expected images {expected}. Received: {drawn.dtype} {drawn.shape}"
    return drawn


def _latency(engine: Engine, case: Case) -> Latency:
    """How long a case takes that has just been run."""
    inputs = next(case.batches)
    median_ms, runs = median_milliseconds(lambda: engine.run(inputs))
    return Latency(batch=case.rows, median_ms=median_ms, runs=runs, image_size=case.image_size)


def differences(what: str, expected: Specs, received: Specs) -> list[str]:
    """A sentence if the tensors of an artifact are not the expected ones."""
    ours, theirs = {spec.name: spec for spec in expected}, {spec.name: spec for spec in received}
    if set(ours) == set(theirs) and all(_same(ours[name], theirs[name]) for name in ours):
        return []
    return [f"expected {what} {'; '.join(map(str, expected))}. Received: {'; '.join(map(str, received))}"]


def _same(expected: TensorSpec, received: TensorSpec) -> bool:
    """Whether a spec is the expected one, or that for a fixed height and width where any was expected."""
    if (expected.dtype, len(expected.shape)) != (received.dtype, len(received.shape)):
        return False
    return all(
        want == got or (want is None and axis in (1, 2))
        for axis, (want, got) in enumerate(zip(expected.shape, received.shape, strict=True))
    )
