"""Runs requests that wait at the same time as one batch."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Hashable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field

import numpy as np

from keras_gan.serving.errors import ServingError

Arrays = Mapping[str, np.ndarray]
Run = Callable[[Arrays], dict[str, np.ndarray]]


@dataclass(eq=False)
class _Task:
    inputs: Arrays
    rows: int
    result: Future[dict[str, np.ndarray]] = field(default_factory=Future)


class Batcher:
    """Runs requests for the same signature together while the processors are busy.

    A request runs at once if a processor is free, so a single request never waits for others. The requests that wait
    for a processor are run as one batch by the thread that gets it.

    Args:
        max_rows: Largest number of rows in a batch of several requests. Defaults to 64.
        parallel: Number of batches that run at once. Defaults to None, the number of processors.
        waited: Function called with the seconds that a request waited. Defaults to None.

    Example:
    ```python
    outputs = Batcher().run("digits", signature.run, {"z": z}, rows=len(z))
    ```
    """

    def __init__(
        self, max_rows: int = 64, parallel: int | None = None, waited: Callable[[float], None] | None = None
    ) -> None:
        self.max_rows = max_rows
        self._turns = threading.Semaphore(parallel or os.cpu_count() or 1)
        self._waited = waited
        self._waiting: dict[Hashable, list[_Task]] = {}
        self._lock = threading.Lock()

    def run(
        self, key: Hashable, run: Run, inputs: Arrays, rows: int, deadline: float | None = None
    ) -> dict[str, np.ndarray]:
        """Runs one request, perhaps in a batch with others.

        Args:
            key: Identifies the signature. Requests with the same key and the same shapes may share a batch.
            run: Function that runs a batch.
            inputs: Arrays with `rows` rows each.
            rows: Number of rows.
            deadline: Latest time to begin, in seconds of `time.monotonic()`. Defaults to None.

        Returns:
            The rows of the request in each output.

        Raises:
            ServingError: If the deadline passes before the request begins.
        """
        began, task = time.monotonic(), _Task(inputs, rows)
        key = (key, *((name, array.shape[1:], array.dtype) for name, array in inputs.items()))
        with self._lock:
            self._waiting.setdefault(key, []).append(task)
        if self._turns.acquire(timeout=None if deadline is None else max(0.0, deadline - began)):
            try:
                if self._waited is not None:
                    self._waited(time.monotonic() - began)
                _run_batch(run, self._take(key, task, self.max_rows))
            finally:
                self._turns.release()
        elif self._take(key, task, 0):
            raise ServingError("DEADLINE_EXCEEDED", "The request waited for a processor until its deadline")
        return task.result.result()

    def _take(self, key: Hashable, task: _Task, max_rows: int) -> list[_Task]:
        """Removes `task` and the tasks that fit into a batch with it. Returns [] if another thread has taken it."""
        with self._lock:
            waiting = self._waiting.get(key, [])
            if task not in waiting:
                return []
            taken, rows = [task], task.rows
            for other in waiting:
                if other is not task and rows + other.rows <= max_rows:
                    taken.append(other)
                    rows += other.rows
            left = [other for other in waiting if other not in taken]
            if left:
                self._waiting[key] = left
            else:
                del self._waiting[key]
            return taken


def _run_batch(run: Run, tasks: list[_Task]) -> None:
    if not tasks:
        return
    try:
        batch = {name: np.concatenate([task.inputs[name] for task in tasks]) for name in tasks[0].inputs}
        outputs, start = run(batch), 0
        total = sum(task.rows for task in tasks)
        if any(len(array) != total for array in outputs.values()):
            raise ServingError(
                "FAILED_PRECONDITION", "The model must return a row for each row, or run without batching"
            )
        for task in tasks:
            rows = slice(start, start + task.rows)
            task.result.set_result({name: array[rows] for name, array in outputs.items()})
            start += task.rows
    except Exception as error:  # each request of the batch gets it
        for task in tasks:
            if not task.result.done():
                task.result.set_exception(error)
