"""Inputs of a model with the images that Keras makes of them."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from typing import Protocol

import numpy as np

from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.images import to_uint8


class Call(Protocol):
    """One way to call a model: a variant of an export source, or an entry of a manifest."""

    @property
    def inputs(self) -> Specs:
        """The tensors that go in."""
        ...

    @property
    def dtype(self) -> str:
        """The dtype of the images: "float32", "uint8", or "string" for PNG files."""
        ...


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

    def called_by(self, variant: Call, image_range: tuple[float, float]) -> Case:
        """The same case for a variant of the model, or for what the manifest says of it."""
        inputs = {spec.name: self.inputs[spec.name] for spec in variant.inputs}
        if variant.dtype == "float32":
            return Case(inputs, self.expected, self.batch)
        inputs = {
            s.name: to_uint8(inputs[s.name], image_range) if s.dtype == "uint8" else inputs[s.name]
            for s in variant.inputs
        }
        return Case(inputs, to_uint8(self.expected, image_range), self.batch)
