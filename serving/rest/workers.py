"""Threads that answer the requests of an event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from starlette.requests import ClientDisconnect, Request

from keras_gan.serving.errors import ServingError

T = TypeVar("T")
# Seconds between two looks at whether a client is still connected. Most answers are ready before the first look.
_FIRST_LOOK = 0.05
_NEXT_LOOK = 0.1


class Workers:
    """Thread pool that does not begin work whose client has gone or whose deadline has passed.

    Args:
        threads: Number of requests that run at once. Defaults to 8.
        queue: Number of requests that may wait for a thread. More are refused with 503. Defaults to 256.
    """

    def __init__(self, threads: int = 8, queue: int = 256) -> None:
        self.queue = queue
        self.unfinished = 0
        self._has_given_up = False
        self._limit = threads + queue
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="request")

    async def run(self, work: Callable[[], T], request: Request, deadline: float) -> T:
        """Runs `work` in a thread.

        Args:
            work: Function to run.
            request: The request that waits for the result.
            deadline: Latest time of the result, in seconds of `time.monotonic()`.

        Returns:
            The result of `work`.

        Raises:
            ServingError: If too many requests wait, the deadline passes or the server stops.
            ClientDisconnect: If the client goes.
        """
        if self.unfinished >= self._limit:
            raise ServingError("UNAVAILABLE", f"The server is busy: {self.queue} requests already wait. Try again")
        self.unfinished += 1
        future = asyncio.get_running_loop().run_in_executor(self._executor, work)
        try:
            look = _FIRST_LOOK
            while not (await asyncio.wait([future], timeout=min(look, max(0.0, deadline - time.monotonic()))))[0]:
                look = _NEXT_LOOK
                if await request.is_disconnected():
                    raise ClientDisconnect
                if self._has_given_up:
                    raise ServingError("UNAVAILABLE", "The server is stopping and could not finish the request in time")
                if time.monotonic() >= deadline:
                    raise ServingError("DEADLINE_EXCEEDED", "The request took longer than the server's time limit")
            return future.result()
        finally:
            self.unfinished -= 1
            future.cancel()

    def give_up(self) -> None:
        """Answers all unfinished requests with 503."""
        self._has_given_up = True

    def close(self) -> None:
        """Waits for work that runs, and drops work that waits."""
        self._executor.shutdown(cancel_futures=True)
