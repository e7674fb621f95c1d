"""Comparison of the diversity of generated images with that of real ones, over a training."""

from __future__ import annotations

import numpy as np

from keras_gan.callbacks import symptoms
from keras_gan.callbacks.symptoms import Symptom
from keras_gan.callbacks.variety import nearest_distances, spread

SAMPLES = 64
LEAST_COMPARED = 16  # real images. Fewer have no similar ones
WARM_UP = 200  # steps before the generated images must differ
LATE, LASTING = 1000, 500  # first step of reports of low diversity, and steps that it must last


class DiversityWatch:
    """Tests of the diversity of generated images.

    An image counts as repeated if another one is nearer than half of the usual distance. The usual distance is the
    median distance of a real image to the most similar other one.

    Args:
        real: Real images, floats (n, height, width, channels), n at least 2. Up to 64 of them are compared.

    Attributes:
        measured: Dict of the newest measurements. "spread" is the distance of the generated images from their mean,
            relative to real images. "repeated" is the share of repeated images, minus that of real images.
    """

    def __init__(self, real: np.ndarray) -> None:
        self._compared = min(SAMPLES, len(real))
        real = real[np.linspace(0, len(real) - 1, self._compared).round().astype(int)]
        self._spread = spread(real)
        nearest = nearest_distances(real)
        self._near = float(np.median(nearest)) / 2
        self._repeated = float(np.mean(nearest < self._near))
        self._alike_since: int | None = None
        self.measured: dict[str, float] = {}

    def look_at(self, generated: np.ndarray, step: int) -> None:
        """Measure generated images.

        Args:
            generated: Images of fixed z, floats (`SAMPLES`, height, width, channels).
            step: Number of training steps so far.
        """
        generated = generated[: self._compared]
        self.measured = {}
        if self._spread > 0:
            self.measured["spread"] = spread(generated) / self._spread
        if self._near > 0 and self._compared >= LEAST_COMPARED:
            self.measured["repeated"] = float(np.mean(nearest_distances(generated) < self._near)) - self._repeated
        if self.low_diversity is None:
            self._alike_since = None
        elif self._alike_since is None:
            self._alike_since = step

    @property
    def mode_collapse(self) -> Symptom | None:
        """The symptom that the images are nearly one image."""
        return symptoms.mode_collapse(self.measured.get("spread", np.nan))

    @property
    def low_diversity(self) -> Symptom | None:
        """The symptom that the images are much more alike than real ones."""
        return symptoms.low_diversity(self.measured.get("spread", np.nan), self.measured.get("repeated", np.nan))

    def lasting_low_diversity(self, step: int) -> Symptom | None:
        """Return the symptom of low diversity if each check of `LASTING` steps had it."""
        since = self._alike_since
        return self.low_diversity if since is not None and step >= LATE and step - since >= LASTING else None

    def forget(self) -> None:
        """Drop the results of earlier checks."""
        self._alike_since = None
