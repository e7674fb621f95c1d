"""What turns images into the features that the metrics compare."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

import numpy as np


@runtime_checkable
class FeatureExtractor(Protocol):
    """A network that describes images, with the rule by which they come to it.

    A figure computed with one is comparable with another's only where all that `protocol` returns is equal: keep it
    beside the figure.

    Example:
    ```python
    extractor = keras_gan.metrics.EfficientNetLite0()
    distance = keras_gan.metrics.kernel_distance(extractor.features(real), extractor.features(fake))
    print(f"KID-{extractor.name}", distance.mean, extractor.protocol())
    ```
    """

    @property
    def name(self) -> str:
        """What a figure's name ends with: KID-name, Frechet-name."""

    @property
    def version(self) -> str:
        """Which weights."""

    @property
    def input_size(self) -> int | None:
        """The height and width that images are resized to; `None` where they keep their own."""

    @property
    def resize(self) -> str:
        """How they are resized."""

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Describe each image by a row of numbers.

        Args:
            images: (n, height, width, 1 or 3): floats in `image_range`, or uint8.
            image_range: The values of black and of white, for floats. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, d).
        """

    def protocol(self) -> dict[str, Any]:
        """All that a figure depends on beside the images, as plain data."""


def protocol_of(extractor: FeatureExtractor) -> dict[str, Any]:
    """What `FeatureExtractor.protocol` returns: the extractor, its weights, size, resize rule, this library's version.

    Args:
        extractor: Whose.
    """
    import keras_gan

    return {
        "extractor": extractor.name,
        "version": extractor.version,
        "input_size": extractor.input_size,
        "resize": extractor.resize,
        "keras_gan": keras_gan.__version__,
    }
