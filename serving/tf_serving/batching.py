"""How many requests TensorFlow Serving runs as one batch, from how long batches take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

# A batch that is larger gains nothing worth waiting for if the rows a second rise by less than this.
_ENOUGH = 0.95
# Where nothing was measured: the size that most of what generators gain on a CPU is reached at.
_UNMEASURED = 32


@dataclass(frozen=True)
class Batching:
    """TensorFlow Serving's BatchingParameters.

    Args:
        max_batch_size: Rows at most in a batch; a request with more is refused.
        max_enqueued_batches: Full batches that may wait; requests beyond are answered 503.
        num_batch_threads: Batches run at once.
        batch_timeout_micros: How long a batch waits to be filled while a thread is idle. Defaults to 0: batches form
            while the threads are busy, and a lone request never waits.
        measured: Whether latencies stand behind the numbers. Defaults to True.
    """

    max_batch_size: int
    max_enqueued_batches: int
    num_batch_threads: int
    batch_timeout_micros: int = 0
    measured: bool = True


def fit_batching(
    latencies: Sequence[Mapping[int, float]], cpus: int = 2, max_latency_ms: float = 100.0, max_wait_ms: float = 1000.0
) -> Batching:
    """Choose the parameters for models that one server holds.

    The largest batch is the smallest one measured that has 95 % of the best rows a second, of those that take no more
    than `max_latency_ms`. The queue is as long as can be worked off in `max_wait_ms`. The slowest model decides, as
    TensorFlow Serving has one set of parameters for all.

    Args:
        latencies: Of each model, the milliseconds that a batch takes by its rows; empty where nothing was measured.
        cpus: Batches run at once. Defaults to 2.
        max_latency_ms: What one batch may take. Defaults to 100.
        max_wait_ms: What a request may wait. Defaults to 1,000.

    Returns:
        The `Batching`.

    Raises:
        ValueError: If a latency is not positive, or a size below 1.

    Example:
    ```python
    fit_batching([{1: 3.2, 8: 8.5, 32: 24.2}])  # max_batch_size=32: 1,322 rows a second against 941 and 313
    ```
    """
    for model in latencies:
        for size, milliseconds in model.items():
            if size < 1 or not (math.isfinite(milliseconds) and milliseconds > 0):
                raise ValueError(f"`latencies` must be milliseconds by rows, both positive. Received: {dict(model)}")
    fitted = [_fit(model, cpus, max_latency_ms, max_wait_ms) for model in latencies if model]
    if not fitted:
        return Batching(_UNMEASURED, max_enqueued_batches=10, num_batch_threads=cpus, measured=False)
    return replace(
        fitted[0],
        max_batch_size=min(one.max_batch_size for one in fitted),
        max_enqueued_batches=min(one.max_enqueued_batches for one in fitted),
    )


def _fit(latency: Mapping[int, float], cpus: int, max_latency_ms: float, max_wait_ms: float) -> Batching:
    affordable = {size: ms for size, ms in latency.items() if ms <= max_latency_ms} or {1: min(latency.values())}
    rates = {size: size / ms for size, ms in affordable.items()}
    size = min(size for size, rate in rates.items() if rate >= _ENOUGH * max(rates.values()))
    return Batching(size, max(1, int(max_wait_ms / affordable[size])), num_batch_threads=cpus)
