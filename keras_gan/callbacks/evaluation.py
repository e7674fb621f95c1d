"""Figures of quality while training, and the best model by them."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_gan.callbacks.model_checks import check_can
from keras_gan.metrics.extractors.feature_cache import real_features
from keras_gan.metrics.extractors.user_extractor import as_extractor
from keras_gan.metrics.scores.generation import feature_scores
from keras_gan.metrics.scores.score import Score
from keras_gan.utils.files import atomic_path

FIGURES = ("kid", "frechet", "precision", "recall", "density", "coverage")


class Evaluation(keras.callbacks.Callback):
    """Measure what the generator draws, its average where one is kept, every few epochs, from the same z.

    The figures join the epoch's logs, so that the history has them, and callbacks that stand behind this one
    (TensorBoard, CSVLogger). An epoch without a measurement has NaN. The features of the real images are computed once
    on a machine.

    Args:
        real: Real images, (n, height, width, channels), n at least 6: floats in the model's `image_range`, or uint8.
        extractor: A `FeatureExtractor`, or a function from images to features. Defaults to `None`,
            `EfficientNetLite0()`.
        samples: How many images are drawn, at least 4. Defaults to `None`, as many as `real` has.
        every: Epochs from one measurement to the next. Defaults to 1.
        best: A `.keras` file for the best model so far; its figure stands beside it, in a `.json` of the same name, and
            a training that goes on takes it up. Defaults to `None`.
        monitor: The figure that says which is best: kid, frechet, precision, recall, density or coverage. Defaults to
            "kid".
        split: Which real images, for the protocol. Defaults to "", not said.
        seed: Fixes the z. Defaults to 0.
        cache: Whether the features of the real images are kept on disk for the next training; see
            `keras_gan.metrics.real_features`. Defaults to `True`.

    Raises:
        ValueError: If an argument is out of range.

    Attributes:
        scores: The last measurement, each a `keras_gan.metrics.Score` by its short name.

    Example:
    ```python
    evaluation = keras_gan.callbacks.Evaluation(held_out, samples=1000, every=5, best="run/best.keras")
    gan.fit(dataset, epochs=100, callbacks=[evaluation])
    print(*evaluation.scores.values(), sep=", ")
    ```
    """

    def __init__(
        self,
        real: np.ndarray,
        extractor: Any = None,
        samples: int | None = None,
        every: int = 1,
        best: str | os.PathLike[str] | None = None,
        monitor: str = "kid",
        split: str = "",
        seed: int = 0,
        cache: bool = True,
    ) -> None:
        super().__init__()
        if monitor not in FIGURES:
            raise ValueError(f"`monitor` must be one of {list(FIGURES)}. Received: monitor={monitor!r}")
        if every < 1:
            raise ValueError(f"`every` must be at least 1. Received: every={every}")
        if len(real) < 6 or (samples is not None and samples < 4):
            raise ValueError(
                f"Expected at least 6 `real` images and 4 `samples`. Received: {len(real)} and samples={samples}"
            )
        if best is not None and Path(best).suffix != ".keras":
            raise ValueError(f"`best` must end in .keras. Received: best={os.fspath(best)!r}")
        self.real = real
        self.extractor = as_extractor(extractor)
        self.samples = len(real) if samples is None else samples
        self.every = every
        self.best = None if best is None else Path(best)
        self.monitor = monitor
        self.split = split
        self.seed = seed
        self.cache = cache
        self.scores: dict[str, Score] = {}
        self._features: np.ndarray | None = None
        self._best_score: Score | None = None

    def on_train_begin(self, logs: Any = None) -> None:
        """Take up the best figure of a training that this one goes on with.

        Raises:
            ValueError: If the model does not draw from noise.
        """
        check_can(
            self.model,
            "generate",
            "Evaluation measures what a keras_gan.GAN draws; "
            "keras_gan.metrics.translation_scores measures translations",
        )
        if self.best is not None and self.best.exists() and self._record.exists():
            self._best_score = Score.from_dict(json.loads(self._record.read_text(encoding="utf-8")))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Measure, if it is time."""
        logs = {} if logs is None else logs
        if (epoch + 1) % self.every:
            logs.update(dict.fromkeys(FIGURES, float("nan")))
            return
        if self._features is None:
            self._features = real_features(self.real, self.extractor, self.model.image_range, self.cache)
        drawn = self.extractor.features(self.model.generate(self.samples, seed=self.seed), self.model.image_range)
        self.scores = feature_scores(self._features, drawn, self.extractor, self.split, self.seed)
        logs.update({name: score.value for name, score in self.scores.items()})
        if self.best is not None:
            self._keep_the_best(self.scores[self.monitor], self.best)

    @property
    def _record(self) -> Path:
        assert self.best is not None
        return self.best.with_suffix(".json")

    def _keep_the_best(self, score: Score, best: Path) -> None:
        if not np.isfinite(score.value) or (self._best_score and not score.better_than(self._best_score)):
            return
        self._best_score = score
        self.model.save(best)
        with atomic_path(self._record) as temporary:
            temporary.write_text(json.dumps(score.as_dict(), indent=2) + "\n", encoding="utf-8")
