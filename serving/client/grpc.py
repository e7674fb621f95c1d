"""Requests over gRPC."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from os import PathLike
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import grpc
import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec, UnrankedSpec
from keras_gan.serving.client.errors import RetryableError, ServerError
from keras_gan.serving.client.signature import Signature, Target, VersionStatus
from keras_gan.serving.dtypes import BY_NUMBER
from keras_gan.serving.errors import ServingError
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import fill_content, to_array

_PREDICTION = "/tensorflow.serving.PredictionService"
_MODEL = "/tensorflow.serving.ModelService"
_METHODS: dict[str, Any] = {
    f"{_PREDICTION}/Predict": messages.PredictResponse,
    f"{_PREDICTION}/GetModelMetadata": messages.GetModelMetadataResponse,
    f"{_MODEL}/GetModelStatus": messages.GetModelStatusResponse,
}
# Messages of gRPC if no server was reached. A busy server answers with the same code and another message.
_UNREACHED = re.compile(
    r"failed to connect|DNS|name resolution|Socket closed|Connection reset|handshake", re.IGNORECASE
)
# Answer of the gRPC library of `keras-gan serve` if too many calls wait.
_BUSY = (grpc.StatusCode.RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!")
_CODES = {code.value[0]: code.name for code in grpc.StatusCode}


class GrpcTransport:
    """Sends requests over gRPC, with the methods of `RestTransport`.

    Args:
        url: URL grpc://host:port or, with TLS, grpcs://host:port. The port defaults to 8500.
        token: Token to send as the metadata `authorization: Bearer`, or None.
        ca_certificate: PEM file of the authorities to trust, or None for those of the system.
        client_certificate: PEM files of a certificate and its key, or None.
    """

    def __init__(
        self,
        url: str,
        token: str | None,
        ca_certificate: str | PathLike[str] | None,
        client_certificate: tuple[str | PathLike[str], str | PathLike[str]] | None,
    ) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(url)
        host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname
        address = f"{host}:{parts.port or 8500}"
        # Without a limit, as in TensorFlow Serving. gRPC's default is 4 MiB.
        options = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
        self._metadata = [] if token is None else [("authorization", f"Bearer {token}")]
        if parts.scheme == "grpcs":
            roots = None if ca_certificate is None else Path(ca_certificate).read_bytes()
            chain, key = (None, None) if client_certificate is None else map(_read, client_certificate)
            self._channel = grpc.secure_channel(address, grpc.ssl_channel_credentials(roots, key, chain), options)
        else:
            self._channel = grpc.insecure_channel(address, options)
        self._calls = {
            name: self._channel.unary_unary(
                name, request_serializer=_serialize, response_deserializer=response.FromString
            )
            for name, response in _METHODS.items()
        }

    def predict(
        self,
        target: Target,
        signature_name: str,
        signature: Signature,
        inputs: Mapping[str, np.ndarray],
        timeout: float,
    ) -> dict[str, np.ndarray]:
        """Runs one batch."""
        request = messages.PredictRequest(model_spec=_spec(target, signature_name))
        for name, array in inputs.items():
            fill_content(request.inputs[name], array)
        method = f"{_PREDICTION}/Predict"
        answer = self._ask(method, request, timeout)
        try:
            # Copied, because an array in a message is read-only.
            return {name: np.array(to_array(answer.outputs[name], name, sys.maxsize)) for name in signature.outputs}
        except ServingError as error:
            what = f"other outputs than {sorted(signature.outputs)}: {sorted(answer.outputs)}, {error}"
            raise ServerError("UNKNOWN", f"an answer that holds {what}", self.url + method) from error

    def metadata(self, target: Target, timeout: float) -> tuple[int, dict[str, Signature]]:
        """Returns the version and its signatures."""
        request = messages.GetModelMetadataRequest(model_spec=_spec(target), metadata_field=["signature_def"])
        answer = self._ask(f"{_PREDICTION}/GetModelMetadata", request, timeout)
        # Not `Unpack`, which would look for the message in our own proto package.
        signatures = messages.SignatureDefMap.FromString(answer.metadata["signature_def"].value).signature_def
        return answer.model_spec.version.value, {
            name: Signature(_specs(one.inputs), _specs(one.outputs))
            for name, one in signatures.items()
            if not name.startswith("__")
        }

    def status(self, target: Target, timeout: float) -> list[VersionStatus]:
        """Returns the state of each version."""
        request = messages.GetModelStatusRequest(model_spec=_spec(target))
        answer = self._ask(f"{_MODEL}/GetModelStatus", request, timeout)
        return [
            VersionStatus(
                one.version,
                messages.ModelVersionStatus.State.Name(one.state),
                _CODES.get(one.status.error_code, "UNKNOWN"),
                one.status.error_message,
            )
            for one in answer.model_version_status
        ]

    def class_names(self, target: Target, timeout: float) -> tuple[str, ...]:
        """Raises ValueError: gRPC has no manifests."""
        raise ValueError(
            "Names of classes need the URL of the REST API, http://... With gRPC, pass numbers as `labels`. "
            f"Received: {self.url}"
        )

    def attribute_names(self, target: Target, timeout: float) -> tuple[str, ...]:
        """Raises ValueError: gRPC has no manifests."""
        raise ValueError(
            "Names of attributes need the URL of the REST API, http://... With gRPC, pass a vector as `labels`. "
            f"Received: {self.url}"
        )

    def models(self, timeout: float) -> list[str]:
        """Raises ValueError: gRPC has no list of models."""
        raise ValueError(f"`model` must be given for gRPC, which has no list of models. Received: {self.url}")

    def close(self) -> None:
        """Closes the channel."""
        self._channel.close()

    def _ask(self, method: str, request: Any, timeout: float) -> Any:
        try:
            return self._calls[method](request, timeout=timeout, metadata=self._metadata)
        except grpc.RpcError as error:
            code, said = error.code(), error.details() or ""
            if code is grpc.StatusCode.DEADLINE_EXCEEDED:
                raise TimeoutError(
                    f"Expected an answer from {self.url}{method} within {timeout:.3g} s. Received: none"
                ) from error
            if code is not grpc.StatusCode.UNAVAILABLE and (code, said) != _BUSY:
                raise ServerError(code.name, said, self.url + method) from error
            if _UNREACHED.search(said):
                raise RetryableError(ConnectionError(f"Expected a server at {self.url}. Received: {said}")) from error
            raise RetryableError(ServerError(code.name, said, self.url + method)) from error


def _serialize(message: Any) -> bytes:
    return message.SerializeToString()


def _spec(target: Target, signature_name: str = "") -> messages.ModelSpec:
    spec = messages.ModelSpec(name=target.model, signature_name=signature_name)
    if target.version is not None:
        spec.version.value = target.version
    elif target.label is not None:
        spec.version_label = target.label
    return spec


def _specs(tensors: Mapping[str, messages.TensorInfo]) -> dict[str, TensorSpec]:
    return {name: _tensor_spec(name, BY_NUMBER[info.dtype].numpy, info.tensor_shape) for name, info in tensors.items()}


def _tensor_spec(name: str, dtype: str, shape: messages.TensorShapeProto) -> TensorSpec:
    if shape.unknown_rank:
        return UnrankedSpec(name=name, dtype=dtype)
    return TensorSpec(name=name, dtype=dtype, shape=tuple(None if dim.size < 0 else dim.size for dim in shape.dim))


def _read(path: str | PathLike[str]) -> bytes:
    return Path(path).read_bytes()
