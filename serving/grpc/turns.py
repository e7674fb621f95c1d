"""Limits the number of messages that are being received."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Any

from keras_gan.serving.errors import ServingError

# Seconds for a message to arrive, if others wait for their turn.
_TURN_SECONDS = 1.0


class Turns:
    """Limits the number of messages that are being received, because gRPC keeps what has arrived of them in memory.

    If all turns are taken, a new call waits until the slowest has had its second, and then takes its turn. The newest
    call is next, so that many slow calls do not keep a quick one waiting.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        # Both the oldest first.
        self._receiving: dict[asyncio.Future[Any], float] = {}
        self._waiting: list[asyncio.Future[None]] = []

    async def take(self, read: Callable[[], Awaitable[Any]], deadline: float) -> Any:
        """Returns the result of `read`, or raises `ServingError` if it takes too long."""
        while len(self._receiving) >= self._most:
            oldest, began = next(iter(self._receiving.items()))
            left = min(began + _TURN_SECONDS, deadline) - time.monotonic()
            if time.monotonic() >= deadline:
                raise _late()
            if left <= 0:
                del self._receiving[oldest]
                oldest.cancel()
                break
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            try:
                await asyncio.wait([turn], timeout=left)
            finally:
                if turn in self._waiting:
                    self._waiting.remove(turn)
        # A task of its own, so that it can be cancelled without the call.
        reading = asyncio.ensure_future(read())
        self._receiving[reading] = time.monotonic()
        try:
            await asyncio.wait([reading], timeout=max(0.0, deadline - time.monotonic()))
            if reading.cancelled() or not reading.done():
                raise _late()
            return reading.result()
        finally:
            reading.cancel()
            self._receiving.pop(reading, None)
            if self._waiting:
                self._waiting.pop().set_result(None)


def _late() -> ServingError:
    return ServingError("DEADLINE_EXCEEDED", "The message of the call did not arrive in time")
