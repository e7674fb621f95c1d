"""Threads that answer the requests of an event loop."""

from __future__ import annotations

import asyncio
import contextlib
import math
import threading
import time
from collections import deque
from collections.abc import Callable, Generator
from queue import SimpleQueue
from typing import Any, TypeVar

import numpy as np
from starlette.requests import ClientDisconnect
from starlette.types import Receive

from keras_gan.serving.errors import ServingError

T = TypeVar("T")
# Work in steps. Between two steps it may end, because nobody waits for it, or others get the thread.
Steps = Generator[None, None, T]
# Seconds after which others get the thread. Most work takes less.
_TURN_SECONDS = 0.01
# Seconds between two looks at whether clients are still connected. Most answers are ready before the first.
_LOOK_SECONDS = 0.05
_LATE = "The request took longer than the server's time limit"


class _Job:
    """Work for a thread. `concurrent.futures` has the same, but takes several times as long."""

    __slots__ = ("_end", "_steps", "begun", "deadline", "is_wanted", "loop", "receive", "result", "watch")

    def __init__(
        self, steps: Steps[Any], receive: Receive | None, deadline: float, end: Callable[[], object] | None
    ) -> None:
        self.loop = asyncio.get_running_loop()
        self.result: asyncio.Future[Any] = self.loop.create_future()
        self.is_wanted = True
        self.begun = time.monotonic()
        self.receive = receive
        self.deadline = deadline
        self.watch: asyncio.Task[None] | None = None
        self._steps: Steps[Any] | None = steps
        self._end = end

    def step(self) -> bool:
        """Runs one step. Returns True if there are more."""
        value, failure = None, None
        assert self._steps is not None
        try:
            if self.is_wanted:
                next(self._steps)
                return True
            self._steps.close()
        except StopIteration as end:
            value = end.value
        except BaseException as error:
            # Without this frame, which refers to the result: a cycle would keep the request in memory.
            failure = error.with_traceback(error.__traceback__ and error.__traceback__.tb_next)
        self._steps = None
        with contextlib.suppress(RuntimeError):  # the loop is closed
            self.loop.call_soon_threadsafe(self._settle, value, failure)
        del failure
        return False

    def _settle(self, value: Any, failure: BaseException | None) -> None:
        if self._end is not None:
            self._end()
        if failure is not None:
            self.fail(failure)
        elif not self.result.done():
            self.result.set_result(value)

    def fail(self, failure: BaseException) -> None:
        """Ends the wait for the result."""
        if not self.result.done():
            self.result.set_exception(failure)


class _Jobs:
    """Jobs that wait for a thread.

    The thread that became idle last gets the next job, because its memory is still in the processor's cache.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._jobs: deque[_Job] = deque()
        self._idle: list[SimpleQueue[_Job | None]] = []
        self._is_closed = False

    def put(self, job: _Job) -> None:
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
            if self._is_closed:
                return None
            self._idle.append(thread)
        return thread.get()

    def swap(self, job: _Job) -> _Job:
        """Returns the job that waits for longest, after which the given job waits."""
        with self._lock:
            self._jobs.append(job)
            return self._jobs.popleft()

    def close(self) -> None:
        with self._lock:
            self._is_closed = True
            for thread in self._idle:
                thread.put(None)


class Workers:
    """Threads that do not go on with work whose client has gone or whose deadline has passed.

    At most `queue` requests may wait for one of `threads` threads. More are refused with 503.
    """

    def __init__(self, threads: int = 2, queue: int = 256) -> None:
        self.queue = queue
        # The oldest first.
        self._unfinished: dict[_Job, None] = {}
        self._look: asyncio.TimerHandle | None = None
        self._limit = threads + queue
        self._large = asyncio.Semaphore(1)
        self._jobs = _Jobs()
        self._threads = [threading.Thread(target=self._serve, name="request", daemon=True) for _ in range(threads)]
        for thread in self._threads:
            thread.start()

    @property
    def unfinished(self) -> int:
        """Number of requests that run or wait."""
        return len(self._unfinished)

    async def run(
        self,
        steps: Steps[T],
        receive: Receive | None = None,
        deadline: float = math.inf,
        end: Callable[[], object] | None = None,
    ) -> T:
        """Runs work in a thread, and returns its result.

        Args:
            steps: The work.
            receive: ASGI function that says when the client goes. None for a coroutine that is cancelled then.
            deadline: Latest time of the result, in seconds of `time.monotonic()`.
            end: Function that is called when the thread is done with the work.

        Raises:
            ServingError: If too many requests wait, the deadline passes or the server stops.
            ClientDisconnect: If the client goes.
        """
        if len(self._unfinished) >= self._limit:
            if end is not None:
                end()
            raise ServingError("UNAVAILABLE", f"The server is busy: {self.queue} requests already wait. Try again")
        job = _Job(steps, receive, deadline, end)
        self._unfinished[job] = None
        if self._look is None:
            self._look = job.loop.call_later(_LOOK_SECONDS, self._look_at_old)
        self._jobs.put(job)  # last, because the thread then waits for Python's lock
        try:
            found: T = await job.result
            return found
        finally:
            del self._unfinished[job]
            job.is_wanted = False
            if job.watch is not None:
                job.watch.cancel()
            del job  # an exception refers to this frame: see `_Job.step`

    def _look_at_old(self) -> None:
        """Watches over jobs that were not done at once. One timer for all takes less time than one for each."""
        self._look = None
        for job in self._unfinished:
            if job.begun > time.monotonic() - _LOOK_SECONDS / 2:
                break
            if job.watch is None:
                job.watch = job.loop.create_task(_watch(job))
        if self._unfinished:
            self._look = next(iter(self._unfinished)).loop.call_later(_LOOK_SECONDS, self._look_at_old)

    async def run_large(self, steps: Steps[T], receive: Receive | None, deadline: float) -> T:
        """Runs work that needs much memory, one at a time. See `run`."""
        left = None if deadline == math.inf else max(0.0, deadline - time.monotonic())
        try:
            await asyncio.wait_for(self._large.acquire(), left)
        except (TimeoutError, asyncio.TimeoutError):
            raise ServingError("DEADLINE_EXCEEDED", _LATE) from None
        return await self.run(steps, receive, deadline, self._large.release)

    def give_up(self) -> None:
        """Answers all unfinished requests with 503."""
        for job in self._unfinished:
            job.fail(ServingError("UNAVAILABLE", "The server is stopping and could not finish the request in time"))

    def close(self) -> None:
        """Waits for work that runs, and drops work that nobody waits for."""
        self._jobs.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        own: SimpleQueue[_Job | None] = SimpleQueue()
        with np.errstate(over="ignore"):  # numbers beyond float32 are infinite
            while (job := self._jobs.get(own)) is not None:
                began = time.perf_counter()
                while job.step():
                    if time.perf_counter() - began > _TURN_SECONDS:
                        job, began = self._jobs.swap(job), time.perf_counter()
                del job


async def _watch(job: _Job) -> None:
    """Ends the wait for a job when its client goes or its time is over."""
    gone = asyncio.ensure_future(job.loop.create_future() if job.receive is None else _disconnect(job.receive))
    try:
        left = None if job.deadline == math.inf else max(0.0, job.deadline - time.monotonic())
        done, _ = await asyncio.wait([gone], timeout=left)
        job.fail(ClientDisconnect() if done else ServingError("DEADLINE_EXCEEDED", _LATE))
    except asyncio.CancelledError:
        pass  # a task keeps this error, whose frame refers to the job, which refers to the task
    finally:
        gone.cancel()


async def _disconnect(receive: Receive) -> None:
    """Returns when the client has gone."""
    while (await receive())["type"] != "http.disconnect":
        pass
