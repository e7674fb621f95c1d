"""The artifact against the model: the same names, the same shapes, the same images."""

from __future__ import annotations

import dataclasses
import io
import math
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan.export.latency import median_milliseconds
from keras_gan.export.manifest import ArtifactEntry, Latency, Parity
from keras_gan.export.source import Source, Specs, Variant
from keras_gan.images import to_uint8
from keras_gan.serving.engines import Engine, TensorSpec, open_engine

# An image in levels may differ by one grey level where the float is next to the middle between two.
LEVELS = (0.0, 255.0)
_LEVEL = 1.0


@dataclasses.dataclass(frozen=True)
class Case:
    """One batch to compare.

    Args:
        inputs: What goes in, by name.
        expected: The images that Keras makes of it.
    """

    inputs: dict[str, np.ndarray]
    expected: np.ndarray

    @property
    def image_size(self) -> tuple[int, int] | None:
        """(height, width) of the image that goes in, if one does."""
        source = self.inputs.get("source")
        return None if source is None else (source.shape[1], source.shape[2])

    def __str__(self) -> str:
        size = "" if self.image_size is None else " of {}x{}".format(*self.image_size)
        return f"batch {len(self.expected)}{size}"

    def called_by(self, variant: Variant | ArtifactEntry, image_range: tuple[float, float]) -> Case:
        """The same case for a variant of the model, or for what the manifest says of it."""
        inputs = {spec.name: self.inputs[spec.name] for spec in variant.inputs}
        if variant.dtype == "float32":
            return Case(inputs, self.expected)
        inputs = {
            s.name: to_uint8(inputs[s.name], image_range) if s.dtype == "uint8" else inputs[s.name]
            for s in variant.inputs
        }
        return Case(inputs, to_uint8(self.expected, image_range))


@dataclasses.dataclass(frozen=True)
class Reference:
    """What Keras draws, which each artifact should draw too.

    Args:
        source: The model.
        cases: What it was given and what it drew, in float32.
    """

    source: Source
    cases: tuple[Case, ...]

    @classmethod
    def draw(cls, source: Source) -> Reference:
        """Have Keras draw.

        Raises:
            RuntimeError: If it cannot.
        """
        cases = []
        for inputs in source.samples():
            try:
                cases.append(Case(inputs, source.draw(inputs)))
            except Exception as error:  # each layer raises its own
                given = ", ".join(
                    f"{name} {array.shape}"
                    for name, array in inputs.items()
                    if name in {spec.name for spec in source.inputs}
                )
                raise RuntimeError(f"the generator fails on {given}: {error}") from error
        return cls(source, tuple(cases))

    @property
    def shown(self) -> Case:
        """The case for the picture: the largest batch."""
        return max(self.cases, key=lambda case: len(case.expected))

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
        for case in self.cases:
            shape = self.source.image_shape_for(case.inputs)
            if case.expected.shape[1:] != shape:
                return [f"keras: expected images of {shape}. Received: {case.expected.shape[1:]}"]
            if not np.isfinite(case.expected).all():
                return ["keras: the generator draws NaN or infinity"]
        alone, together = self.cases[0].expected, self.shown.expected
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
        rows: A row for each case.
        problems: A sentence for each thing that is wrong.
        images: What the artifact drew of the case for the picture; `None` if it did not.
        latency: How long it took for each, but for the odd size.
    """

    rows: tuple[Parity, ...] = ()
    problems: tuple[str, ...] = ()
    images: np.ndarray | None = None
    latency: tuple[Latency, ...] = ()


def compare(path: Path, reference: Reference, tolerance: float, variant: Variant | None = None) -> Comparison:
    """Run an artifact in its own runtime on what Keras drew from.

    Args:
        path: The artifact's main file.
        reference: What Keras drew.
        tolerance: The largest difference of two pixels to allow in float32; in levels from 0 to 255 it is one.
        variant: The variant that the artifact is, or has as a signature. Defaults to None, the one in float32.

    Returns:
        The `Comparison`.
    """
    source = reference.source
    variant = source.variants[0] if variant is None else variant
    try:
        engine = open_engine(path)
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
    for drawn_from in reference.cases:
        if engine.image_sizes is not None and drawn_from.image_size not in source.image_sizes:
            continue
        case = drawn_from.called_by(variant, source.image_range)
        drawn = run(engine, case, variant.outputs[0])
        if isinstance(drawn, str):
            problems.append(f"{case}: {drawn}")
            continue
        images = drawn if drawn_from is reference.shown else images
        row = measure(drawn, case.expected, image_range, allowed, case.image_size)
        rows.append(row)
        if not np.isfinite(drawn).all():
            problems.append(f"{case}: {np.sum(~np.isfinite(drawn))} of {drawn.size} values are NaN or infinity")
        elif not row.passed:
            problems.append(
                f"{case}: a pixel is {row.max_abs_error:.3g} from Keras's, more than the tolerance {allowed:g}"
            )
        elif case.image_size is None or case.image_size in source.image_sizes:
            latency.append(_latency(engine, case))
    return Comparison(tuple(rows), tuple(problems), images, tuple(latency))


def measure(
    drawn: np.ndarray,
    expected: np.ndarray,
    image_range: tuple[float, float],
    tolerance: float,
    image_size: tuple[int, int] | None = None,
) -> Parity:
    """Measure how far images are from the expected ones.

    Args:
        drawn: By the artifact.
        expected: By Keras, of the same shape.
        image_range: The least and the greatest pixel value, whose distance PSNR relates the error to.
        tolerance: The largest difference of two pixels to allow.
        image_size: As in `Parity`. Defaults to None.

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
        image_size=image_size,
    )


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
        drawn = engine.run(case.inputs)[output.name]
        if output.dtype == "string":
            drawn = np.stack([_decoded(png, case.expected.shape[1:]) for png in drawn])
    except Exception as error:  # each runtime raises its own
        return f"it does not run: {error}"
    if drawn.shape != case.expected.shape or drawn.dtype != case.expected.dtype:
        expected = f"{case.expected.dtype} {case.expected.shape}"
        return f"expected images {expected}. Received: {drawn.dtype} {drawn.shape}"
    return drawn


def _latency(engine: Engine, case: Case) -> Latency:
    """How long a case takes that has just been run."""
    median_ms, runs = median_milliseconds(lambda: engine.run(case.inputs))
    return Latency(batch=len(case.expected), median_ms=median_ms, runs=runs, image_size=case.image_size)


def _decoded(png: bytes, shape: tuple[int, ...]) -> np.ndarray:
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        return np.asarray(image).reshape(shape)


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
