"""Signatures of a model in TensorFlow Serving's format."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from keras_gan.artifacts.tensor_spec import UnrankedSpec
from keras_gan.serving.dtypes import BY_NUMBER, BY_NUMPY
from keras_gan.serving.models.servable import Servable
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.protos import messages

_METHOD = "tensorflow/serving/predict"


def signature_defs(servable: Servable) -> messages.SignatureDefMap:
    """Returns the signatures: those of a SavedModel as they are in its file, others as a SavedModel would have them."""
    found = messages.SignatureDefMap()
    for name, signature in servable.signatures.items():
        if signature.definition:
            found.signature_def[name].ParseFromString(signature.definition)
        else:
            _define(found.signature_def[name], name, signature)
    return found


def metadata_json(servable: Servable) -> bytes:
    """Returns a GetModelMetadataResponse as JSON."""
    signatures = {
        name: {
            "inputs": _tensors(found.inputs),
            "outputs": _tensors(found.outputs),
            "method_name": found.method_name,
            "defaults": {},
        }
        for name, found in signature_defs(servable).signature_def.items()
    }
    return orjson.dumps(
        {
            "model_spec": {"name": servable.name, "signature_name": "", "version": str(servable.version)},
            "metadata": {"signature_def": {"signature_def": signatures}},
        }
    )


def _define(message: messages.SignatureDef, name: str, signature: Signature) -> None:
    message.method_name = _METHOD
    for specs, tensors, graph_name in (
        (signature.inputs, message.inputs, lambda spec, _: f"{name}_{spec.name}:0"),
        (signature.outputs, message.outputs, lambda _, i: f"StatefulPartitionedCall:{i}"),
    ):
        for i, spec in enumerate(specs):
            info = tensors[spec.name]
            info.name, info.dtype = graph_name(spec, i), BY_NUMPY[spec.dtype].number
            info.tensor_shape.unknown_rank = isinstance(spec, UnrankedSpec)
            for size in spec.shape:
                info.tensor_shape.dim.add(size=-1 if size is None else size)


def _tensors(infos: Mapping[str, messages.TensorInfo]) -> dict[str, Any]:
    return {
        name: {
            "dtype": BY_NUMBER[info.dtype].enum,
            "tensor_shape": {
                "dim": [{"size": str(dim.size), "name": dim.name} for dim in info.tensor_shape.dim],
                "unknown_rank": info.tensor_shape.unknown_rank,
            },
            "name": info.name,
        }
        for name, info in infos.items()
    }
