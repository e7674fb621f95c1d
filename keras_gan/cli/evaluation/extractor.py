"""The option `--extractor`."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from keras_gan.metrics import FeatureExtractor


def parse_extractor(asked: str, batch_size: int) -> FeatureExtractor:
    """Return the feature extractor that an option names, such as "efficientnet:128" or "inception:weights.h5".

    Args:
        asked: Text of the option: efficientnet, efficientnet:SIZE, inception, inception:FILE or pixels.
        batch_size: Number of images in one call of the network.

    Raises:
        ValueError: If no extractor has this name.
        FileNotFoundError: If the file is missing.
    """
    from keras_gan import metrics

    name, _, rest = asked.partition(":")
    if name == "efficientnet" and (not rest or rest.isdecimal()):
        size = {"input_size": int(rest)} if rest else {}
        return metrics.EfficientNetLite0(batch_size=batch_size, progress=True, **size)
    if name == "inception":
        return metrics.InceptionV3(rest or "imagenet", batch_size=batch_size)
    if asked == "pixels":
        return metrics.UserExtractor(_pixels, name="pixels", version="1")
    raise ValueError(
        f"--extractor must be efficientnet, efficientnet:SIZE, inception, inception:FILE or pixels. Received: {asked}"
    )


def _pixels(images: np.ndarray) -> np.ndarray:
    return images
