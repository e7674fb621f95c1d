"""The REST API: TensorFlow Serving's paths, and pages for browsers and operators."""

from __future__ import annotations

import json
import logging
import re
import time
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from keras_gan.serving import bearer
from keras_gan.serving.errors import HTTP_STATUS, ServingError, invalid
from keras_gan.serving.explorer import routes as explorer
from keras_gan.serving.models.models import Models
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.monitoring.metrics import PATH as METRICS_PATH
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.options import Options
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.rest.connections import BytesInFlight
from keras_gan.serving.rest.model_endpoints import ModelEndpoints, json_answer
from keras_gan.serving.rest.model_path import ModelPath
from keras_gan.serving.rest.openapi import document
from keras_gan.serving.rest.query import check_query
from keras_gan.serving.rest.quick_predict import QuickPredict
from keras_gan.serving.workers import Workers

logger = logging.getLogger("keras_gan.serving")
_CORS = {"access-control-allow-origin": "*", "access-control-allow-methods": "POST, GET"}
# Pages that answer with JSON, and the parameters of their queries.
_PARAMETERS: dict[str, tuple[str, ...]] = {
    "/openapi.json": (),
    "/models.json": (),
    "/explorer/models.json": (),
    "/explorer/z.json": ("seeds", "latent_dim"),
}
# Probes of an orchestrator have no token.
_WITHOUT_TOKEN = ("/healthz", "/readyz")


class Rest:
    """The REST API as an ASGI application.

    Attributes:
        draining: Boolean, True once the server is about to stop. `/readyz` then answers 503.
    """

    def __init__(
        self,
        models: Models,
        predictor: Predictor,
        workers: Workers,
        metrics: Metrics,
        options: Options,
        log: AccessLog | None = None,
    ) -> None:
        self.models = models
        self.metrics = metrics
        self.log = log
        self.options = options
        self.draining = False
        self._endpoints = ModelEndpoints(
            models, predictor, workers, BytesInFlight(options.max_bytes_in_flight), options
        )
        allowed = "Content-Type" if options.token is None else "Content-Type, Authorization"
        self._cors = {**_CORS, "access-control-allow-headers": allowed} if options.cors else {}
        headers = {"content-type": "application/json", **self._cors}
        self._quick = QuickPredict(models, workers, metrics, options, headers, log)

    def app(self) -> ASGIApp:
        """Returns the ASGI application."""
        routes: list[BaseRoute] = [
            Route("/healthz", self._health),
            Route("/readyz", self._readiness),
            Route("/openapi.json", self._openapi),
            Route("/models.json", self._list),
            Route(METRICS_PATH, self._metrics),
            *explorer.routes(self.models.available),
        ]
        pages = Starlette(routes=routes)

        async def app(scope: Scope, receive: Receive, send: Send) -> None:
            # A token is asked for the long way.
            servable = None if self.options.token is not None else self._quick.servable(scope)
            refusal = None
            if servable is not None:
                message = await receive()
                try:
                    if await self._quick.respond(servable, message["body"], scope, receive, send):
                        return
                except ServingError as error:
                    refusal = error.code, error.message
                except ClientDisconnect:
                    refusal = "CANCELLED", "The client has gone"
                receive = _repeated(message, receive)
            await self._respond(scope, receive, send, pages, refusal)

        return app

    async def _respond(
        self, scope: Scope, receive: Receive, send: Send, pages: ASGIApp, refusal: tuple[str, str] | None
    ) -> None:
        """Answers one request and logs it. `refusal` has the code and the message of an error that occurred before."""
        began = time.perf_counter()
        request = Request(scope, receive)
        path = scope.get("raw_path", scope["path"].encode()).split(b"?")[0].decode("latin-1")
        log_fields: dict[str, Any] = {}
        status = 500

        async def send_and_note(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            if not self._is_allowed(request, path):
                response: ASGIApp = self._unauthorized()
            elif path[:4].lower() == "/v1/":
                response = await self._answer(request, path, log_fields, began, refusal)
            else:
                response = _refused_query(request, path) or pages
            await response(scope, receive, send_and_note)
        except ClientDisconnect:
            status = HTTP_STATUS["CANCELLED"]
        finally:
            if self.log is not None:
                client, url = request.client and request.client.host, f"{path}?{request.url.query}"
                self.log.write(client, request.method, url, status, time.perf_counter() - began, log_fields)

    def _is_allowed(self, request: Request, path: str) -> bool:
        if self.options.token is None or path in _WITHOUT_TOKEN or explorer.is_page(path):
            return True
        # A browser asks with OPTIONS, without the token, whether it may send the token.
        return request.method == "OPTIONS" or bearer.allows(
            request.headers.get("authorization", ""), self.options.token
        )

    def _unauthorized(self) -> Response:
        response = _error(ServingError("UNAUTHENTICATED", bearer.MESSAGE))
        response.headers["www-authenticate"] = "Bearer"
        return self._with_cors(response)

    def _with_cors(self, response: Response) -> Response:
        response.headers.update(self._cors)
        return response

    async def _answer(
        self,
        request: Request,
        path: str,
        log_fields: dict[str, Any],
        began: float,
        refusal: tuple[str, str] | None,
    ) -> Response:
        """Answers a request under /v1/, with errors as JSON, and counts predictions."""
        code, model_path = "OK", None
        try:
            if request.method == "OPTIONS":
                response = _preflight(request)
            else:
                model_path = ModelPath.parse(request.method, path)
                log_fields["model"] = model_path.name
                if refusal is not None:
                    raise ServingError(*refusal)
                response = await self._endpoints.answer(request, model_path, log_fields)
        except ServingError as error:
            code, response = error.code, _error(error)
        except ClientDisconnect:
            raise
        except Exception as error:  # a bug of the server: the client gets JSON, as for other errors
            logger.exception("%s %s failed", request.method, path)
            code, response = "INTERNAL", _error(ServingError("INTERNAL", f"{type(error).__name__}: {error}"))
        if model_path is not None and model_path.verb in ("predict", "image.png", "classify", "regress"):
            # Names that clients invent would fill the memory.
            name = model_path.name if self.models.knows(model_path.name) else "unknown"
            self.metrics.answered(name, code, time.perf_counter() - began, "REST")
        return self._with_cors(response)

    async def _health(self, request: Request) -> Response:
        return Response("ok", media_type="text/plain")

    async def _readiness(self, request: Request) -> Response:
        name = request.query_params.get("model")
        ready = self.models.ready if name is None else self.models.states().get(name, False)
        ready = ready and not self.draining
        return Response("ready" if ready else "not ready", 200 if ready else 503, media_type="text/plain")

    async def _metrics(self, request: Request) -> Response:
        return Response(self.metrics.text(self.models.states()), media_type="text/plain; version=0.0.4")

    async def _openapi(self, request: Request) -> Response:
        return json_answer(orjson.dumps(document(self.models)))

    async def _list(self, request: Request) -> Response:
        models = [
            {
                "name": name,
                "versions": [v.number for v in self.models.status(name) if v.state == "AVAILABLE"],
                "labels": self.models.labels(name),
            }
            for name in self.models.names()
        ]
        return json_answer(orjson.dumps({"models": models}))


def _repeated(first: Message, receive: Receive) -> Receive:
    """Returns a function as `receive` that returns a message again at first."""
    messages = [first]

    async def again() -> Message:
        return messages.pop() if messages else await receive()

    return again


def _preflight(request: Request) -> Response:
    if not re.match(r"https?://", request.headers.get("origin", "")):
        raise invalid("OPTIONS needs the header `Origin: http://...` or `https://...`")
    return Response(status_code=200)


def _refused_query(request: Request, path: str) -> Response | None:
    known = () if path.startswith("/explorer/models/") else _PARAMETERS.get(path)
    if known is not None:
        try:
            check_query(request.query_params, known)
        except ServingError as error:
            return _error(error)
    return None


def _error(error: ServingError) -> Response:
    # Not orjson: a message may quote text that is not valid Unicode.
    return json_answer(json.dumps({"error": error.message}).encode(), error.http_status)
