"""Features by a function of the user's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan.images import to_float
from keras_gan.metrics.extractor import FeatureExtractor, protocol_of
from keras_gan.metrics.pixels import checked_images

NOT_SAID = "not said"


class UserExtractor:
    """Any function from images to features, with the name and the version that tell its figures from others.

    Args:
        function: From float32 images in [-1, 1], (n, height, width, 1 or 3), to features, (n, d) or of more
            dimensions, which are flattened.
        name: What a figure's name ends with.
        version: Which weights, which code: whatever changes the figures must change it.
        resize: How the function resizes the images. Defaults to "none".
        input_size: To which height and width. Defaults to `None`, their own.

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
        function: Callable[[np.ndarray], Any],
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
        """What a figure depends on beside the images."""
        return protocol_of(self)

    def features(self, images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
        """Describe each image by what the function returns.

        Args:
            images: (n, height, width, 1 or 3): floats in `image_range`, or uint8.
            image_range: The values of black and of white, for floats. Defaults to (-1.0, 1.0).

        Returns:
            A float32 array (n, d).

        Raises:
            ValueError: If the images have another shape or values outside of `image_range`, or the function does not
                return a row for each.
        """
        images = checked_images(images, image_range)
        if images.dtype != np.uint8:
            low, high = image_range
            images = (images.astype(np.float32) - low) * np.float32(2 / (high - low)) - 1
        found = np.asarray(self.function(to_float(images)), np.float32)
        if found.ndim < 2 or len(found) != len(images):
            raise ValueError(
                f"The function of {self.name!r} must return a row of features for each of {len(images)} images. "
                f"Received: shape {found.shape}"
            )
        return found.reshape(len(found), -1)


def as_extractor(extractor: Any) -> FeatureExtractor:
    """An extractor as it is, or made of a function.

    Args:
        extractor: A `FeatureExtractor`, a function from images to features, or `None` for `EfficientNetLite0()`. A
            function's name becomes the extractor's; give a `UserExtractor` to say a version.

    Raises:
        ValueError: If it is none of those.
    """
    from keras_gan.metrics.efficientnet_lite0 import EfficientNetLite0

    if extractor is None:
        return EfficientNetLite0()
    if isinstance(extractor, FeatureExtractor):
        return extractor
    if callable(extractor):
        return UserExtractor(extractor, getattr(extractor, "__name__", type(extractor).__name__), NOT_SAID)
    raise ValueError(
        "`extractor` must be a FeatureExtractor, a function from images to features, or None. "
        f"Received: {type(extractor).__name__}"
    )
