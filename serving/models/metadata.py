"""Signatures of a model in TensorFlow Serving's format."""

from __future__ import annotations

from typing import Any

import orjson

from keras_gan.artifacts.engines import TensorSpec
from keras_gan.serving.dtypes import BY_NUMPY
from keras_gan.serving.models.servable import Servable

METHOD = "tensorflow/serving/predict"


def tensor_names(signature: str, specs: tuple[TensorSpec, ...], outputs: bool) -> dict[str, str]:
    """Returns the names that the tensors of a signature have in the graph of a SavedModel."""
    if outputs:
        return {spec.name: f"StatefulPartitionedCall:{i}" for i, spec in enumerate(specs)}
    return {spec.name: f"{signature}_{spec.name}:0" for spec in specs}


def metadata_json(servable: Servable) -> bytes:
    """Returns a GetModelMetadataResponse as JSON."""
    signatures = {
        name: {
            "inputs": _tensors(name, signature.inputs, outputs=False),
            "outputs": _tensors(name, signature.outputs, outputs=True),
            "method_name": METHOD,
            "defaults": {},
        }
        for name, signature in servable.signatures.items()
    }
    return orjson.dumps(
        {
            "model_spec": {"name": servable.name, "signature_name": "", "version": str(servable.version)},
            "metadata": {"signature_def": {"signature_def": signatures}},
        }
    )


def _tensors(signature: str, specs: tuple[TensorSpec, ...], outputs: bool) -> dict[str, Any]:
    names = tensor_names(signature, specs, outputs)
    return {
        spec.name: {
            "dtype": BY_NUMPY[spec.dtype].enum,
            "tensor_shape": {
                "dim": [{"size": str(-1 if size is None else size), "name": ""} for size in spec.shape],
                "unknown_rank": False,
            },
            "name": names[spec.name],
        }
        for spec in specs
    }
