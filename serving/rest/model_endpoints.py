"""Endpoints under `/v1/models/`: status, metadata, manifest, predictions and images."""

from __future__ import annotations

import gc
import time
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
from starlette.requests import Request
from starlette.responses import Response

from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.image_signatures import SOURCE
from keras_gan.serving.models.metadata import metadata_json
from keras_gan.serving.models.models import Models
from keras_gan.serving.models.servable import DEFAULT, Servable
from keras_gan.serving.models.signature import Arrays
from keras_gan.serving.models.version import status_json
from keras_gan.serving.options import Options
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.rest import json_response
from keras_gan.serving.rest.body import is_packed, read_body, unpack
from keras_gan.serving.rest.connections import BytesInFlight
from keras_gan.serving.rest.image_request import ImageRequest, takes_files
from keras_gan.serving.rest.json_request import LARGE, Format, JsonRequest
from keras_gan.serving.rest.model_path import ModelPath
from keras_gan.serving.rest.query import check_query
from keras_gan.serving.workers import Steps, Workers

T = TypeVar("T")
# Version, name of the signature, inputs, and the format of the answer.
Decoded = tuple[Servable, str, Arrays, Format]
# Number of values above which an answer is encoded alone. As JSON they need about 20 MB.
_LARGE_ANSWER = 2**20


@dataclass
class ModelEndpoints:
    """Answers requests for one model. Each method returns the response, or raises `ServingError`."""

    models: Models
    predictor: Predictor
    workers: Workers
    bodies: BytesInFlight
    options: Options

    async def answer(self, request: Request, path: ModelPath, log_fields: dict[str, Any]) -> Response:
        """Calls the endpoint of a path. It adds the version and the signature to the fields of the access log."""
        if path.verb == "predict":
            return await self._predict(request, path, log_fields)
        if path.verb == "image.png":
            answer = self._translate if request.method == "POST" else self._image
            return await answer(request, path, log_fields)
        if path.verb == "":
            return json_answer(status_json(self.models.status(path.name, path.version)))
        if path.verb not in ("metadata", "manifest"):
            raise ServingError("UNIMPLEMENTED", f"`{path.verb}` is not supported for a generator. Use predict")
        check_query(request.query_params, ())
        servable = self.models.find(path.name, path.version, path.label)
        if path.verb == "metadata":
            return json_answer(metadata_json(servable))
        if servable.manifest is None:
            raise ServingError("NOT_FOUND", f"{path.name} version {servable.version} has no manifest")
        return json_answer(servable.manifest.model_dump_json().encode())

    async def _predict(self, request: Request, path: ModelPath, log_fields: dict[str, Any]) -> Response:
        deadline = time.monotonic() + self.options.timeout
        try:
            body = await read_body(request, self.options.max_body_bytes, deadline, self.bodies)
            decoded: Decoded | None = None

            def decode() -> Steps[Decoded]:
                asked = JsonRequest.parse(self._unpacked(request, body))
                yield
                servable = self.models.find(path.name, path.version, path.label)
                signature = asked.signature_name or DEFAULT
                return servable, signature, asked.arrays(servable.signature(signature).inputs), asked.format

            def work() -> Steps[bytes | tuple[dict[str, np.ndarray], Format]]:
                servable, signature, inputs, format = decoded or (yield from decode())
                yield
                log_fields.update(version=servable.version, signature=signature)
                outputs = yield from self.predictor.run(servable, signature, inputs)
                yield
                is_large = sum(array.size for array in outputs.values()) > _LARGE_ANSWER
                return (outputs, format) if is_large else json_response.encode(outputs, format)

            # A byte of gzip may be a kilobyte of JSON.
            if len(body) * (1000 if is_packed(request) else 1) > LARGE:
                decoded = await self.workers.run_large(_without_gc(decode()), request.receive, deadline)
                self.bodies.release(request)
                body = bytearray()
            answer = await self.workers.run(work(), request.receive, deadline)
        finally:
            self.bodies.release(request)
        if not isinstance(answer, bytes):
            answer = await self.workers.run_large(_encode(*answer), request.receive, deadline)
        return json_answer(answer)

    def _unpacked(self, request: Request, body: bytearray) -> bytearray:
        return unpack(body, self.options.max_body_bytes) if is_packed(request) else body

    async def _image(self, request: Request, path: ModelPath, log_fields: dict[str, Any]) -> Response:
        """Answers `:image.png?seed=7` with the same image for the same seed."""
        deadline = time.monotonic() + self.options.timeout
        asked = ImageRequest.parse(request.query_params)
        version = path.version if asked.version is None else asked.version
        servable = self.models.find(path.name, version, path.label)
        log_fields.update(version=servable.version, signature="png")
        inputs = asked.inputs(servable)
        headers = asked.headers(servable, is_pinned=version is not None)
        if _is_cached(request, headers["etag"]):
            return Response(status_code=304, headers=headers)
        outputs = await self.workers.run(self.predictor.run(servable, "png", inputs), request.receive, deadline)
        return Response(outputs["image_bytes"][0], media_type="image/png", headers=headers)

    async def _translate(self, request: Request, path: ModelPath, log_fields: dict[str, Any]) -> Response:
        """Answers an image that is posted to `:image.png` with its translation."""
        deadline = time.monotonic() + self.options.timeout
        check_query(request.query_params, ("version",))
        version = ImageRequest.parse(request.query_params).version
        try:
            body = await read_body(request, self.options.max_body_bytes, deadline, self.bodies)

            def work() -> Steps[dict[str, np.ndarray]]:
                file = np.empty(1, object)
                file[0] = bytes(self._unpacked(request, body))
                yield
                servable = self.models.find(path.name, path.version if version is None else version, path.label)
                log_fields.update(version=servable.version, signature="png")
                if not takes_files(servable):
                    raise invalid(f"{servable.name} version {servable.version} does not translate images. Use GET")
                return (yield from self.predictor.run(servable, "png", {SOURCE: file}))

            outputs = await self.workers.run(work(), request.receive, deadline)
            return Response(outputs["image_bytes"][0], media_type="image/png")
        finally:
            self.bodies.release(request)


def _without_gc(steps: Steps[T]) -> Steps[T]:
    """Runs steps without garbage collections, which would look through millions of lists while they grow."""
    gc.disable()
    try:
        return (yield from steps)
    finally:
        gc.enable()


def _encode(outputs: dict[str, np.ndarray], format: Format) -> Steps[bytes]:
    yield
    return json_response.encode(outputs, format)


def json_answer(body: bytes, status: int = 200) -> Response:
    """Returns a response that holds JSON."""
    return Response(body, status, media_type="application/json")


def _is_cached(request: Request, etag: str) -> bool:
    """Returns True if the client has this image. Tags are compared weakly (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "").strip()
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return given == "*" or etag.removeprefix("W/") in tags
