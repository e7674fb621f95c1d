"""Requests put together to one run, by TensorFlow Serving's parameters."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from concurrent.futures import CancelledError, Future
from concurrent.futures import TimeoutError as WaitTimeoutError
from dataclasses import dataclass, field

import numpy as np

from keras_gan.artifacts.tensor_spec import fill
from keras_gan.serving.errors import ServingError, invalid

Arrays = Mapping[str, np.ndarray]
Run = Callable[[Arrays], dict[str, np.ndarray]]


@dataclass(frozen=True)
class BatchingParameters:
    """TensorFlow Serving's BatchingParameters; only requests for one signature of one version share a batch.

    Args:
        max_batch_size: Rows at most in a batch; a request with more is refused. Defaults to 1000.
        batch_timeout_micros: How long a batch waits to be filled while a thread is idle. Defaults to 0.
        max_enqueued_batches: Full batches that may wait; what comes then is answered 503. Defaults to 10.
        num_batch_threads: Batches run at once. Defaults to 1.
        allowed_batch_sizes: Sizes that batches are filled up to, with copies of a row; the last is `max_batch_size`.
            Defaults to none: batches are run as they are.
        enable_large_batch_splitting: Run a request with more rows in parts. Defaults to False.
        max_execution_batch_size: Rows of a part. Defaults to 0, which stands for `max_batch_size`.

    Raises:
        ValueError: If a number is out of range.
    """

    max_batch_size: int = 1000
    batch_timeout_micros: int = 0
    max_enqueued_batches: int = 10
    num_batch_threads: int = 1
    allowed_batch_sizes: tuple[int, ...] = ()
    enable_large_batch_splitting: bool = False
    max_execution_batch_size: int = 0

    def __post_init__(self) -> None:
        for name in ("max_batch_size", "max_enqueued_batches", "num_batch_threads"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {name}={getattr(self, name)}")
        if self.batch_timeout_micros < 0:
            raise ValueError(f"`batch_timeout_micros` must not be negative. Received: {self.batch_timeout_micros}")
        sizes = self.allowed_batch_sizes
        if sizes and (list(sizes) != sorted(set(sizes)) or sizes[0] < 1 or sizes[-1] != self.largest_run):
            raise ValueError(
                f"`allowed_batch_sizes` must increase, from 1 or more to {self.largest_run}. Received: {sizes}"
            )
        if self.max_execution_batch_size > self.max_batch_size:
            raise ValueError(
                f"`max_execution_batch_size` must be at most max_batch_size={self.max_batch_size}. "
                f"Received: {self.max_execution_batch_size}"
            )

    @property
    def largest_run(self) -> int:
        """Rows at most that the model sees at once."""
        split = self.enable_large_batch_splitting and self.max_execution_batch_size
        return self.max_execution_batch_size if split else self.max_batch_size


@dataclass
class _Task:
    inputs: Arrays
    rows: int
    deadline: float | None
    since: float = field(default_factory=time.monotonic)
    future: Future[dict[str, np.ndarray]] = field(default_factory=Future)


class _Queue:
    """What waits for one signature of one version, with inputs of the same shapes."""

    def __init__(self, run: Run) -> None:
        self.run = run
        self.tasks: deque[_Task] = deque()
        self.rows = 0


class Batcher:
    """Runs requests together: while the threads are busy, what comes gathers, and a lone request need not wait.

    Args:
        parameters: The sizes and times.
        waited: Called with the seconds that a request waited. Defaults to None.

    Example:
    ```python
    batcher = Batcher(BatchingParameters(max_batch_size=32))
    outputs = batcher.run("digits", signature.run, {"z": z}, rows=len(z))
    ```
    """

    def __init__(self, parameters: BatchingParameters, waited: Callable[[float], None] | None = None) -> None:
        self.parameters = parameters
        self._waited = waited
        self._queues: dict[Hashable, _Queue] = {}
        self._changed = threading.Condition()
        self._closed = False
        self._threads = [
            threading.Thread(target=self._work, name=f"batch-{i}", daemon=True)
            for i in range(parameters.num_batch_threads)
        ]
        for thread in self._threads:
            thread.start()

    def run(
        self, key: Hashable, run: Run, inputs: Arrays, rows: int, deadline: float | None = None
    ) -> dict[str, np.ndarray]:
        """Run one request in a batch with others.

        Args:
            key: What may share a batch; shapes are seen to here.
            run: Runs a batch.
            inputs: Arrays of so many rows.
            rows: Their number.
            deadline: By `time.monotonic`. Defaults to None.

        Returns:
            The request's rows of each output.

        Raises:
            ServingError: If it is too large, there is no room in the queue, or the deadline passes.
        """
        most = self.parameters.max_batch_size
        if rows > most and not self.parameters.enable_large_batch_splitting:
            raise invalid(f"Task size {rows} is larger than maximum input batch size {most}")
        task = _Task(inputs, rows, deadline)
        self._put((key, *((name, array.shape[1:], array.dtype) for name, array in inputs.items())), run, task)
        try:
            return task.future.result(None if deadline is None else max(0.0, deadline - time.monotonic()))
        except WaitTimeoutError:
            task.future.cancel()
            raise ServingError("DEADLINE_EXCEEDED", "The request waited for a batch until its deadline") from None
        except CancelledError:
            raise ServingError("UNAVAILABLE", "The server is going down") from None

    def _put(self, key: Hashable, run: Run, task: _Task) -> None:
        with self._changed:
            queue = self._queues.get(key) or self._queues.setdefault(key, _Queue(run))
            room = self.parameters.max_enqueued_batches * self.parameters.max_batch_size
            if self._closed or (queue.tasks and queue.rows + task.rows > room):
                raise ServingError(
                    "UNAVAILABLE",
                    "The batch scheduling queue to which this task was submitted is full; currently "
                    f"{queue.rows} rows wait, of {room} that may",
                )
            queue.tasks.append(task)
            queue.rows += task.rows
            self._changed.notify()

    def close(self) -> None:
        """Run what waits, and take no more."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (taken := self._take()):
                    if self._closed and not self._queues:
                        return
                    self._changed.wait(self._until_due())
            run, tasks = taken
            _run(run, tasks, self.parameters, self._waited)

    def _due(self, queue: _Queue) -> float:
        """When a queue's batch is to be run at the latest; what is full is due at once."""
        if self._closed or queue.rows >= self.parameters.max_batch_size:
            return 0.0
        return queue.tasks[0].since + self.parameters.batch_timeout_micros / 1e6

    def _until_due(self) -> float | None:
        times = [self._due(queue) for queue in self._queues.values()]
        return max(0.0, min(times) - time.monotonic()) if times else None

    def _take(self) -> tuple[Run, list[_Task]] | None:
        """The tasks of the batch that is due the longest."""
        now = time.monotonic()
        due = [(self._due(queue), key) for key, queue in self._queues.items()]
        ready = min((pair for pair in due if pair[0] <= now), key=lambda pair: pair[0], default=None)
        if ready is None:
            return None
        queue = self._queues[ready[1]]
        tasks = [queue.tasks.popleft()]
        rows = tasks[0].rows
        while queue.tasks and rows + queue.tasks[0].rows <= self.parameters.max_batch_size:
            tasks.append(queue.tasks.popleft())
            rows += tasks[-1].rows
        queue.rows -= rows
        if not queue.tasks:
            # Versions come and go; their queues with them.
            del self._queues[ready[1]]
        return queue.run, tasks


def _run(
    run: Run, tasks: Sequence[_Task], parameters: BatchingParameters, waited: Callable[[float], None] | None
) -> None:
    now = time.monotonic()
    wanted = [task for task in tasks if (task.deadline or now) >= now and task.future.set_running_or_notify_cancel()]
    if not wanted:
        return
    if waited is not None:
        for task in wanted:
            waited(now - task.since)
    try:
        names = wanted[0].inputs
        inputs = {name: np.concatenate([task.inputs[name] for task in wanted]) for name in names}
        outputs = _run_in_parts(run, inputs, sum(task.rows for task in wanted), parameters)
        start = 0
        for task in wanted:
            rows = slice(start, start + task.rows)
            task.future.set_result({name: array[rows] for name, array in outputs.items()})
            start += task.rows
    except Exception as error:  # each of the requests is answered with it
        for task in wanted:
            if not task.future.done():
                task.future.set_exception(error)


def _run_in_parts(run: Run, inputs: Arrays, rows: int, parameters: BatchingParameters) -> dict[str, np.ndarray]:
    most = parameters.largest_run
    parts = []
    for start in range(0, rows, most):
        taken = min(most, rows - start)
        size = min((size for size in parameters.allowed_batch_sizes if size >= taken), default=taken)
        part = {name: fill(array[start : start + taken], size) for name, array in inputs.items()}
        parts.append({name: array[:taken] for name, array in run(part).items()})
    return parts[0] if len(parts) == 1 else {name: np.concatenate([p[name] for p in parts]) for name in parts[0]}
