"""`Evaluation`: a callback that measures image quality during training and saves the best model."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_gan.callbacks.model_checks import check_has_method
from keras_gan.metrics.extractors.feature_cache import real_features
from keras_gan.metrics.extractors.user_extractor import as_extractor
from keras_gan.metrics.scores.generation import feature_scores
from keras_gan.metrics.scores.score import Score
from keras_gan.utils.files import atomic_path

METRICS = ("kid", "frechet", "precision", "recall", "density", "coverage")


class Evaluation(keras.callbacks.Callback):
    """Callback that measures the quality of generated images every few epochs.

    It generates images from the same z each time, with the averaged generator if `ema_momentum` is set. It adds the
    metrics to the epoch's logs. So they are in the history, and callbacks after this one in the list (TensorBoard,
    CSVLogger) can use them. In epochs without a measurement they are NaN.

    Args:
        real: Real images (n, height, width, channels), n at least 6. Floats in the model's `image_range`, or uint8.
        extractor: `FeatureExtractor`, or a function from images to features. Defaults to `None`:
            `EfficientNetLite0()`.
        samples: Number of images to generate, at least 4. Defaults to `None`: the number of `real` images.
        every: Number of epochs between two measurements. Defaults to 1.
        best: Path of a `.keras` file for the best model so far. A `.json` file of the same name holds its score, which
            a resumed training reads. Defaults to `None`: no model is saved.
        monitor: Name of the metric that decides which model is best: "kid", "frechet", "precision", "recall",
            "density" or "coverage". Defaults to `"kid"`.
        split: Name of the split that `real` comes from, such as "test". It is saved in the protocol of the scores.
            Defaults to `""`: not stated.
        seed: Integer that fixes the z. Defaults to 0.
        cache: Boolean. If `True`, the features of the real images are cached on disk for later trainings; see
            `keras_gan.metrics.real_features`. Defaults to `True`.

    Raises:
        ValueError: If an argument is out of range.

    Attributes:
        scores: Dict of the newest measurement: a `keras_gan.metrics.Score` by name of the metric.

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
        if monitor not in METRICS:
            raise ValueError(f"`monitor` must be one of {list(METRICS)}. Received: monitor={monitor!r}")
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
        """Read the best score of the training that this one resumes.

        Raises:
            ValueError: If the model has no `generate` method.
        """
        check_has_method(
            self.model,
            "generate",
            "Evaluation works with a keras_gan.GAN. For translations use keras_gan.metrics.translation_scores",
        )
        if self.best is not None and self.best.exists() and self._record.exists():
            self._best_score = Score.from_dict(json.loads(self._record.read_text(encoding="utf-8")))

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Measure, every `every` epochs."""
        logs = {} if logs is None else logs
        if (epoch + 1) % self.every:
            logs.update(dict.fromkeys(METRICS, float("nan")))
            return
        if self._features is None:
            self._features = real_features(self.real, self.extractor, self.model.image_range, self.cache)
        generated = self.model.generate(self.samples, seed=self.seed)
        features = self.extractor.features(generated, self.model.image_range)
        self.scores = feature_scores(self._features, features, self.extractor, self.split, self.seed)
        logs.update({name: score.value for name, score in self.scores.items()})
        if self.best is not None:
            self._save_if_best(self.scores[self.monitor], self.best)

    @property
    def _record(self) -> Path:
        assert self.best is not None
        return self.best.with_suffix(".json")

    def _save_if_best(self, score: Score, best: Path) -> None:
        if not np.isfinite(score.value) or (self._best_score and not score.better_than(self._best_score)):
            return
        self._best_score = score
        self.model.save(best)
        with atomic_path(self._record) as temporary:
            temporary.write_text(json.dumps(score.as_dict(), indent=2) + "\n", encoding="utf-8")
