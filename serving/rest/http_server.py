"""Uvicorn, with limits on its connections."""

from __future__ import annotations

import asyncio
import contextlib
import math
import socket
from collections.abc import Iterator
from functools import partial
from types import SimpleNamespace
from typing import Any

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from keras_gan.serving.rest.connections import Connections
from keras_gan.serving.tls import Tls

# Key in the state of a request that has arrived completely.
COMPLETE = "complete"
MOST_HEADER_BYTES = 64 * 1024
MOST_HEADERS = 200
MOST_PIPELINED = 8
MOST_HEADER_SECONDS = 30.0
HANDSHAKE_SECONDS = 5.0
# A client that reads nothing of its answer for this time is disconnected, because the answer stays in memory.
MOST_READ_SECONDS = 30.0
# Seconds in which a client that still sends its body can read the answer.
LINGER_SECONDS = 1.0
# Seconds for the last answers to be sent.
FAREWELL_SECONDS = 1.0
# Connections that the system keeps until they are accepted. Beyond it, clients try again after a second.
BACKLOG = 1024


class HttpServer(uvicorn.Server):
    """Uvicorn's server, which leaves signals to its caller, and has limits on connections."""

    def __init__(
        self, app: ASGIApp, tls: Tls | None, drain_seconds: float, connections: Connections, proxy_headers: bool = True
    ) -> None:
        config = uvicorn.Config(
            app,
            lifespan="off",
            http="httptools",
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=proxy_headers,
            backlog=BACKLOG,
            timeout_graceful_shutdown=math.ceil(drain_seconds + FAREWELL_SECONDS),
        )
        config.load()
        if tls is not None:
            config.ssl = tls.ssl_context()
        super().__init__(config)
        self._connections = connections

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accepts connections. Uvicorn has neither a limit of their number nor of the time of TLS handshakes."""
        state = {"server_state": self.server_state, "app_state": self.lifespan.state}
        protocol = partial(LimitedProtocol, self._connections, config=self.config, **state)
        seconds = None if self.config.ssl is None else HANDSHAKE_SECONDS
        self.servers = [
            await asyncio.get_running_loop().create_server(
                protocol, sock=one, ssl=self.config.ssl, ssl_handshake_timeout=seconds, backlog=BACKLOG
            )
            for one in sockets or ()
        ]
        self.started = True

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leaves the signal handlers as they are."""
        yield


def listen(host: str, port: int) -> socket.socket:
    """Opens a port. Raises OSError if it is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=BACKLOG)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux. Accepted connections inherit it
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(MOST_READ_SECONDS * 1000))
    return listening


class LimitedProtocol(HttpToolsProtocol):
    """Uvicorn's protocol, with limits on headers, pipelining, bodies that nobody reads and unread answers.

    Args:
        connections: Limit of open connections.
    """

    def __init__(self, connections: Connections, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._all = connections
        self._raw: Any = None
        self._timer: asyncio.TimerHandle | None = None
        self._header_bytes = 0
        self._in_headers = True
        self._keep_alive = True
        self._lingers = False
        self._is_dropped = False
        # Not in `connection_made`, which is called once all connections of the backlog are accepted.
        connections.add(self)

    def connection_made(self, transport: Any) -> None:
        """Waits for the headers of the first request."""
        self._raw = transport
        # Uvicorn closes a connection through this object.
        names = ("write", "is_closing", "get_extra_info", "pause_reading", "resume_reading")
        super().connection_made(
            SimpleNamespace(close=self._close, **{name: getattr(transport, name) for name in names})  # type: ignore[arg-type]
        )
        self._start_timer()
        if self._is_dropped:
            self._raw.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forgets the connection."""
        self._all.remove(self)
        self._stop_timer()
        self._unset_keepalive_if_required()
        super().connection_lost(exc)

    def abort(self) -> None:
        """Closes the connection at once, to make room for another."""
        self._is_dropped = True
        self.connections.discard(self)
        if self._raw is not None:
            self._raw.abort()

    def _close(self) -> None:
        """Closes the connection once the client could read the answer.

        The system deletes what the client has not yet read when a connection is closed whose body is unread. So the
        rest of the body is read for a moment.
        """
        incomplete = self.cycle is not None and self.cycle.more_body
        if self._lingers or not incomplete or self._raw.is_closing() or not self._raw.can_write_eof():
            self._raw.close()
            return
        self._lingers = True
        self._raw.write_eof()
        self.flow.resume_reading()
        self._stop_timer()
        self._timer = self.loop.call_later(LINGER_SECONDS, self._raw.abort)

    def _start_timer(self) -> None:
        self._header_bytes = 0
        self._timer = self.loop.call_later(MOST_HEADER_SECONDS, self._raw.abort)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def data_received(self, data: bytes) -> None:
        """Parses requests, and closes the connection if headers are too many, too long or too slow."""
        if self._lingers:
            return
        super().data_received(data)
        if self._in_headers:
            # A body may come in the same packet as the end of its headers, so complete headers do not count.
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER_BYTES or len(self.headers or ()) > MOST_HEADERS:
                self._raw.abort()
            elif self._timer is None:
                self._start_timer()
        elif not self._lingers:
            self._stop_timer()

    def on_message_begin(self) -> None:
        """Waits for headers."""
        super().on_message_begin()
        self._in_headers = True

    def on_headers_complete(self) -> None:
        """Starts the request. A response to an incomplete request closes the connection."""
        if len(self.headers) > MOST_HEADERS or len(self.pipeline) >= MOST_PIPELINED:
            raise ValueError  # the parser stops, and uvicorn answers 400
        self._in_headers = False
        super().on_headers_complete()
        self._keep_alive = self.cycle.keep_alive
        self.cycle.keep_alive = False

    def on_message_complete(self) -> None:
        """Notes that the connection waits for the server, no longer for its client."""
        super().on_message_complete()
        self.cycle.scope["state"][COMPLETE] = True
        self.cycle.keep_alive = self._keep_alive
        self._all.waiting.pop(self, None)

    def on_response_complete(self) -> None:
        """Notes that the connection waits for its client again."""
        super().on_response_complete()
        if self.cycle.response_complete:
            self._in_headers = True
            self._all.waiting[self] = None

    def pause_writing(self) -> None:
        """Counts the bytes of an answer that the client has not read."""
        super().pause_writing()
        self._all.answers.hold(self, self._raw.get_write_buffer_size(), self.abort)

    def resume_writing(self) -> None:
        """Notes that the client has read the answer."""
        super().resume_writing()
        self._all.answers.release(self)

    def shutdown(self) -> None:
        """Closes the connection after the request that runs."""
        self._keep_alive = False
        super().shutdown()
