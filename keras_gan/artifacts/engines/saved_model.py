"""The engine of SavedModels. It needs TensorFlow, not Keras."""

from __future__ import annotations

import copy
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf
from tensorflow.core.protobuf import saved_model_pb2

from keras_gan.artifacts.engines.engine import Engine
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.tensor_spec import TensorSpec, UnrankedSpec, bind

_DEFAULT = "serving_default"


class SavedModelEngine:
    """Runs one signature of a SavedModel with TensorFlow: `serving_default`, or the first without it.

    Args:
        path: Folder of the SavedModel.
        tags: Tags of the graph to load. Defaults to ("serve",).

    Raises:
        ArtifactError: If TensorFlow cannot load the folder, or it has no signature.

    Example:
    ```python
    images = SavedModelEngine("exported/digits/1").run({"z": z})["image"]
    ```
    """

    image_sizes: tuple[tuple[int, int], ...] | None = None

    def __init__(self, path: str | os.PathLike[str], tags: Sequence[str] = ("serve",)) -> None:
        try:
            # The model owns the variables of the signatures.
            self._model = tf.saved_model.load(os.fspath(path), tags=list(tags))
            self._definitions = _definitions(Path(path), set(tags))
        except Exception as error:  # Python, protobuf and TensorFlow raise their own errors
            raise ArtifactError(f"Expected a SavedModel. Received: `{path}`, which does not load: {error}") from error
        self.signatures = tuple(sorted(self._model.signatures))
        if not self.signatures:
            raise ArtifactError(f"Expected a SavedModel with a signature. Received: `{path}`, which has none")
        self._use(_DEFAULT if _DEFAULT in self.signatures else self.signatures[0])

    def _use(self, name: str) -> None:
        self._function = self._model.signatures[name]
        self.definition: bytes = self._definitions[name].SerializeToString()
        self.inputs = _specs(self._definitions[name].inputs)
        self.outputs = _specs(self._definitions[name].outputs)

    def signature(self, name: str) -> Engine | None:
        """Returns the engine of another signature; see `Engine.signature`."""
        if name not in self.signatures:
            return None
        other = copy.copy(self)
        other._use(name)
        return other

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs the signature on arrays whose shapes fit, also if their numbers of rows differ; see `Engine.run`."""
        bound = bind(self.inputs, inputs)
        tensors = {spec.name: tf.constant(bound[spec.name], spec.dtype) for spec in self.inputs}
        outputs = self._function(**tensors)
        # A scalar of type string is a bytes object.
        return {spec.name: _array(outputs[spec.name]) for spec in self.outputs}


def _array(tensor: Any) -> np.ndarray:
    return np.asarray(tensor.numpy(), object if tensor.dtype == tf.string else None)


def _definitions(path: Path, tags: set[str]) -> dict[str, Any]:
    """Returns the `SignatureDef` of each signature, which also holds the names in the graph."""
    saved = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes())
    graph = next(graph for graph in saved.meta_graphs if set(graph.meta_info_def.tags) == tags)
    return dict(graph.signature_def)


def _specs(tensors: Mapping[str, Any]) -> tuple[TensorSpec, ...]:
    return tuple(_spec(name, info) for name, info in sorted(tensors.items()))


def _spec(name: str, info: Any) -> TensorSpec:
    dtype = tf.as_dtype(info.dtype).name if info.WhichOneof("encoding") == "name" else "sparse"
    if info.tensor_shape.unknown_rank:
        return UnrankedSpec(name=name, dtype=dtype)
    shape = tuple(None if dim.size < 0 else int(dim.size) for dim in info.tensor_shape.dim)
    return TensorSpec(name=name, dtype=dtype, shape=shape)
