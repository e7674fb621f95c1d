"""The artifact against the model: the same names, the same shapes, the same images."""

from __future__ import annotations

import dataclasses
import math
from pathlib import Path

import numpy as np

from keras_gan import latent
from keras_gan.export.manifest import Parity
from keras_gan.export.source import Source
from keras_gan.serving.engines import Engine, TensorSpec, open_engine

_SEED = 0


@dataclasses.dataclass(frozen=True)
class Reference:
    """What Keras draws, which each artifact should draw too.

    Args:
        source: The generator.
        batches: For each batch size, the inputs and the images.
    """

    source: Source
    batches: dict[int, tuple[dict[str, np.ndarray], np.ndarray]]

    @classmethod
    def draw(cls, source: Source, batch_sizes: tuple[int, ...]) -> Reference:
        """Draw images of each batch size; a larger batch begins with the smaller one's z and labels."""
        batches = {}
        for batch in batch_sizes:
            inputs = {"z": latent.sample(batch, source.latent_dim, _SEED)}
            if source.num_classes is not None:
                inputs["labels"] = (np.arange(batch) % source.num_classes).astype(np.int32)
            batches[batch] = inputs, source.draw(inputs)
        return cls(source, batches)

    def problems(self, tolerance: float) -> list[str]:
        """What is wrong with the generator itself, before any export.

        Args:
            tolerance: How far an image may depend on the batch that it is drawn in.

        Returns:
            A sentence for each problem.
        """
        broken = [w.path for w in self.source.model.weights if not np.isfinite(np.asarray(w)).all()]
        if broken:
            return [f"keras: the generator's weights hold NaN or infinity: {', '.join(broken)}"]
        for _, images in self.batches.values():
            if images.shape[1:] != self.source.image_shape:
                return [f"keras: expected images of {self.source.image_shape}. Received: {images.shape[1:]}"]
            if not np.isfinite(images).all():
                return ["keras: the generator draws NaN or infinity"]
        alone, together = self.batches[min(self.batches)][1], self.batches[max(self.batches)][1]
        if not (difference := np.abs(alone - together[: len(alone)]).max()) <= tolerance:
            return [
                f"keras: an image changes by {difference:.2g} with the batch it is drawn in, or from call to call, "
                f"more than the tolerance {tolerance:g}: does a layer draw noise or use the batch's statistics?"
            ]
        return []


@dataclasses.dataclass(frozen=True)
class Comparison:
    """One artifact, compared.

    Args:
        rows: A row for each batch.
        problems: A sentence for each thing that is wrong.
        images: What the artifact drew of the largest batch, for the picture; `None` if it did not.
    """

    rows: tuple[Parity, ...] = ()
    problems: tuple[str, ...] = ()
    images: np.ndarray | None = None


def compare(path: Path, reference: Reference, tolerance: float) -> Comparison:
    """Run an artifact in its own runtime on what Keras drew from.

    Args:
        path: The artifact's main file.
        reference: What Keras drew.
        tolerance: The largest difference of two pixels to allow.

    Returns:
        The `Comparison`.
    """
    try:
        engine = open_engine(path)
    except ValueError as error:
        return Comparison(problems=(str(error),))
    source = reference.source
    problems = [
        *_differences("inputs", source.inputs, engine.inputs),
        *_differences("output", source.outputs, engine.outputs),
    ]
    if problems:
        return Comparison(problems=tuple(problems))
    rows, images = [], None
    for batch, (inputs, expected) in sorted(reference.batches.items()):
        drawn = _run(engine, inputs)
        if isinstance(drawn, str):
            problems.append(f"batch {batch}: {drawn}")
            continue
        if drawn.shape != expected.shape or drawn.dtype != expected.dtype:
            problems.append(
                f"batch {batch}: expected images {expected.dtype} {expected.shape}. "
                f"Received: {drawn.dtype} {drawn.shape}"
            )
            continue
        images = drawn
        row = measure(drawn, expected, source.image_range, tolerance)
        rows.append(row)
        if not np.isfinite(drawn).all():
            problems.append(f"batch {batch}: {np.sum(~np.isfinite(drawn))} of {drawn.size} values are NaN or infinity")
        elif not row.passed:
            problems.append(
                f"batch {batch}: a pixel is {row.max_abs_error:.3g} from Keras's, more than the tolerance {tolerance:g}"
            )
    return Comparison(tuple(rows), tuple(problems), images)


def measure(drawn: np.ndarray, expected: np.ndarray, image_range: tuple[float, float], tolerance: float) -> Parity:
    """Measure how far images are from the expected ones.

    Args:
        drawn: By the artifact.
        expected: By Keras, of the same shape.
        image_range: The least and the greatest pixel value, whose distance PSNR relates the error to.
        tolerance: The largest difference of two pixels to allow.

    Returns:
        The row of the report.
    """
    error = np.abs(drawn.astype(np.float64) - expected)
    mean_square = float(np.mean(error**2))
    width = image_range[1] - image_range[0]
    return Parity(
        batch=len(expected),
        max_abs_error=float(error.max()),
        psnr=None if mean_square == 0 else 10 * math.log10(width**2 / mean_square),
        tolerance=tolerance,
    )


def _run(engine: Engine, inputs: dict[str, np.ndarray]) -> np.ndarray | str:
    """The images, or why there are none."""
    try:
        return engine.run(inputs)["image"]
    except Exception as error:  # each runtime raises its own
        return f"it does not run: {error}"


def _differences(what: str, expected: tuple[TensorSpec, ...], received: tuple[TensorSpec, ...]) -> list[str]:
    if {spec.name: spec for spec in expected} == {spec.name: spec for spec in received}:
        return []
    return [f"expected {what} {'; '.join(map(str, expected))}. Received: {'; '.join(map(str, received))}"]
