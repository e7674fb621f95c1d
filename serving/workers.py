"""The threads that answer requests, and how many requests may wait for them."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from keras_gan.serving.errors import ServingError

T = TypeVar("T")


class Workers:
    """A pool of threads with a bounded queue.

    Args:
        threads: How many.
        queue: Requests that may wait beside those that run; more are refused at once.

    Attributes:
        waiting: Requests that no thread has taken, and that still want one.
    """

    def __init__(self, threads: int, queue: int) -> None:
        self.threads = threads
        self.queue = queue
        self.waiting = 0
        self._unfinished = 0
        self._lock = threading.Lock()
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have a thread do `work`.

        Returns:
            A future, which can be cancelled while it waits.

        Raises:
            ServingError: If too many wait.
        """
        with self._lock:
            if self._unfinished >= self.threads + self.queue:
                raise ServingError("UNAVAILABLE", f"The server is busy: {self.queue} requests wait, and no more may")
            self._unfinished += 1
            self.waiting += 1
        begun = threading.Event()

        def run() -> T:
            begun.set()
            with self._lock:
                self.waiting -= 1
            return work()

        def done(_: Future[T]) -> None:
            with self._lock:
                self._unfinished -= 1
                self.waiting -= not begun.is_set()

        future = self._pool.submit(run)
        future.add_done_callback(done)
        return future

    def close(self) -> None:
        """Finish what runs; what waits is dropped."""
        self._pool.shutdown(cancel_futures=True)
