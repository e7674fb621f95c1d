"""The threads that answer requests, and how many requests may wait for them."""

from __future__ import annotations

import asyncio
import contextlib
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from queue import Empty, SimpleQueue
from typing import Any

from keras_gan.serving.errors import ServingError

Task = tuple[Callable[[], Any], "asyncio.Future[Any]"]
# Nothing has ended for so many seconds: the threads that there are do long work, and another is wanted beside them.
_STUCK = 0.05
_IDLE = 1.0


class Workers:
    """Threads that take work from an event loop, and give back what came of it.

    One thread for each processor, as more only contend for Python's lock: 8 on 2 processors answer 0.6 times as many
    small requests as 2 do. Where these are stuck in long work while requests wait, more are started.

    `submit` and `relieve` are called by the loop's thread alone, so nothing is locked; what several threads have
    finished meanwhile wakes the loop once.

    Args:
        threads: How many at most.
        queue: Requests that may wait beside those that run; more are refused at once.
        usual: Threads while none is stuck. Defaults to None, one for each processor.

    Attributes:
        unfinished: What is waited for: it runs, or waits for a thread.
    """

    def __init__(self, threads: int, queue: int, usual: int | None = None) -> None:
        self.threads = threads
        self.queue = queue
        self.unfinished: set[asyncio.Future[Any]] = set()
        self._usual = min(threads, usual or os.cpu_count() or 1)
        self._tasks: SimpleQueue[Task | None] = SimpleQueue()
        self._done: deque[tuple[asyncio.Future[Any], Any, BaseException | None]] = deque()
        self._told = False
        self._pool: set[threading.Thread] = set()
        self._last_end = 0.0

    def submit(self, work: Callable[[], Any]) -> asyncio.Future[Any]:
        """Have a thread do `work`.

        Returns:
            A future of the running loop. If it is done or cancelled before a thread takes it, `work` is not begun.

        Raises:
            ServingError: If too many wait.
        """
        if len(self.unfinished) >= self.threads + self.queue:
            raise ServingError("UNAVAILABLE", f"The server is busy: {self.queue} requests wait, and no more may")
        future = asyncio.get_running_loop().create_future()
        self.unfinished.add(future)
        future.add_done_callback(self.unfinished.discard)
        if len(self._pool) < min(self._usual, len(self.unfinished)):
            self._start(future.get_loop())
        self._tasks.put((work, future))
        return future

    def relieve(self) -> None:
        """Start one more thread if requests wait and the threads are stuck."""
        stuck = time.monotonic() - self._last_end > _STUCK
        if stuck and not self._tasks.empty() and len(self._pool) < self.threads:
            self._start(asyncio.get_running_loop())

    def _start(self, loop: asyncio.AbstractEventLoop) -> None:
        thread = threading.Thread(target=self._work, args=(loop,), name="request", daemon=True)
        self._pool.add(thread)
        thread.start()

    def _work(self, loop: asyncio.AbstractEventLoop) -> None:
        while True:
            try:
                task = self._tasks.get(timeout=_IDLE if len(self._pool) > self._usual else None)
            except Empty:
                break
            if task is None:
                break
            work, future = task
            if future.done():
                continue
            result, error = None, None
            try:
                result = work()
            except BaseException as raised:  # it is for whoever waits to say what it means
                error = raised
            self._last_end = time.monotonic()
            self._done.append((future, result, error))
            if not self._told:
                self._told = True
                loop.call_soon_threadsafe(self._resolve)
        self._pool.discard(threading.current_thread())

    def _resolve(self) -> None:
        self._told = False  # before looking, so that what comes after the look tells again
        while self._done:
            future, result, error = self._done.popleft()
            if future.done():
                continue
            if error is None:
                future.set_result(result)
            else:
                future.set_exception(error)

    def close(self) -> None:
        """Finish what runs; what waits is dropped."""
        with contextlib.suppress(Empty):
            while True:
                self._tasks.get_nowait()
        pool = list(self._pool)
        for _ in pool:
            self._tasks.put(None)
        for thread in pool:
            thread.join()
