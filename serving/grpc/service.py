"""Methods of the gRPC API: TensorFlow Serving's PredictionService and ModelService."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import grpc
import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.config_file import model_configs
from keras_gan.serving.models.metadata import signature_defs
from keras_gan.serving.models.models import Models
from keras_gan.serving.models.servable import DEFAULT
from keras_gan.serving.models.signature import check_finite
from keras_gan.serving.models.version import STATES
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import fill, to_array
from keras_gan.serving.workers import Steps

# Clients look up the type of the message in an `Any` by this URL.
_SIGNATURES_URL = "type.googleapis.com/tensorflow.serving.SignatureDefMap"


# From a request to the response, perhaps in steps.
Method = Callable[[Any], Any]


@dataclass
class GrpcService:
    """Methods of the gRPC API. Each returns a message, perhaps in steps, or raises `ServingError`."""

    models: Models
    predictor: Predictor
    metrics: Metrics
    max_array_bytes: int
    allow_reload: bool

    def methods(self) -> dict[str, dict[str, tuple[Method, Any]]]:
        """Returns the methods of each service by name, with the class of the request. None leaves it unread."""
        return {
            "tensorflow.serving.PredictionService": {
                "Predict": (self._predict, messages.PredictRequest),
                "GetModelMetadata": (self._metadata, messages.GetModelMetadataRequest),
                **dict.fromkeys(("Classify", "Regress", "MultiInference"), (self._unsupported, None)),
            },
            "tensorflow.serving.ModelService": {
                "GetModelStatus": (self._status, messages.GetModelStatusRequest),
                "HandleReloadConfigRequest": (self._reload, messages.ReloadConfigRequest),
            },
        }

    def _predict(self, asked: messages.PredictRequest) -> Steps[messages.PackedPredictResponse]:
        began, code = time.perf_counter(), "INTERNAL"
        try:
            response = yield from self._run(asked)
            code = "OK"
            return response
        except GeneratorExit:
            code = "CANCELLED"
            raise
        except ServingError as error:
            code = error.code
            raise
        finally:
            name = asked.model_spec.name if self.models.knows(asked.model_spec.name) else "unknown"
            self.metrics.answered(name, code, time.perf_counter() - began, "GRPC")

    def _run(self, asked: messages.PredictRequest) -> Steps[messages.PackedPredictResponse]:
        servable = self.models.find(*_model_of(asked.model_spec))
        name = asked.model_spec.signature_name or DEFAULT
        signature = servable.signature(name)
        chosen = _chosen_outputs(asked.output_filter, [spec.name for spec in signature.outputs])
        inputs = self._arrays(asked.inputs, signature.inputs)
        yield
        outputs = yield from self.predictor.run(servable, name, inputs)
        check_finite(outputs)
        yield
        response = messages.PackedPredictResponse()
        response.model_spec.name = servable.name
        response.model_spec.version.value = servable.version
        response.model_spec.signature_name = name
        for output in chosen:
            fill(response.outputs[output], outputs[output])
        return response

    def _arrays(self, tensors: Any, specs: Sequence[TensorSpec]) -> dict[str, np.ndarray]:
        names = sorted(spec.name for spec in specs)
        if sorted(tensors) != names:
            raise invalid(f"The inputs must be {', '.join(names)}. Received: {', '.join(sorted(tensors)) or 'none'}")
        arrays = {spec.name: to_array(tensors[spec.name], spec.name, self.max_array_bytes) for spec in specs}
        for spec in specs:
            dtype = "string" if arrays[spec.name].dtype == object else arrays[spec.name].dtype.name
            if dtype != spec.dtype:
                raise invalid(f"`{spec.name}` must be {spec.dtype}. Received: {dtype}")
        return arrays

    def _metadata(self, asked: messages.GetModelMetadataRequest) -> Any:
        if set(asked.metadata_field) != {"signature_def"}:
            raise invalid(f'`metadata_field` must be ["signature_def"]. Received: {list(asked.metadata_field)}')
        servable = self.models.find(*_model_of(asked.model_spec))
        response = messages.GetModelMetadataResponse()
        response.model_spec.name = servable.name
        response.model_spec.version.value = servable.version
        response.metadata["signature_def"].type_url = _SIGNATURES_URL
        response.metadata["signature_def"].value = signature_defs(servable).SerializeToString()
        return response

    def _status(self, asked: messages.GetModelStatusRequest) -> Any:
        name, number, _ = _model_of(asked.model_spec)
        response = messages.GetModelStatusResponse()
        for version in self.models.status(name, number):
            status = response.model_version_status.add(version=version.number, state=STATES[version.state])
            status.status.error_code = grpc.StatusCode[version.code].value[0]
            status.status.error_message = version.message
        return response

    def _reload(self, asked: messages.ReloadConfigRequest) -> Any:
        if not self.allow_reload:
            raise ServingError("PERMISSION_DENIED", "This server does not let clients replace its configuration")
        response = messages.ReloadConfigResponse()
        try:
            self.models.reconfigure(model_configs(asked.config))
        except (ValueError, RuntimeError) as error:
            is_wrong = isinstance(error, ValueError)
            code = grpc.StatusCode.INVALID_ARGUMENT if is_wrong else grpc.StatusCode.FAILED_PRECONDITION
            response.status.error_code = code.value[0]
            response.status.error_message = str(error)
        return response

    def _unsupported(self, asked: None) -> Any:
        raise ServingError("UNIMPLEMENTED", "This method is not supported for a generator. Use Predict")


def _model_of(spec: messages.ModelSpec) -> tuple[str, int | None, str | None]:
    """Returns the name, the version and the label that a request asks for."""
    if not spec.name:
        raise invalid("`model_spec` must have a `name`")
    choice = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )


def _chosen_outputs(wanted: Sequence[str], names: list[str]) -> list[str]:
    if not set(wanted) <= set(names) or len(set(wanted)) != len(wanted):
        raise invalid(f"`output_filter` must name each output once at most: {names}. Received: {list(wanted)}")
    return list(wanted) or names
