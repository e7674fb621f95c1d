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
    """

    def __init__(self, threads: int, queue: int) -> None:
        self.threads = threads
        self.queue = queue
        self._room = threading.BoundedSemaphore(threads + queue)
        self._pool = ThreadPoolExecutor(threads, thread_name_prefix="request")

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Have a thread do `work`.

        Returns:
            A future, which can be cancelled while it waits.

        Raises:
            ServingError: If too many wait.
        """
        if not self._room.acquire(blocking=False):
            raise ServingError("UNAVAILABLE", f"The server is busy: {self.queue} requests wait, and no more may")
        try:
            future = self._pool.submit(work)
        except BaseException:
            self._room.release()
            raise
        future.add_done_callback(lambda _: self._room.release())
        return future

    def close(self) -> None:
        """Finish what runs; what waits is dropped."""
        self._pool.shutdown(cancel_futures=True)
