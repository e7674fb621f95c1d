"""Features of a set of TensorFlow Datasets that hold the images and the labels."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gan.datasets.decoding.images import StoredShape, with_opacity


def image_shape(builder: Any) -> StoredShape:
    """Returns (height, width, channels) as stored. Height and width are `None` if the images differ in size."""
    height, width, channels = builder.info.features[image_key(builder)].shape
    return height, width, 1 if channels in (1, 2) else 3


def is_deep(builder: Any) -> bool:
    """Returns `True` for images of 16 bits or of floats."""
    return np.dtype(builder.info.features[image_key(builder)].np_dtype) != np.uint8


def deep_values(builder: Any, encoded: bytes) -> np.ndarray:
    """Decodes an image of 16 bits or of floats.

    Returns:
        Values as stored, (height, width, 1, 3 or 4). A fourth channel is the opacity, from 0 to 1.
    """
    import tensorflow as tf

    if np.dtype(builder.info.features[image_key(builder)].np_dtype) == np.uint16:
        values = tf.io.decode_png(encoded, dtype=tf.uint16).numpy()
        grey = values.shape[-1] == 2  # with opacity
        return with_opacity(np.repeat(values, (3, 1), axis=-1) if grey else values)
    # TensorFlow Datasets keeps a float in the four bytes of a pixel.
    floats: np.ndarray = tf.io.decode_png(encoded, channels=4).numpy().view(np.float32)
    return floats


def image_key(builder: Any) -> str:
    """Returns the name of the feature that holds the images.

    Raises:
        ValueError: If the set has no images.
    """
    import tensorflow_datasets as tfds

    key = _feature(builder, tfds.features.Image, "image")
    if key is None:
        raise ValueError(f"Expected a set of images. Received: {builder.name!r} of {sorted(builder.info.features)}")
    return key


def label_key(builder: Any) -> str | None:
    """Returns the name of the feature that holds the labels, or `None`."""
    import tensorflow_datasets as tfds

    return _feature(builder, tfds.features.ClassLabel, "label")


def _feature(builder: Any, kind: type, preferred: str) -> str | None:
    # A subclass of Image may hold something else, such as a segmentation mask.
    keys = [key for key, feature in builder.info.features.items() if type(feature) is kind]
    return preferred if preferred in keys else next(iter(keys), None)
