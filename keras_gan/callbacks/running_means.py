"""Means of a model's metrics over any number of steps."""

from __future__ import annotations

import keras
import numpy as np


class RunningMeans:
    """Means of the metrics of a model between two reads, which may lie epochs apart.

    Keras resets its metrics at each epoch and at each validation. This class adds up what they gained in between, and
    reads them only when `collect` is called. Each read copies values from the device.

    Example:
    ```python
    means = RunningMeans()
    means.collect(gan)  # before Keras resets the metrics
    means.take()  # {"d_loss": 0.7, ...}
    ```
    """

    def __init__(self) -> None:
        self._seen: dict[str, np.ndarray] = {}
        self._gained: dict[str, np.ndarray] = {}

    def collect(self, model: keras.Model) -> None:
        """Add what the metrics of `model` gained since the last call."""
        for metric in model.metrics:
            now = np.array([float(metric.total.numpy()), float(metric.count.numpy())])
            gained = now - self._seen.get(metric.name, 0)
            self._gained[metric.name] = self._gained.get(metric.name, np.zeros(2)) + gained
            self._seen[metric.name] = now

    def metrics_were_reset(self) -> None:
        """Note that Keras has set the metrics to zero."""
        self._seen = {}

    def forget(self) -> None:
        """Drop everything that was collected."""
        self._seen, self._gained = {}, {}

    @property
    def finite(self) -> bool:
        """`True` if everything that was collected is finite."""
        return all(np.isfinite(total) for total, _ in self._gained.values())

    def take(self) -> dict[str, float]:
        """Return the means since the last call of `take`, by the metrics' names."""
        gained, self._gained = self._gained, {}
        return {name: float(total / count) for name, (total, count) in gained.items() if count > 0}
