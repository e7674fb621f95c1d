"""Inputs of a model with the images that Keras generates from them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.images import to_uint8


class Signature(Protocol):
    """One way to call a model: a `Variant` of an export's source, or an `ArtifactEntry` of a manifest."""

    @property
    def inputs(self) -> Specs:
        """The input tensors."""
        ...

    @property
    def dtype(self) -> str:
        """The dtype of the images: "float32", "uint8", or "string" for PNG files."""
        ...


@dataclasses.dataclass(frozen=True)
class Case:
    """Inputs and expected images of one comparison.

    Args:
        inputs: Input arrays by name, with a row for each image.
        expected: Images that Keras generates from the inputs.
        batch: Batch size to run at. Defaults to None, all rows at once.
    """

    inputs: dict[str, np.ndarray]
    expected: np.ndarray
    batch: int | None = None

    @property
    def rows(self) -> int:
        """The batch size."""
        return len(self.expected) if self.batch is None else self.batch

    @property
    def batches(self) -> Iterator[dict[str, np.ndarray]]:
        """The inputs, batch by batch. The last batch may be smaller."""
        for start in range(0, len(self.expected), self.rows):
            yield {name: array[start : start + self.rows] for name, array in self.inputs.items()}

    @property
    def image_size(self) -> tuple[int, int] | None:
        """(height, width) of the input images; None if no image goes in."""
        source = self.inputs.get("source")
        return None if source is None else (source.shape[1], source.shape[2])

    def __str__(self) -> str:
        size = "" if self.image_size is None else " of {}x{}".format(*self.image_size)
        return f"batch {self.rows}{size}"

    def for_signature(self, signature: Signature, image_range: tuple[float, float]) -> Case:
        """Converts the case to the inputs and the image dtype of a signature.

        Args:
            signature: Signature to call.
            image_range: Values of black and white in float images.
        """
        inputs = {spec.name: self.inputs[spec.name] for spec in signature.inputs}
        if signature.dtype == "float32":
            return Case(inputs, self.expected, self.batch)
        inputs = {
            s.name: to_uint8(inputs[s.name], image_range) if s.dtype == "uint8" else inputs[s.name]
            for s in signature.inputs
        }
        return Case(inputs, to_uint8(self.expected, image_range), self.batch)
