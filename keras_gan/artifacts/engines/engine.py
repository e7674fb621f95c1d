"""The protocol of all engines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np

    from keras_gan.artifacts.tensor_spec import TensorSpec


class Engine(Protocol):
    """An artifact, loaded by its runtime. Any number of threads may run it.

    Attributes:
        inputs: Specifications of the inputs of `run()`, the batch first. None in a shape is any size from 1.
        outputs: Specifications of the outputs of `run()`.
        image_sizes: Tuple of the (height, width) of accepted images, for a file of several fixed sizes.
            None if `inputs` says all.
        signatures: Names of the signatures that `signature()` returns. The engine itself runs `serving_default`; a
            SavedModel without one runs the first.
        definition: Serialized `tensorflow.SignatureDef` of a SavedModel; b"" for other formats.
    """

    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    image_sizes: tuple[tuple[int, int], ...] | None
    signatures: tuple[str, ...]
    definition: bytes

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs one batch.

        Args:
            inputs: One array for each input, by name. All have the same number of rows, except in SavedModels whose
                inputs are not rows.

        Returns:
            An array for each output, by name.

        Raises:
            ValueError: If a name is missing or unknown, or a shape does not fit.
        """
        ...

    def signature(self, name: str) -> Engine | None:
        """Returns an engine for another signature of the file. Both share the weights.

        Args:
            name: Name of the signature, such as "generate".

        Returns:
            An engine; None if the file has no such signature.
        """
        ...
