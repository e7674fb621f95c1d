"""What Keras draws, which each artifact should draw too."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import numpy as np

from keras_gan.export.manifest import ArtifactEntry
from keras_gan.export.source import Source, Variant
from keras_gan.images import to_uint8


@dataclasses.dataclass(frozen=True)
class Case:
    """Images to compare, drawn a batch at a time.

    Args:
        inputs: What goes in, by name.
        expected: The images that Keras makes of it.
        batch: How many at a time. Defaults to None, all at once.
    """

    inputs: dict[str, np.ndarray]
    expected: np.ndarray
    batch: int | None = None

    @property
    def rows(self) -> int:
        """How many go in at a time."""
        return len(self.expected) if self.batch is None else self.batch

    @property
    def batches(self) -> Iterator[dict[str, np.ndarray]]:
        """The inputs, batch by batch; the last may be smaller."""
        for start in range(0, len(self.expected), self.rows):
            yield {name: array[start : start + self.rows] for name, array in self.inputs.items()}

    @property
    def image_size(self) -> tuple[int, int] | None:
        """(height, width) of the image that goes in, if one does."""
        source = self.inputs.get("source")
        return None if source is None else (source.shape[1], source.shape[2])

    def __str__(self) -> str:
        size = "" if self.image_size is None else " of {}x{}".format(*self.image_size)
        return f"batch {self.rows}{size}"

    def called_by(self, variant: Variant | ArtifactEntry, image_range: tuple[float, float]) -> Case:
        """The same case for a variant of the model, or for what the manifest says of it."""
        inputs = {spec.name: self.inputs[spec.name] for spec in variant.inputs}
        if variant.dtype == "float32":
            return Case(inputs, self.expected, self.batch)
        inputs = {
            s.name: to_uint8(inputs[s.name], image_range) if s.dtype == "uint8" else inputs[s.name]
            for s in variant.inputs
        }
        return Case(inputs, to_uint8(self.expected, image_range), self.batch)


@dataclasses.dataclass(frozen=True)
class Reference:
    """What Keras draws.

    Args:
        source: The model.
        cases: What it was given and what it drew, in float32.
        alone: The first images once more, drawn in a batch of the smallest size.
    """

    source: Source
    cases: tuple[Case, ...]
    alone: np.ndarray

    @classmethod
    def draw(cls, source: Source) -> Reference:
        """Have Keras draw.

        Raises:
            RuntimeError: If it cannot.
        """
        cases: list[Case] = []
        for inputs, batches in source.samples():
            expected = _draw(source, inputs)
            cases += [Case(inputs, expected, batch) for batch in batches]
        first = next(cases[0].batches)
        alone = cases[0].expected
        return cls(source, tuple(cases), alone if len(alone) == cases[0].rows else _draw(source, first))

    @property
    def shown(self) -> Case:
        """The case for the picture: the most images, in the largest batch."""
        return max(self.cases, key=lambda case: (len(case.expected), case.rows))

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
        alone, together = self.alone, self.shown.expected
        if not (difference := np.abs(alone - together[: len(alone)]).max()) <= tolerance:
            return [
                f"keras: an image changes by {difference:.2g} with the batch it is drawn in, or from call to call, "
                f"more than the tolerance {tolerance:g}: does a layer draw noise or use the batch's statistics?"
            ]
        return []


def _draw(source: Source, inputs: dict[str, np.ndarray]) -> np.ndarray:
    try:
        return source.draw(inputs)
    except Exception as error:  # each layer raises its own
        names = {spec.name for spec in source.inputs}
        given = ", ".join(f"{name} {array.shape}" for name, array in inputs.items() if name in names)
        raise RuntimeError(f"the generator fails on {given}: {error}") from error
