"""Requests over REST."""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import httpx
import numpy as np

from keras_gan.artifacts.tensor_spec import TensorSpec, UnrankedSpec
from keras_gan.serving.client.errors import RetryableError, ServerError
from keras_gan.serving.client.signature import Signature, Target, VersionStatus
from keras_gan.serving.dtypes import DTYPES
from keras_gan.serving.errors import HTTP_STATUS

# The name for a status that several names have.
_CODES = {status: code for code, status in HTTP_STATUS.items()} | {
    400: "INVALID_ARGUMENT",
    413: "RESOURCE_EXHAUSTED",
    500: "INTERNAL",
}
_SHOWN = 200
_DTYPES = {dtype.enum: dtype.numpy for dtype in DTYPES}


class RestTransport:
    """Sends requests over HTTP.

    Each method gets the seconds that it may take, and raises the errors that `Client` documents.

    Args:
        url: URL of the server, with the path prefix of a proxy if there is one.
        http: HTTP client, with its headers and TLS.
    """

    def __init__(self, url: str, http: httpx.Client) -> None:
        self.url = url.rstrip("/")
        self._http = http

    def predict(
        self,
        target: Target,
        signature_name: str,
        signature: Signature,
        inputs: Mapping[str, np.ndarray],
        timeout: float,
    ) -> dict[str, np.ndarray]:
        """Runs one batch."""
        columns = {name: _json(array) for name, array in inputs.items()}
        body = json.dumps({"signature_name": signature_name, "inputs": columns}).encode()
        path = f"{_path(target)}:predict"
        found = self._ask("POST", path, timeout, body)
        try:
            outputs = (
                found["outputs"] if len(signature.outputs) != 1 else dict.fromkeys(signature.outputs, found["outputs"])
            )
            return {name: _numpy(outputs[name], spec) for name, spec in signature.outputs.items()}
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise self._unreadable(path, f"other outputs than {sorted(signature.outputs)}", found) from error

    def metadata(self, target: Target, timeout: float) -> tuple[int, dict[str, Signature]]:
        """Returns the version and its signatures."""
        path = f"{_path(target)}/metadata"
        found = self._ask("GET", path, timeout)
        try:
            signatures = found["metadata"]["signature_def"]["signature_def"]
            # `__saved_model_init_op` of TensorFlow has an output without a type.
            return int(found["model_spec"]["version"]), {
                name: Signature(_specs(one["inputs"]), _specs(one["outputs"]))
                for name, one in signatures.items()
                if not name.startswith("__")
            }
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise self._unreadable(path, "no metadata of a model", found) from error

    def status(self, target: Target, timeout: float) -> list[VersionStatus]:
        """Returns the state of each version."""
        path = _path(target)
        found = self._ask("GET", path, timeout)
        try:
            return [
                VersionStatus(
                    int(one["version"]), one["state"], one["status"]["error_code"], one["status"]["error_message"]
                )
                for one in found["model_version_status"]
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise self._unreadable(path, "no status of a model", found) from error

    def class_names(self, target: Target, timeout: float) -> tuple[str, ...]:
        """Returns the name of each class, from the manifest; empty if there is none."""
        return self._names(target, "class_names", timeout)

    def attribute_names(self, target: Target, timeout: float) -> tuple[str, ...]:
        """Returns the name of each attribute, from the manifest; empty if there is none."""
        return self._names(target, "attribute_names", timeout)

    def _names(self, target: Target, field: str, timeout: float) -> tuple[str, ...]:
        path = f"{_path(target)}:manifest"
        try:
            found = self._ask("GET", path, timeout)
        except ServerError:  # TensorFlow Serving has no manifests
            return ()
        return tuple(found.get(field, ())) if isinstance(found, dict) else ()

    def models(self, timeout: float) -> list[str]:
        """Returns the names of the models."""
        path = "/models.json"
        found = self._ask("GET", path, timeout)
        try:
            return [one["name"] for one in found["models"]]
        except (KeyError, TypeError) as error:
            raise self._unreadable(path, "no list of models", found) from error

    def close(self) -> None:
        """Closes the connections."""
        self._http.close()

    def _ask(self, method: str, path: str, timeout: float, body: bytes | None = None) -> Any:
        url = self.url + path
        try:
            answer = self._http.request(method, url, content=body, timeout=timeout)
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise RetryableError(ConnectionError(f"Expected a server at {self.url}. Received: {error}")) from error
        except httpx.TimeoutException as error:
            raise TimeoutError(f"Expected an answer from {url} within {timeout:.3g} s. Received: none") from error
        except httpx.TransportError as error:
            raise ConnectionError(
                f"Expected an answer from {url}. Received: {error or type(error).__name__}"
            ) from error
        if answer.status_code == httpx.codes.OK:
            try:
                return answer.json()
            except ValueError as error:
                raise self._unreadable(path, "no JSON", answer.text) from error
        if answer.status_code == httpx.codes.GATEWAY_TIMEOUT:
            raise TimeoutError(f"Expected an answer from {url}. Received: {_message(answer)}")
        refusal = ServerError(_CODES.get(answer.status_code, f"HTTP {answer.status_code}"), _message(answer), url)
        if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
            raise RetryableError(refusal, _retry_after(answer))
        raise refusal

    def _unreadable(self, path: str, what: str, found: Any) -> ServerError:
        shown = found if isinstance(found, str) else json.dumps(found)
        return ServerError("UNKNOWN", f"an answer that holds {what}: {shown[:_SHOWN]!r}", self.url + path)


def _path(target: Target) -> str:
    path = f"/v1/models/{quote(target.model, safe='')}"
    if target.version is not None:
        return f"{path}/versions/{target.version}"
    return path if target.label is None else f"{path}/labels/{quote(target.label, safe='')}"


def _message(answer: httpx.Response) -> str:
    """Returns the server's message, or the beginning of a page that a proxy sent."""
    try:
        return str(answer.json()["error"])
    except (ValueError, KeyError, TypeError):
        return f"HTTP {answer.status_code} {answer.reason_phrase} {answer.text[:_SHOWN]}".strip()


def _retry_after(answer: httpx.Response) -> float | None:
    """Returns the seconds to wait, or None if the server gives no number."""
    text = answer.headers.get("retry-after", "")
    return float(text) if text.isdecimal() else None


def _specs(tensors: Mapping[str, Any]) -> dict[str, TensorSpec]:
    return {name: _spec(name, _DTYPES[tensor["dtype"]], tensor["tensor_shape"]) for name, tensor in tensors.items()}


def _spec(name: str, dtype: str, shape: Mapping[str, Any]) -> TensorSpec:
    if shape.get("unknown_rank"):
        return UnrankedSpec(name=name, dtype=dtype)
    sizes = [int(dim["size"]) for dim in shape["dim"]]
    return TensorSpec(name=name, dtype=dtype, shape=tuple(None if size < 0 else size for size in sizes))


def _json(array: np.ndarray) -> Any:
    return array.tolist() if array.dtype.kind != "O" else _encoded(array.tolist())


def _encoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_encoded(one) for one in value]
    return {"b64": base64.b64encode(value.encode() if isinstance(value, str) else value).decode()}


def _numpy(value: Any, spec: TensorSpec) -> np.ndarray:
    return np.array(_decoded(value), object) if spec.dtype == "string" else np.array(value, spec.dtype)


def _decoded(value: Any) -> Any:
    if isinstance(value, list):
        return [_decoded(one) for one in value]
    return base64.b64decode(value["b64"]) if isinstance(value, dict) else value.encode()
