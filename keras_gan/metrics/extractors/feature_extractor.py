"""Interface of the networks that compute the features which the metrics compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol, TypeAlias, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike


@runtime_checkable
class FeatureExtractor(Protocol):
    """Interface of a network that computes features of images, with its preprocessing.

    Two values of a metric are comparable only if their extractors return equal `protocol`s. Store it beside the value.

    Example:
    ```python
    extractor = keras_gan.metrics.EfficientNetLite0()
    distance = keras_gan.metrics.kernel_distance(extractor.features(real), extractor.features(fake))
    print(f"KID-{extractor.name}", distance.mean, extractor.protocol())
    ```
    """

    @property
    def name(self) -> str:
        """Suffix of the names of metrics, as in "KID-EffLite0"."""

    @property
    def version(self) -> str:
        """Version of the weights."""

    @property
    def input_size(self) -> int | None:
        """Height and width that images are resized to, or `None` if they are not resized."""

    @property
    def resize(self) -> str:
        """Description of the resize filter."""

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Computes a row of features for each image.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, d).
        """

    def protocol(self) -> dict[str, Any]:
        """Returns everything that a metric depends on except the images, as plain data."""


ExtractorLike: TypeAlias = FeatureExtractor | Callable[[np.ndarray], ArrayLike] | None
"""An extractor, a function from images to features, or `None` for `EfficientNetLite0()`."""


def protocol_of(extractor: FeatureExtractor) -> dict[str, Any]:
    """Returns the protocol of an extractor; see `FeatureExtractor.protocol`."""
    import keras_gan

    return {
        "extractor": extractor.name,
        "version": extractor.version,
        "input_size": extractor.input_size,
        "resize": extractor.resize,
        "keras_gan": keras_gan.__version__,
    }
