"""Comparison of an artifact's images with those of Keras."""

from __future__ import annotations

import math

import numpy as np

from keras_gan.artifacts.artifact_entry import Parity
from keras_gan.artifacts.case import Case
from keras_gan.artifacts.engines import Engine
from keras_gan.artifacts.engines.png_decoder import decode_png
from keras_gan.artifacts.tensor_spec import Specs, TensorSpec

# A float halfway between two grey levels may be rounded either way.
LEVELS = (0.0, 255.0)
ONE_LEVEL = 1.0


def measure(
    images: np.ndarray,
    expected: np.ndarray,
    image_range: tuple[float, float],
    tolerance: float,
    image_size: tuple[int, int] | None = None,
    *,
    batch: int | None = None,
    min_psnr: float | None = None,
) -> Parity:
    """Measures the difference between two sets of images.

    Args:
        images: Images of the artifact.
        expected: Images of Keras, of the same shape.
        image_range: Values of black and white. Their distance is the peak value of PSNR.
        tolerance: Largest difference of two pixels that passes.
        image_size: (height, width), for a model of several sizes. Defaults to None.
        batch: Batch size that the images were generated at. Defaults to None, all at once.
        min_psnr: Least PSNR in dB that passes, in place of `tolerance`. Defaults to None.

    Returns:
        The row of the report.
    """
    error = np.abs(images.astype(np.float64) - expected)
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
    """Returns the PSNR in dB of a mean square error; None for identical images.

    PSNR = 10 log10(peak² / MSE), where the peak is the width of `image_range`.
    """
    return None if mean_square == 0 else 10 * math.log10((image_range[1] - image_range[0]) ** 2 / mean_square)


def failure_of(row: Parity) -> str:
    """Says why a row has not passed."""
    if row.min_psnr is not None:
        return f"PSNR is {row.psnr:.1f} dB, less than the {row.min_psnr:g} dB of its precision"
    return f"a pixel is {row.max_abs_error:.3g} from Keras's, more than the tolerance {row.tolerance:g}"


def run(engine: Engine, case: Case, output: TensorSpec) -> np.ndarray | str:
    """Runs an artifact on a case.

    Args:
        engine: Engine that runs the artifact.
        case: Inputs and expected images.
        output: Output to compare. PNG files are decoded.

    Returns:
        The images, or a sentence that says why there are none.
    """
    try:
        images = np.concatenate([engine.run(batch)[output.name] for batch in case.batches])
        if output.dtype == "string":
            images = np.stack([decode_png(png, case.expected.shape[1:]) for png in images])
    except Exception as error:  # the runtimes' errors have no common class
        return f"it does not run: {error}"
    if images.shape != case.expected.shape or images.dtype != case.expected.dtype:
        expected = f"{case.expected.dtype} {case.expected.shape}"
        return f"expected images {expected}. Received: {images.dtype} {images.shape}"
    return images


def spec_differences(what: str, expected: Specs, received: Specs) -> list[str]:
    """Returns a sentence if an artifact's inputs or outputs are not the expected ones, else nothing.

    Args:
        what: Word for the tensors in the sentence, such as "inputs".
        expected: Expected tensors.
        received: Tensors of the artifact, in any order.
    """
    ours, theirs = {spec.name: spec for spec in expected}, {spec.name: spec for spec in received}
    if set(ours) == set(theirs) and all(_is_compatible(ours[name], theirs[name]) for name in ours):
        return []
    return [f"expected {what} {'; '.join(map(str, expected))}. Received: {'; '.join(map(str, received))}"]


def _is_compatible(expected: TensorSpec, received: TensorSpec) -> bool:
    """True for equal specs, and for a fixed height and width where any was expected."""
    if (expected.dtype, len(expected.shape)) != (received.dtype, len(received.shape)):
        return False
    return all(
        want == got or (want is None and axis in (1, 2))
        for axis, (want, got) in enumerate(zip(expected.shape, received.shape, strict=True))
    )
