"""Prometheus metrics, under TensorFlow Serving's names.

The format is https://prometheus.io/docs/instrumenting/exposition_formats/. The package `prometheus_client` takes
several times as long to count, which each request would notice.
"""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from itertools import accumulate

PATH = "/monitoring/prometheus/metrics"
# TensorFlow Serving's buckets, for microseconds and rows.
_BUCKETS = tuple(10 * 1.8**i for i in range(33))
# Answers that wait to be counted.
_MOST_NOTED = 64
_SERVING = ":tensorflow:serving:"
_REQUESTS, _LATENCY, _RUNTIME = (
    f"{_SERVING}{name}" for name in ("request_count", "request_latency", "runtime_latency")
)
_ROWS, _ALL_ROWS = f"{_SERVING}request_example_counts", f"{_SERVING}request_example_count_total"
_WARM_UP, _LOADED = f"{_SERVING}model_warmup_latency", ":tensorflow:cc:saved_model:load_attempt_count"
_AVAILABLE = "keras_gan_model_available"
# Type, meaning and labels of each metric.
_METRICS = {
    _REQUESTS: ("counter", "Requests, by the status of their answer.", ("model_name", "status")),
    _LATENCY: ("histogram", "Microseconds of answered requests.", ("model_name", "API", "entrypoint")),
    _RUNTIME: ("histogram", "Microseconds that the model ran.", ("model_name", "API", "runtime")),
    _ROWS: ("histogram", "Rows in a request.", ("model",)),
    _ALL_ROWS: ("counter", "Rows in all requests.", ("model",)),
    _WARM_UP: ("histogram", "Microseconds to warm a version up.", ("model_path", "status")),
    _LOADED: ("counter", "Attempts to load a version.", ("model_path", "status")),
    _AVAILABLE: ("gauge", "1 for a model that has an available version, else 0.", ("model_name",)),
}


class Metrics:
    """Counters and histograms of one server. Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._noted: list[tuple[str, int, float, float]] = []
        # The value by the labels. That of a histogram is its sum and the number in each bucket.
        self._values: dict[str, dict[tuple[str, ...], list[float]]] = {name: {} for name in _METRICS}

    def _count(self, name: str, labels: tuple[str, ...], value: float = 1.0) -> None:
        values = self._values[name].setdefault(labels, [0.0])
        values[0] += value

    def _observe(self, name: str, labels: tuple[str, ...], value: float) -> None:
        values = self._values[name].get(labels)
        if values is None:
            values = self._values[name][labels] = [0.0] * (len(_BUCKETS) + 2)
        values[0] += value
        values[1 + bisect_left(_BUCKETS, value)] += 1

    def answered(self, model: str, code: str, seconds: float, entrypoint: str, api: str = "Predict") -> None:
        """Counts an answer. `code` is the gRPC name of the status, and `entrypoint` is "REST" or "GRPC"."""
        with self._lock:
            self._count(_REQUESTS, (model, code))
            if code == "OK":
                self._observe(_LATENCY, (model, api, entrypoint), seconds * 1e6)

    def predicted(self, model: str, rows: int, run_seconds: float, seconds: float) -> None:
        """Counts a run and its answer over REST. It counts many at once, which is several times faster."""
        self._noted.append((model, rows, run_seconds, seconds))
        if len(self._noted) >= _MOST_NOTED:
            self._count_noted()

    def _count_noted(self) -> None:
        noted, self._noted = self._noted, []
        for model, rows, run_seconds, seconds in noted:
            self.ran(model, rows, run_seconds)
            self.answered(model, "OK", seconds, "REST")

    def ran(self, model: str, rows: int, seconds: float) -> None:
        """Counts a run of a model for a request with `rows` rows."""
        with self._lock:
            self._observe(_RUNTIME, (model, "Predict", "keras_gan"), seconds * 1e6)
            self._observe(_ROWS, (model,), rows)
            self._count(_ALL_ROWS, (model,), rows)

    def warmed(self, path: str, seconds: float) -> None:
        """Counts the warm-up of a version."""
        with self._lock:
            self._observe(_WARM_UP, (path, "OK"), seconds * 1e6)

    def loaded(self, path: str, status: str) -> None:
        """Counts an attempt to load a version. `status` is "success" or "fail"."""
        with self._lock:
            self._count(_LOADED, (path, status))

    def text(self, models: Mapping[str, bool]) -> bytes:
        """Returns the metrics in Prometheus's text format. `models` tells which models have an available version."""
        self._count_noted()
        lines = []
        with self._lock:
            self._values[_AVAILABLE] = {(name,): [float(is_available)] for name, is_available in models.items()}
            for name, (kind, what, labels) in _METRICS.items():
                lines += [f"# HELP {name} {what}", f"# TYPE {name} {kind}"]
                for texts, values in self._values[name].items():
                    named = dict(zip(labels, texts, strict=True))
                    lines += _histogram(name, named, values) if kind == "histogram" else [_line(name, named, values[0])]
        return "\n".join([*lines, ""]).encode("utf-8", "replace")


def _histogram(name: str, labels: Mapping[str, str], values: list[float]) -> Iterator[str]:
    counts = list(accumulate(values[1:]))
    for bound, count in zip((*_BUCKETS, "+Inf"), counts, strict=True):
        yield _line(f"{name}_bucket", {**labels, "le": f"{bound}"}, count)
    yield _line(f"{name}_count", labels, counts[-1])
    yield _line(f"{name}_sum", labels, values[0])


def _line(name: str, labels: Mapping[str, str], value: float) -> str:
    pairs = []
    for key, text in sorted(labels.items()):
        escaped = text.replace("\\", r"\\").replace("\n", r"\n").replace('"', r"\"")
        pairs.append(f'{key}="{escaped}"')
    return f"{name}{{{','.join(pairs)}}} {value}"
