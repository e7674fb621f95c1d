"""Prometheus metrics, under TensorFlow Serving's names."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

PATH = "/monitoring/prometheus/metrics"
# TensorFlow Serving's buckets, for microseconds and rows.
_BUCKETS = tuple(10 * 1.8**i for i in range(33))
# The library adds _total to the name of a counter. TensorFlow Serving does not for these.
_COUNTER = ":tensorflow:serving:request_count"
_LOADED = ":tensorflow:cc:saved_model:load_attempt_count"
# Values that wait to be counted.
_MOST_NOTED = 64


class Metrics:
    """Counters and histograms of one server.

    Example:
    ```python
    metrics = Metrics()
    metrics.ran("digits", rows=4, seconds=0.002)
    print(metrics.text({"digits": True}).decode())
    ```
    """

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._labelled: dict[tuple[Any, tuple[str, ...]], Any] = {}
        self._noted: deque[tuple[Counter | Histogram, tuple[str, ...], float]] = deque()
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
        self._loaded = Counter(_LOADED, "Attempts to load a version.", ["model_path", "status"], registry=self.registry)
        self._available = Gauge(
            "keras_gan_model_available",
            "1 for a model that has an available version, else 0.",
            ["model_name"],
            registry=self.registry,
        )
        self._queuing = self._histogram(
            "batching_session:queuing_latency", "Microseconds until a batch took a request."
        )

    def _histogram(self, name: str, what: str, *labels: str) -> Histogram:
        return Histogram(f":tensorflow:serving:{name}", what, labels, buckets=_BUCKETS, registry=self.registry)

    def _note(self, metric: Counter | Histogram, labels: tuple[str, ...], value: float) -> None:
        """Keeps a value for `_count`. To count many at once is several times faster than each after a model ran."""
        self._noted.append((metric, labels, value))
        if len(self._noted) >= _MOST_NOTED:
            self._count()

    def _count(self) -> None:
        with suppress(IndexError):  # another thread has counted the last one
            while self._noted:
                metric, labels, value = self._noted.popleft()
                child = self._labelled.get((metric, labels))
                if child is None:  # `labels` checks its arguments, which takes long
                    child = self._labelled.setdefault((metric, labels), metric.labels(*labels))
                child.observe(value) if isinstance(metric, Histogram) else child.inc(value)

    def answered(self, model: str, code: str, seconds: float, entrypoint: str, api: str = "Predict") -> None:
        """Counts an answer.

        Args:
            model: Name of the model.
            code: gRPC name of the status. The latency counts for "OK" only.
            seconds: Seconds since the request arrived.
            entrypoint: "REST" or "GRPC".
            api: Method of the request. Defaults to "Predict".
        """
        self._note(self._requests, (model, code), 1)
        if code == "OK":
            self._note(self._latency, (model, api, entrypoint), seconds * 1e6)

    def ran(self, model: str, rows: int, seconds: float) -> None:
        """Counts a run of a model for a request with `rows` rows."""
        self._note(self._runtime, (model, "Predict", "keras_gan"), seconds * 1e6)
        self._note(self._rows, (model,), rows)
        self._note(self._all_rows, (model,), rows)

    def warmed(self, path: str, seconds: float) -> None:
        """Counts the warm-up of a version."""
        self._warmup.labels(path, "OK").observe(seconds * 1e6)

    def loaded(self, path: str, status: str) -> None:
        """Counts an attempt to load a version. `status` is "success" or "fail"."""
        self._loaded.labels(path, status).inc()

    def queued(self, seconds: float) -> None:
        """Counts the time that a request waited for a batch."""
        self._queuing.observe(seconds * 1e6)

    def text(self, models: Mapping[str, bool]) -> bytes:
        """Returns the metrics in Prometheus's text format.

        Args:
            models: Booleans by the model's name, whether it has an available version.
        """
        self._count()
        self._available.clear()
        for name, is_available in models.items():
            self._available.labels(name).set(is_available)
        lines = generate_latest(self.registry).decode()
        lines = re.sub(rf"(?m)^(# \w+ )?({_COUNTER}|{_LOADED})_total", r"\1\2", lines)
        return re.sub(r"(?m)^(# \w+ )?\S+_created.*\n", "", lines).encode()
