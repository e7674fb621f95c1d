"""The REST API: TensorFlow Serving's paths and answers, and what a browser needs besides."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import zlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from keras_gan.artifacts.engines import TensorSpec
from keras_gan.artifacts.versions import number_of
from keras_gan.serving import bearer
from keras_gan.serving.errors import HTTP_STATUS, ServingError, invalid
from keras_gan.serving.explorer import routes as explorer
from keras_gan.serving.models.metadata import metadata_json
from keras_gan.serving.models.models import Models, status_json
from keras_gan.serving.models.servable import DEFAULT, Servable
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.monitoring.metrics import PATH as METRICS_PATH
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.rest import json_request, json_response
from keras_gan.serving.rest.image_request import ImageRequest
from keras_gan.serving.rest.json_reader import quoted
from keras_gan.serving.rest.openapi import document
from keras_gan.serving.rest.workers import Workers

logger = logging.getLogger("keras_gan.serving")
_VERSION = r"(?:/versions/(?P<version>\d+)|/labels/(?P<label>[^/:]+))?"
_POST = re.compile(rf"/v1/models/(?P<name>[^/:]+){_VERSION}:(?P<verb>classify|regress|predict)", re.IGNORECASE)
_GET = re.compile(rf"/v1/models(?:/(?P<name>[^/:]+))?{_VERSION}(?:/(?P<verb>metadata))?", re.IGNORECASE)
# Ours: what TensorFlow Serving has no paths for.
_OURS = re.compile(rf"/v1/models/(?P<name>[^/:]+){_VERSION}:(?P<verb>image\.png|manifest)", re.IGNORECASE)
_CORS = {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "POST, GET",
    "access-control-allow-headers": "Content-Type",
}
_OPEN = ("/healthz", "/readyz")
# A request that is answered sooner needs nobody to watch whether its client is still there.
_WATCH_AFTER = 0.05


@dataclass(frozen=True)
class RestOptions:
    """How requests are answered.

    Args:
        timeout: Seconds for a request, from its first byte to its answer. Defaults to 30.0.
        max_body_bytes: Larger bodies are refused; of a gzip body the unpacked size, too. Defaults to 32 MiB.
        cors: Whether pages of other origins may read the answers. Defaults to False.
        token: What clients have to send as `Authorization: Bearer TOKEN`. Defaults to None, anyone is answered.
        metrics_path: Where Prometheus's figures are; `None` for nowhere. Defaults to TensorFlow Serving's.
    """

    timeout: float = 30.0
    max_body_bytes: int = 32 * 2**20
    cors: bool = False
    token: str | None = None
    metrics_path: str | None = METRICS_PATH


class Rest:
    """The application.

    Args:
        models: What is served.
        predictor: What runs it.
        workers: The threads to run it in.
        metrics: Where answers are counted.
        log: Where they are told of. Defaults to None, nowhere.
        options: Defaults to `RestOptions()`.
    """

    def __init__(
        self,
        models: Models,
        predictor: Predictor,
        workers: Workers,
        metrics: Metrics,
        log: AccessLog | None = None,
        options: RestOptions | None = None,
    ) -> None:
        self.models = models
        self.predictor = predictor
        self.workers = workers
        self.metrics = metrics
        self.log = log
        self.options = options or RestOptions()
        self.draining = False

    def app(self) -> ASGIApp:
        """The ASGI application."""
        routes: list[BaseRoute] = [
            Route("/healthz", self._health),
            Route("/readyz", self._readiness),
            Route("/openapi.json", self._openapi),
            Route("/models.json", self._list),
            *explorer.routes(self.models.available),
        ]
        if self.options.metrics_path is not None:
            routes.append(Route(self.options.metrics_path, self._metrics))
        others = Starlette(routes=routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            if scope["type"] != "http":
                await others(scope, receive, send)
                return
            began = time.perf_counter()
            request = Request(scope, receive)
            path = scope.get("raw_path", scope["path"].encode()).split(b"?")[0].decode("latin-1")
            about: dict[str, Any] = {}
            status = 500

            async def told(message: Any) -> None:
                nonlocal status
                if message["type"] == "http.response.start":
                    status = message["status"]
                await send(message)

            try:
                if not self._allowed(request, path):
                    response = _error(ServingError("UNAUTHENTICATED", "A bearer token is needed, or is wrong"))
                    response.headers["www-authenticate"] = "Bearer"
                    self._for_other_origins(response)
                elif path[:4].lower() == "/v1/":
                    response = await self._answer(request, path, about, began)
                else:
                    await others(scope, receive, told)
                    return
                await response(scope, receive, told)
            except ClientDisconnect:
                status = HTTP_STATUS["CANCELLED"]
            finally:
                if self.log is not None:
                    self.log.write(request, path, status, time.perf_counter() - began, about)

        return app

    def _allowed(self, request: Request, path: str) -> bool:
        if self.options.token is None or path in _OPEN or explorer.is_page(path):
            return True
        if request.method == "OPTIONS":  # a browser asks whether it may send the token
            return True
        return bearer.allows(request.headers.get("authorization", ""), self.options.token)

    def _for_other_origins(self, response: Response) -> None:
        if self.options.cors:
            response.headers.update(_CORS)
            if self.options.token is not None:
                response.headers["access-control-allow-headers"] += ", Authorization"

    async def _answer(self, request: Request, path: str, about: dict[str, Any], began: float) -> Response:
        """Answer a request under /v1/, with its errors in JSON, and count it."""
        code = "OK"
        try:
            response = await self._route(request, path, about)
        except ServingError as error:
            code, response = error.code, _error(error)
        except ClientDisconnect:
            raise
        except Exception as error:  # a fault of ours: its answer has the form of the others
            logger.exception("%s %s failed", request.method, path)
            code, response = "INTERNAL", _error(ServingError("INTERNAL", f"{type(error).__name__}: {error}"))
        if "api" in about:
            name = about["model"] if self.models.knows(about["model"]) else "unknown"
            self.metrics.answered(name, code, time.perf_counter() - began, "REST", about["api"])
        self._for_other_origins(response)
        return response

    async def _route(self, request: Request, path: str, about: dict[str, Any]) -> Response:
        method = request.method
        if method == "OPTIONS":
            return self._preflight(request)
        found = _POST.fullmatch(path) if method == "POST" else _GET.fullmatch(path) if method == "GET" else None
        found = found or (_OURS.fullmatch(path) if method in ("GET", "HEAD") else None)
        if found is None:
            raise invalid(f"Malformed request: {method} {path}")
        if not found["name"]:
            raise invalid("Missing model name in request.")
        name, version = unquote(found["name"]), _version(found["version"])
        label = None if found["label"] is None else unquote(found["label"])
        verb = (found["verb"] or "").lower()
        about.update(model=name)
        if verb in ("", "metadata"):
            return self._tell(name, version, label, verb)
        if verb == "manifest":
            return self._manifest(name, version, label)
        about["api"] = "Predict"
        if verb == "image.png":
            return await self._image(request, name, version, label, about)
        if verb != "predict":
            raise ServingError("UNIMPLEMENTED", f"A generator has no method {verb}: use predict")
        return await self._predict(request, name, version, label, about)

    def _preflight(self, request: Request) -> Response:
        if not re.match(r"https?://", request.headers.get("origin", "")):
            raise invalid("Origin header is missing in CORS preflight")
        return Response(status_code=200)

    def _tell(self, name: str, version: int | None, label: str | None, verb: str) -> Response:
        if verb == "metadata":
            with self.models.use(name, version, label) as servable:
                return _json(metadata_json(servable))
        return _json(status_json(self.models.status(name, version)))

    def _manifest(self, name: str, version: int | None, label: str | None) -> Response:
        with self.models.use(name, version, label) as servable:
            if servable.manifest is None:
                raise ServingError("NOT_FOUND", f"{name} version {servable.version} has no manifest")
            return _json(servable.manifest.model_dump_json(indent=4).encode())

    async def _predict(
        self, request: Request, name: str, version: int | None, label: str | None, about: dict[str, Any]
    ) -> Response:
        deadline = time.monotonic() + self.options.timeout
        body = await _before(deadline, self._body(request))

        def work() -> bytes:
            with self.models.use_lazily(name, version, label) as using:
                asked = json_request.decode(body, lambda signature: _inputs(using(), signature))
                servable = using()
                signature = asked.signature or DEFAULT
                about.update(version=servable.version, signature=signature)
                _check_names(servable, signature, asked.inputs)
                outputs = self.predictor.run(servable, signature, asked.inputs, deadline)
                return json_response.encode(outputs, asked.format)

        return _json(await self._work(request, work, deadline))

    async def _image(
        self, request: Request, name: str, version: int | None, label: str | None, about: dict[str, Any]
    ) -> Response:
        wanted = ImageRequest.of(request.query_params)
        version = version if wanted.version is None else wanted.version
        with self.models.use(name, version, label) as servable:
            about.update(version=servable.version, signature="png")
            headers = wanted.headers(servable, fixed=version is not None)
            if _has_already(request, headers["etag"]):
                return Response(status_code=304, headers=headers)
            inputs = wanted.inputs(servable)
            deadline = time.monotonic() + self.options.timeout

            def work() -> bytes:
                file: bytes = self.predictor.run(servable, "png", inputs, deadline)["image_bytes"][0]
                return file

            file = await self._work(request, work, deadline)
        return Response(file, media_type="image/png", headers=headers)

    async def _work(self, request: Request, work: Callable[[], bytes], deadline: float) -> bytes:
        """Run `work` in a thread until it is done, the deadline passes or the client goes."""
        future = self.workers.submit(work)
        loop, watching = asyncio.get_running_loop(), []

        def watch() -> None:
            watching.append(loop.create_task(self._watch(request, future, deadline)))

        timer = loop.call_later(min(_WATCH_AFTER, deadline - time.monotonic()), watch)
        try:
            return bytes(await future)
        finally:
            timer.cancel()
            for task in watching:
                task.cancel()

    async def _watch(self, request: Request, future: asyncio.Future[Any], deadline: float) -> None:
        """End a request's wait when its deadline passes or its client goes; what runs then is finished, and dropped."""
        while not future.done():
            left = deadline - time.monotonic()
            if await request.is_disconnected():
                future.set_exception(ClientDisconnect())
            elif left <= 0:
                future.set_exception(
                    ServingError("DEADLINE_EXCEEDED", f"The request took longer than {self.options.timeout:g} s")
                )
            else:
                self.workers.relieve()
                await asyncio.sleep(min(0.1, left))

    async def _body(self, request: Request) -> bytes:
        most = self.options.max_body_bytes
        too_large = ServingError("RESOURCE_EXHAUSTED", f"The body must be {most} bytes at most")
        if int(request.headers.get("content-length", 0)) > most:
            raise too_large
        body = bytearray()
        async for chunk in request.stream():
            body += chunk
            if len(body) > most:
                raise too_large
        if request.headers.get("content-encoding", "").lower() != "gzip":
            return bytes(body)
        unpacked, packed = bytearray(), bytes(body)
        while packed:  # a gzip file is one member after the other
            unpacker = zlib.decompressobj(wbits=31)
            try:
                unpacked += unpacker.decompress(packed, most - len(unpacked) + 1)
            except zlib.error as error:
                raise invalid(f"The body is no gzip file: {error}") from error
            if len(unpacked) > most:
                raise too_large
            if not unpacker.eof:
                raise invalid("The body is no gzip file: it ends too early")
            packed = unpacker.unused_data
        return bytes(unpacked)

    async def _health(self, request: Request) -> Response:
        return Response("ok", media_type="text/plain")

    async def _readiness(self, request: Request) -> Response:
        ready = self.models.ready and not self.draining
        return Response("ready" if ready else "not ready", 200 if ready else 503, media_type="text/plain")

    async def _metrics(self, request: Request) -> Response:
        return Response(self.metrics.text(), media_type="text/plain; version=0.0.4")

    async def _openapi(self, request: Request) -> Response:
        return _json(json.dumps(document(self.models), indent=4).encode())

    async def _list(self, request: Request) -> Response:
        models = [
            {
                "name": name,
                "versions": [v.number for v in self.models.status(name) if v.state == "AVAILABLE"],
                "labels": self.models.labels(name),
            }
            for name in self.models.names()
        ]
        return _json(json.dumps({"models": models}, indent=4).encode())


async def _before(deadline: float, waiting: Awaitable[bytes]) -> bytes:
    """What is waited for; unlike `asyncio.wait_for`, at once where it is there already, as a small body is."""
    waiter, late = asyncio.current_task(), False
    assert waiter is not None

    def give_up() -> None:
        nonlocal late
        late = True
        waiter.cancel()

    timer = asyncio.get_running_loop().call_later(max(0.0, deadline - time.monotonic()), give_up)
    try:
        return await waiting
    except asyncio.CancelledError:
        if not late:
            raise
        raise ServingError("DEADLINE_EXCEEDED", "The request's body did not come in time") from None
    finally:
        timer.cancel()


def _has_already(request: Request, etag: str) -> bool:
    """Whether a client has what bears this tag, compared weakly (RFC 9110, section 13.1.2)."""
    given = request.headers.get("if-none-match", "").strip()
    tags = {tag.strip().removeprefix("W/") for tag in given.split(",")}
    return given == "*" or etag.removeprefix("W/") in tags


def _version(text: str | None) -> int | None:
    number = None if text is None else number_of(text)
    if text is not None and number is None:
        raise invalid(f"Failed to convert version: {text} to numeric.")
    return number


def _inputs(servable: Servable, signature: str) -> tuple[TensorSpec, ...]:
    found = servable.signatures.get(signature or DEFAULT)
    if found is None:
        raise invalid(f'Serving signature name: "{signature or DEFAULT}" not found in signature def')
    return found.inputs


def _check_names(servable: Servable, signature: str, inputs: dict[str, Any]) -> None:
    missing = [spec.name for spec in servable.signatures[signature].inputs if spec.name not in inputs]
    if missing:
        raise invalid(f"Missing named input: {missing[0]}")


def _json(body: bytes) -> Response:
    return Response(body, media_type="application/json")


def _error(error: ServingError) -> Response:
    text = quoted(error.message).encode("utf-8", "surrogateescape")
    return Response(b'{\n    "error": ' + text + b"\n}", error.http_status, media_type="application/json")
