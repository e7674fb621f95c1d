"""The protocol that each engine satisfies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from keras_gan.serving.engines.specs import TensorSpec


class Engine(Protocol):
    """One artifact, loaded by its runtime, that any number of threads may run.

    Attributes:
        inputs: What `run` expects; `None` in a shape is the batch, of any size from 1.
        outputs: What `run` returns.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]

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
