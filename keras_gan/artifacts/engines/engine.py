"""The protocol that each engine satisfies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec


class Engine(Protocol):
    """One artifact, loaded by its runtime, that any number of threads may run.

    Attributes:
        inputs: What `run` expects; `None` in a shape is any size from 1. The first dimension is the batch.
        outputs: What `run` returns.
        image_sizes: The (height, width) of the images that `run` takes, where `inputs` says less: a file may be
            written for several sizes, and for them alone. `None` where `inputs` says all.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    image_sizes: tuple[tuple[int, int], ...] | None

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run one batch.

        Args:
            inputs: An array for each of the engine's inputs, by name, all with the same number of rows.

        Returns:
            An array for each output, by name.

        Raises:
            ValueError: If a name is missing or unknown, or a shape does not fit.
        """
        ...

    def signature(self, name: str) -> Engine | None:
        """Another way to call the same file, on the same copy of its weights.

        Args:
            name: Such as "uint8", a translator's for images as files and cameras have them, or "generate", a
                generator's for seeds.

        Returns:
            An engine, or `None` if the file has no such signature.
        """
        ...
