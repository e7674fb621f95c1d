"""The engine of SavedModels. It needs TensorFlow, not Keras."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from keras_gan.artifacts.engines.engine import Engine
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.tensor_spec import TensorSpec, bind


class SavedModelEngine:
    """Runs one signature of a SavedModel with TensorFlow.

    Args:
        path: Folder of the SavedModel.
        signature: Name of the signature. Defaults to "serving_default".
        tags: Tags of the graph to load. Defaults to ("serve",).

    Raises:
        ArtifactError: If TensorFlow cannot load the folder, or it lacks the signature.

    Example:
    ```python
    images = SavedModelEngine("exported/digits/1").run({"z": z})["image"]
    ```
    """

    image_sizes: tuple[tuple[int, int], ...] | None = None

    def __init__(
        self, path: str | os.PathLike[str], signature: str = "serving_default", tags: Sequence[str] = ("serve",)
    ) -> None:
        try:
            # The model owns the variables of the signatures.
            self._model = tf.saved_model.load(os.fspath(path), tags=list(tags))
            signatures = dict(self._model.signatures)
        except Exception as error:  # Python, protobuf and TensorFlow raise their own errors
            raise ArtifactError(f"Expected a SavedModel. Received: `{path}`, which does not load: {error}") from error
        if signature not in signatures:
            raise ArtifactError(
                f"Expected a SavedModel with the signature `{signature}`. Received: `{path}`, with {sorted(signatures)}"
            )
        self._use(signatures[signature])

    def _use(self, function: Any) -> None:
        self._function = function
        self.inputs = _specs(function.structured_input_signature[1])
        self.outputs = _specs(function.structured_outputs)

    def signature(self, name: str) -> Engine | None:
        """Returns the engine of another signature; see `Engine.signature`."""
        if name not in self._model.signatures:
            return None
        other = copy.copy(self)
        other._use(self._model.signatures[name])
        return other

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs one batch; see `Engine.run`."""
        tensors = {name: tf.constant(array) for name, array in bind(self.inputs, inputs).items()}
        return {name: tensor.numpy() for name, tensor in self._function(**tensors).items()}


def _specs(tensors: dict[str, tf.TensorSpec]) -> tuple[TensorSpec, ...]:
    return tuple(
        TensorSpec(name=name, dtype=spec.dtype.name, shape=tuple(spec.shape.as_list()))
        for name, spec in sorted(tensors.items())
    )
