"""Uvicorn, with limits on slow clients."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from keras_gan.serving.tls import Tls

MOST_HEADER_BYTES = 64 * 1024
MOST_HEADER_SECONDS = 30.0
# A client that reads nothing of its answer for this time is disconnected, because the answer stays in memory.
MOST_READ_SECONDS = 30.0
# Seconds for the last answers to be sent.
FAREWELL_SECONDS = 1.0


class HttpServer(uvicorn.Server):
    """Uvicorn's server, which leaves signals to its caller.

    Args:
        app: ASGI application.
        tls: Key and certificate for HTTPS, or None.
        drain_seconds: Seconds that requests have to finish when the server stops.
    """

    def __init__(self, app: ASGIApp, tls: Tls | None, drain_seconds: float) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            http=LimitedProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=math.ceil(drain_seconds + FAREWELL_SECONDS),
        )
        config.load()
        if tls is not None:
            config.ssl = tls.ssl_context()
        super().__init__(config)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signal handlers as they are."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Opens a port.

    Raises:
        OSError: If the port is taken.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=2048)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux. Accepted connections inherit it
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(MOST_READ_SECONDS * 1000))
    return listening


class LimitedProtocol(HttpToolsProtocol):
    """Closes a connection whose headers are too long or take too long. A body has limits elsewhere."""

    _timer: asyncio.TimerHandle | None = None
    _received = 0

    def _start_timer(self) -> None:
        self._stop_timer()
        self._received = 0
        self._timer = self.loop.call_later(MOST_HEADER_SECONDS, self.transport.close)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def connection_made(self, transport: Any) -> None:
        """Waits for the headers of the first request."""
        super().connection_made(transport)
        self._start_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        """Stops waiting."""
        self._stop_timer()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Counts the bytes of headers."""
        if self._timer is not None:
            # A body may come in the same packet as the end of its headers, so this packet does not count.
            if self._received > MOST_HEADER_BYTES:
                self.transport.close()
                return
            self._received += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        """Waits for the headers of a further request."""
        super().on_message_begin()
        self._start_timer()

    def on_headers_complete(self) -> None:
        """Stops waiting."""
        self._stop_timer()
        super().on_headers_complete()
