"""What Keras draws, which each artifact should draw too."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.export.sources.source import Source


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
