"""Answers the most common requests with as little Python as possible.

A model that runs takes the processor's caches for itself. Python after it is then several times slower than in a loop,
so a request needs as few functions as possible. An unusual request goes the long way.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import orjson
from starlette.types import Receive, Scope, Send

from keras_gan.serving.models.loaded_models import LoadedModels
from keras_gan.serving.models.servable import DEFAULT, Servable
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.options import Options
from keras_gan.serving.rest.http_server import COMPLETE
from keras_gan.serving.workers import Steps, Workers

_PREFIX, _SUFFIX = b"/v1/models/", b":predict"
# Larger bodies are counted.
_MOST_BYTES = 64 * 1024
_ANSWERS = {"instances": "predictions", "inputs": "outputs"}


class Answer(NamedTuple):
    """Body of an answer, the number of its rows, and the seconds that the model ran."""

    body: bytes
    rows: int
    seconds: float


class QuickPredict:
    """Answers Predict of the newest version's default signature, for small bodies of one array."""

    def __init__(
        self,
        models: LoadedModels,
        workers: Workers,
        metrics: Metrics,
        options: Options,
        headers: Mapping[str, str],
        log: AccessLog | None,
    ) -> None:
        self._newest = models.newest
        self._workers = workers
        self._metrics = metrics
        self._timeout = options.timeout
        self._most_bytes = min(_MOST_BYTES, options.max_body_bytes)
        self._most_rows = options.max_rows
        self._headers = [(name.encode(), value.encode()) for name, value in headers.items()]
        self._log = log

    def servable(self, scope: Scope) -> Servable | None:
        """Returns the version that may answer a complete request the quick way, or None."""
        path = scope.get("raw_path", b"")
        is_predict = path.startswith(_PREFIX) and path.endswith(_SUFFIX) and scope["method"] == "POST"
        if not is_predict or not scope["state"].get(COMPLETE):
            return None
        for name, _ in scope["headers"]:
            if name == b"content-encoding":
                return None
        found = self._newest.get(path[len(_PREFIX) : -len(_SUFFIX)].decode("latin-1"))
        signature = None if found is None else found.signatures.get(DEFAULT)
        return None if signature is None or signature.row_shape is None else found

    async def respond(self, servable: Servable, body: bytes, scope: Scope, receive: Receive, send: Send) -> bool:
        """Answers a request. Returns False if it must go the long way.

        Raises:
            ServingError: As `Workers.run`.
            ClientDisconnect: As `Workers.run`.
        """
        if len(body) > self._most_bytes:
            return False
        began, signature = time.perf_counter(), servable.signatures[DEFAULT]
        steps = answer(signature, body, min(signature.rows_at_once, self._most_rows))
        answered = await self._workers.run(steps, receive, time.monotonic() + self._timeout)
        if answered is None:
            return False
        headers = [*self._headers, (b"content-length", b"%d" % len(answered.body))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answered.body})
        seconds = time.perf_counter() - began
        self._metrics.predicted(servable.name, answered.rows, answered.seconds, seconds)
        if self._log is not None:
            fields = {"model": servable.name, "version": servable.version, "signature": DEFAULT}
            client, url = scope.get("client"), f"{scope['raw_path'].decode('latin-1')}?{scope['query_string'].decode()}"
            self._log.write(client and client[0], "POST", url, 200, seconds, fields)
        return True


def answer(signature: Signature, body: bytes | bytearray, most_rows: int) -> Steps[Answer | None]:
    """Answers a body such as {"instances": [[0.5, 0.5]]}, or returns None if the request or the images are unusual."""
    # `true`, `false` and `null` have an r or an l. The keys have neither, and no other text has room in two quotes.
    if signature.run_bound is None or body.count(b'"') != 2 or b"r" in body or b"l" in body:
        return None
    try:
        document = orjson.loads(body)
        ((given, values),) = document.items()
        array = np.array(values, np.float32)
        if array.shape[1:] != signature.row_shape or not 0 < len(array) <= most_rows:
            return None
        if not np.vdot(array, array) < math.inf:
            return None
        began = time.perf_counter()
        (output,) = signature.run_bound({signature.inputs[0].name: array})
        seconds = time.perf_counter() - began
        text = orjson.dumps({_ANSWERS[given]: output}, option=orjson.OPT_SERIALIZE_NUMPY)
    except Exception:  # whatever it is, the long way reports it
        return None
    if text.find(b"n", 14) >= 0:  # orjson writes NaN as null
        return None
    return Answer(text, len(array), seconds)
    yield  # a generator, as all work of the threads
