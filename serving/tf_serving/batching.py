"""Chooses TensorFlow Serving's batching parameters from measured latencies."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

# Part of the best rate that is good enough. Larger batches only add latency.
_ENOUGH = 0.95
# Size without measurements. On a CPU, generators gain little from larger batches.
_UNMEASURED = 32
_LARGEST_REQUEST = 128


@dataclass(frozen=True)
class Batching:
    """TensorFlow Serving's BatchingParameters.

    Args:
        max_execution_batch_size: Largest number of rows in a batch. Larger requests are split.
        max_enqueued_batches: Number of full batches that may wait. More requests are answered 503.
        num_batch_threads: Number of batches that run at once.
        max_batch_size: Largest number of rows in a request. Larger requests are refused. Defaults to 128.
        batch_timeout_micros: Microseconds that a batch waits for more requests while a thread is idle. Defaults to 0,
            so that a single request never waits.
        measured: Boolean, whether the numbers come from measured latencies. Defaults to True.
    """

    max_execution_batch_size: int
    max_enqueued_batches: int
    num_batch_threads: int
    max_batch_size: int = _LARGEST_REQUEST
    batch_timeout_micros: int = 0
    measured: bool = True


def fit_batching(
    latencies: Sequence[Mapping[int, float]], cpus: int = 2, max_latency_ms: float = 100.0, max_wait_ms: float = 1000.0
) -> Batching:
    """Chooses the parameters for models of one server.

    The batch size is the smallest measured one with 95 % of the best rate, among those that take at most
    `max_latency_ms`. The queue is as long as the server can answer in `max_wait_ms`, and has room for the largest
    request. The slowest model decides, because TensorFlow Serving has one set of parameters for all models.

    Args:
        latencies: Milliseconds of a batch by its number of rows, for each model. Empty without measurements.
        cpus: Number of batches that run at once. Defaults to 2.
        max_latency_ms: Most milliseconds of one batch. Defaults to 100.
        max_wait_ms: Most milliseconds that a request waits. Defaults to 1,000.

    Returns:
        The `Batching`.

    Raises:
        ValueError: If a latency is not positive, or a size is below 1.

    Example:
    ```python
    fit_batching([{1: 3.2, 8: 8.5, 32: 24.2}])  # 32 rows: 1,322 rows per second, against 941 and 313
    ```
    """
    for model in latencies:
        for size, milliseconds in model.items():
            if size < 1 or not (math.isfinite(milliseconds) and milliseconds > 0):
                raise ValueError(
                    f"`latencies` must be positive milliseconds by positive numbers of rows. Received: {dict(model)}"
                )
    fitted = [_fit(model, max_latency_ms, max_wait_ms) for model in latencies if model]
    size, waiting = map(min, zip(*fitted, strict=True)) if fitted else (_UNMEASURED, 10)
    return Batching(size, max(waiting, -(-_LARGEST_REQUEST // size)), num_batch_threads=cpus, measured=bool(fitted))


def _fit(latency: Mapping[int, float], max_latency_ms: float, max_wait_ms: float) -> tuple[int, int]:
    """Returns the size of a batch, and the number of batches that may wait."""
    affordable = {size: ms for size, ms in latency.items() if ms <= max_latency_ms} or {1: min(latency.values())}
    rates = {size: size / ms for size, ms in affordable.items()}
    size = min(size for size, rate in rates.items() if rate >= _ENOUGH * max(rates.values()))
    return size, int(max_wait_ms / affordable[size])
