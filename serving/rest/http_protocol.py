"""Uvicorn's reader of HTTP, with an end to its patience: headers have so many bytes and so many seconds."""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

MOST_HEADER_BYTES = 64 * 1024
MOST_HEADER_SECONDS = 30.0


class PatientProtocol(HttpToolsProtocol):
    """Closes a connection whose headers do not come to an end."""

    _waiting: asyncio.TimerHandle | None = None
    _received = 0

    def _wait_for_headers(self) -> None:
        self._stop_waiting()
        self._received = 0
        self._waiting = self.loop.call_later(MOST_HEADER_SECONDS, self.transport.close)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def connection_made(self, transport: Any) -> None:
        """The first request's headers are waited for."""
        super().connection_made(transport)
        self._wait_for_headers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is."""
        self._stop_waiting()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Count what belongs to headers; a body has a limit of its own."""
        if self._waiting is not None:
            self._received += len(data)
            # A body may come with its headers: only what comes after too many bytes without an end is cut off.
            if self._received - len(data) > MOST_HEADER_BYTES:
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        """The headers of a further request are waited for."""
        super().on_message_begin()
        self._wait_for_headers()

    def on_headers_complete(self) -> None:
        """They have come."""
        self._stop_waiting()
        super().on_headers_complete()
