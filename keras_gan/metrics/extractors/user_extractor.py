"""Extractor that wraps a function of the user."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from keras_gan.images import to_float
from keras_gan.metrics.extractors.feature_extractor import ExtractorLike, FeatureExtractor, protocol_of
from keras_gan.metrics.extractors.preprocessing import check_images

UNKNOWN_VERSION = "unknown"


class UserExtractor:
    """Extractor that wraps any function from images to features, with a name and a version.

    Args:
        function: Function from float32 images in [-1, 1], (n, height, width, 1 or 3), to features, (n, d). Features
            with more dimensions are flattened.
        name: Suffix of the names of metrics, as in "KID-name".
        version: Version of the function and its weights. It must change whenever the features may change.
        resize: Description of how the function resizes the images. Defaults to "none".
        input_size: Height and width that the function resizes the images to. Defaults to `None`, not resized.

    Raises:
        ValueError: If `name` or `version` is empty.

    Example:
    ```python
    pixels = keras_gan.metrics.UserExtractor(lambda images: images, name="pixels", version="1")
    distance = keras_gan.metrics.sliced_wasserstein(pixels.features(real), pixels.features(fake))
    ```
    """

    def __init__(
        self,
        function: Callable[[np.ndarray], ArrayLike],
        name: str,
        version: str,
        resize: str = "none",
        input_size: int | None = None,
    ) -> None:
        if not name or not version:
            raise ValueError(f"`name` and `version` must not be empty. Received: name={name!r}, version={version!r}")
        self.function = function
        self.name = name
        self.version = version
        self.resize = resize
        self.input_size = input_size

    def protocol(self) -> dict[str, Any]:
        """Returns everything that a metric depends on except the images."""
        return protocol_of(self)

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Computes a row of features for each image.

        Args:
            images: Images, (n, height, width, 1 or 3), uint8 or floats in `image_range`.
            image_range: Values of black and of white in float images. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, d).

        Raises:
            ValueError: If the images have another shape, or values outside `image_range`. Also if the function does not
                return one row of features for each image.
        """
        images = check_images(images, image_range)
        if images.dtype != np.uint8:
            low, high = image_range
            images = (images.astype(np.float32) - low) * np.float32(2 / (high - low)) - 1
        features = np.asarray(self.function(to_float(images)), np.float32)
        if features.ndim < 2 or len(features) != len(images):
            raise ValueError(
                f"The function of {self.name!r} must return a row of features for each of {len(images)} images. "
                f"Received: shape {features.shape}"
            )
        return features.reshape(len(features), -1)


def as_extractor(extractor: ExtractorLike) -> FeatureExtractor:
    """Returns an extractor as it is, and wraps a function in a `UserExtractor`.

    Args:
        extractor: A `FeatureExtractor`, a function from images to features, or `None` for `EfficientNetLite0()`. The
            name of a function becomes that of the extractor. Its version is unknown.

    Raises:
        ValueError: If `extractor` has another type.
    """
    from keras_gan.metrics.extractors.efficientnet_lite0 import EfficientNetLite0

    if extractor is None:
        return EfficientNetLite0()
    if isinstance(extractor, FeatureExtractor):
        return extractor
    if callable(extractor):
        return UserExtractor(extractor, getattr(extractor, "__name__", type(extractor).__name__), UNKNOWN_VERSION)
    raise ValueError(
        "`extractor` must be a FeatureExtractor, a function from images to features, or None. "
        f"Received: {type(extractor).__name__}"
    )
