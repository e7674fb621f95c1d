"""Comparison of the images of an artifact with those of Keras."""

from __future__ import annotations

import math

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.artifacts.engines import Engine
from keras_gan.artifacts.engines.png import decoded
from keras_gan.artifacts.manifest import Parity
from keras_gan.artifacts.tensor_spec import Specs, TensorSpec

# An image in levels may differ by one grey level where the float is next to the middle between two.
LEVELS = (0.0, 255.0)
ONE_LEVEL = 1.0


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
