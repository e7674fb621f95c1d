"""Threads that answer the requests of an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue
from typing import Any, TypeVar

from starlette.requests import ClientDisconnect, Request

from keras_gan.serving.errors import ServingError

T = TypeVar("T")
# Function that raises `ServingError` once nobody waits for the result.
Check = Callable[[], None]
# Seconds between two looks at whether a client is still connected. Most answers are ready before the first look.
_FIRST_LOOK = 0.05
_NEXT_LOOK = 0.1
_LATE = "The request took longer than the server's time limit"


class _Wanted:
    """Flag that somebody still waits for a result.

    It does not refer to the result. This may be an exception, whose frames refer to `check`, and a cycle would keep the
    request in memory.
    """

    def __init__(self) -> None:
        self.wanted = True

    def check(self) -> None:
        if not self.wanted:
            raise ServingError("CANCELLED", "Nobody waits for the result")


class _Job:
    """Work for a thread. `concurrent.futures` has the same, but takes several times as long."""

    def __init__(self, work: Callable[[Check], Any], end: Callable[[], object]) -> None:
        self.loop = asyncio.get_running_loop()
        self.result: asyncio.Future[Any] = self.loop.create_future()
        self.waits = _Wanted()
        self.look: asyncio.TimerHandle | asyncio.Task[None]
        self._work: Callable[[Check], Any] | None = work
        self._end = end

    def run(self) -> None:
        work, self._work = self._work, None
        value, failure = None, None
        if work is not None and self.waits.wanted:
            try:
                value = work(self.waits.check)
            except BaseException as error:
                failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self._settle, value, failure)
        # An exception refers to this frame: see `_Wanted`.
        del self, work, value, failure

    def _settle(self, value: Any, failure: BaseException | None) -> None:
        self._end()
        if self.result.done():
            return
        if failure is None:
            self.result.set_result(value)
        else:
            self.result.set_exception(failure)


class _Jobs:
    """Jobs that wait for a thread.

    The thread that became idle last gets the next job, because its memory is still in the processor's cache.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: deque[_Job | None] = deque()
        self._idle: list[SimpleQueue[_Job | None]] = []

    def put(self, job: _Job | None) -> None:
        with self._lock:
            if not self._idle:
                self._jobs.append(job)
                return
            thread = self._idle.pop()
        thread.put(job)

    def get(self, thread: SimpleQueue[_Job | None]) -> _Job | None:
        with self._lock:
            if self._jobs:
                return self._jobs.popleft()
            self._idle.append(thread)
        return thread.get()


class Workers:
    """Threads that do not begin work whose client has gone or whose deadline has passed.

    Args:
        threads: Number of requests that run at once. Defaults to 2.
        queue: Number of requests that may wait for a thread. More are refused with 503. Defaults to 256.
    """

    def __init__(self, threads: int = 2, queue: int = 256) -> None:
        self.queue = queue
        self.unfinished = 0
        self._has_given_up = False
        self._limit = threads + queue
        self._large = asyncio.Semaphore(1)
        self._jobs = _Jobs()
        self._threads = [threading.Thread(target=self._serve, name="request", daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    async def run(
        self,
        work: Callable[[Check], T],
        request: Request | None,
        deadline: float,
        end: Callable[[], object] = lambda: None,
    ) -> T:
        """Runs `work` in a thread.

        Args:
            work: Function to run. It may call its argument, which raises `ServingError` if nobody waits any longer.
            request: The request that waits for the result, or None if this coroutine is cancelled when its client goes.
            deadline: Latest time of the result, in seconds of `time.monotonic()`. It may be infinite.
            end: Function that is called when the thread is done with `work`. Defaults to none.

        Returns:
            The result of `work`.

        Raises:
            ServingError: If too many requests wait, the deadline passes or the server stops.
            ClientDisconnect: If the client goes.
        """
        if self.unfinished >= self._limit:
            end()
            raise ServingError("UNAVAILABLE", f"The server is busy: {self.queue} requests already wait. Try again")
        self.unfinished += 1
        job = _Job(work, end)
        first = min(_FIRST_LOOK, max(0.0, deadline - time.monotonic()))
        job.look = job.loop.call_later(first, self._begin_watch, job, request, deadline)
        self._jobs.put(job)  # last, because the thread then waits for Python's lock
        try:
            found: T = await job.result
            return found
        finally:
            self.unfinished -= 1
            job.waits.wanted = False
            job.look.cancel()
            del job  # an exception refers to this frame: see `_Wanted`

    async def run_large(self, work: Callable[[Check], T], request: Request | None, deadline: float) -> T:
        """Runs `work` that needs much memory, one at a time. See `run`."""
        left = None if deadline == math.inf else max(0.0, deadline - time.monotonic())
        try:
            await asyncio.wait_for(self._large.acquire(), left)
        except (TimeoutError, asyncio.TimeoutError):
            raise ServingError("DEADLINE_EXCEEDED", _LATE) from None
        return await self.run(work, request, deadline, self._large.release)

    def give_up(self) -> None:
        """Answers all unfinished requests with 503."""
        self._has_given_up = True

    def close(self) -> None:
        """Waits for work that runs, and drops work that waits."""
        for _ in self._threads:
            self._jobs.put(None)
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        own: SimpleQueue[_Job | None] = SimpleQueue()
        while (job := self._jobs.get(own)) is not None:
            job.run()
            del job

    def _begin_watch(self, job: _Job, request: Request | None, deadline: float) -> None:
        job.look = job.loop.create_task(self._watch(job, request, deadline))

    async def _watch(self, job: _Job, request: Request | None, deadline: float) -> None:
        """Ends the wait for a job when its client goes or its time is over."""
        with contextlib.suppress(asyncio.CancelledError):
            while job.waits.wanted and not job.result.done():
                failure: Exception | None = None
                if request is not None and await request.is_disconnected():
                    failure = ClientDisconnect()
                elif self._has_given_up:
                    message = "The server is stopping and could not finish the request in time"
                    failure = ServingError("UNAVAILABLE", message)
                elif time.monotonic() >= deadline:
                    failure = ServingError("DEADLINE_EXCEEDED", _LATE)
                if failure is not None and not job.result.done():
                    job.result.set_exception(failure)
                await asyncio.sleep(max(0.0, min(_NEXT_LOOK, deadline - time.monotonic())))
        del job
