"""Images of the Keras model, which each artifact must reproduce."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.export.sources.source import Source


@dataclasses.dataclass(frozen=True)
class Reference:
    """Inputs and images of the Keras model.

    Args:
        source: The model.
        cases: Inputs and images, in float32.
        alone: The first images again, generated in a batch of the smallest size.
    """

    source: Source
    cases: tuple[Case, ...]
    alone: np.ndarray

    @classmethod
    def generate(cls, source: Source) -> Reference:
        """Runs the Keras model.

        Args:
            source: The model.

        Raises:
            RuntimeError: If the model fails.
        """
        cases: list[Case] = []
        for inputs, batches in source.comparison_inputs():
            expected = _generate(source, inputs)
            cases += [Case(inputs, expected, batch) for batch in batches]
        first = next(cases[0].batches)
        alone = cases[0].expected
        return cls(source, tuple(cases), alone if len(alone) == cases[0].rows else _generate(source, first))

    @property
    def largest(self) -> Case:
        """The case with the most images, in the largest batch. The picture shows it."""
        return max(self.cases, key=lambda case: (len(case.expected), case.rows))

    def problems(self, tolerance: float) -> list[str]:
        """Returns a sentence for each problem of the Keras model itself.

        Args:
            tolerance: Largest allowed difference between the same image in two batches.
        """
        broken = [w.path for w in self.source.model.weights if not np.isfinite(np.asarray(w)).all()]
        if broken:
            return [f"keras: the generator's weights hold NaN or infinity: {', '.join(broken)}"]
        for case in self.cases:
            shape = self.source.image_shape_for(case.inputs)
            if case.expected.shape[1:] != shape:
                return [f"keras: expected images of {shape}. Received: {case.expected.shape[1:]}"]
            if not np.isfinite(case.expected).all():
                return ["keras: the generator's images hold NaN or infinity"]
        alone, together = self.alone, self.largest.expected
        if not (difference := np.abs(alone - together[: len(alone)]).max()) <= tolerance:
            return [
                f"keras: an image changes by {difference:.2g} with its batch, or from call to call, more than the "
                f"tolerance {tolerance:g}: does a layer add noise or use the batch's statistics?"
            ]
        return []


def _generate(source: Source, inputs: dict[str, np.ndarray]) -> np.ndarray:
    try:
        return source.generate(inputs)
    except Exception as error:  # layers raise their own errors
        names = {spec.name for spec in source.inputs}
        given = ", ".join(f"{name} {array.shape}" for name, array in inputs.items() if name in names)
        raise RuntimeError(f"the generator fails on {given}: {error}") from error
