"""What is counted, for Prometheus, under TensorFlow Serving's names."""

from __future__ import annotations

import re
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

PATH = "/monitoring/prometheus/metrics"
# Microseconds and rows, in TensorFlow Serving's 33 buckets.
_BUCKETS = tuple(10 * 1.8**i for i in range(33))
# The library ends each counter's name in _total, TensorFlow Serving ends one so.
_COUNTER = ":tensorflow:serving:request_count"


class Metrics:
    """The counters and histograms of one server.

    Example:
    ```python
    metrics = Metrics()
    metrics.ran("digits", rows=4, seconds=0.002)
    print(metrics.text().decode())
    ```
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._labelled: dict[tuple[Any, tuple[str, ...]], Any] = {}
        self._requests = Counter(
            _COUNTER, "Requests, by the status of their answer.", ["model_name", "status"], registry=self.registry
        )
        self._latency = self._histogram(
            "request_latency", "Microseconds of answered requests.", "model_name", "API", "entrypoint"
        )
        self._runtime = self._histogram(
            "runtime_latency", "Microseconds that the model ran.", "model_name", "API", "runtime"
        )
        self._rows = self._histogram("request_example_counts", "Rows in a request.", "model")
        self._all_rows = Counter(
            ":tensorflow:serving:request_example_count", "Rows in all requests.", ["model"], registry=self.registry
        )
        self._warmup = self._histogram(
            "model_warmup_latency", "Microseconds to warm a version up.", "model_path", "status"
        )
        self._queuing = self._histogram(
            "batching_session:queuing_latency", "Microseconds until a batch took a request."
        )

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(f":tensorflow:serving:{name}", what, labels, buckets=_BUCKETS, registry=self.registry)

    def _of(self, metric: Any, *labels: str) -> Any:
        """`metric.labels(*labels)`, which checks its labels anew each time."""
        found = self._labelled.get((metric, labels))
        return self._labelled.setdefault((metric, labels), metric.labels(*labels)) if found is None else found

    def answered(self, model: str, code: str, seconds: float, entrypoint: str, api: str = "Predict") -> None:
        """Count an answer.

        Args:
            model: Its name.
            code: gRPC's name of its status; only latencies of "OK" are kept.
            seconds: From the request's arrival.
            entrypoint: "REST" or "GRPC".
            api: What was asked for. Defaults to "Predict".
        """
        self._of(self._requests, model, code).inc()
        if code == "OK":
            self._of(self._latency, model, api, entrypoint).observe(seconds * 1e6)

    def ran(self, model: str, rows: int, seconds: float) -> None:
        """Count a run of a model, for a request of so many rows."""
        self._of(self._runtime, model, "Predict", "keras_gan").observe(seconds * 1e6)
        self._of(self._rows, model).observe(rows)
        self._of(self._all_rows, model).inc(rows)

    def warmed(self, path: str, seconds: float) -> None:
        """Count a version's first runs."""
        self._warmup.labels(path, "OK").observe(seconds * 1e6)

    def queued(self, seconds: float) -> None:
        """Count a request's wait for a batch."""
        self._queuing.observe(seconds * 1e6)

    def text(self) -> bytes:
        """The figures as Prometheus reads them."""
        lines = generate_latest(self.registry).decode()
        lines = re.sub(rf"(?m)^(# \w+ )?{_COUNTER}_total", rf"\1{_COUNTER}", lines)
        return re.sub(r"(?m)^(# \w+ )?\S+_created.*\n", "", lines).encode()
