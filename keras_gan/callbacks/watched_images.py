"""Images whose logits `TrainingHealth` compares."""

from __future__ import annotations

from typing import Any

import numpy as np
from keras import ops

from keras_gan.models.gan import GAN
from keras_gan.models.image_check import ImageCheck

BATCH_SIZE = 64


class WatchedImages:
    """Images, with labels for a model with classes.

    Args:
        name: Name of the images in errors.
        data: Images, uint8 or floats (n, height, width, channels), at least 2; or (images, labels).

    Raises:
        ValueError: If there are fewer than 2 images.
    """

    def __init__(self, name: str, data: Any) -> None:
        self.name = name
        self.images, self.labels = data if isinstance(data, tuple) else (data, None)
        if len(self.images) < 2:
            raise ValueError(f"Expected at least 2 `{name}` images. Received: {len(self.images)}")

    def check_fit(self, gan: GAN, needs_labels: bool) -> None:
        """Raises `ValueError` if the images do not fit the model, or labels are missing that D needs."""
        if needs_labels and (self.labels is not None) != (gan.num_classes is not None):
            raise ValueError(
                "`real` and `held_out` must be (images, labels) for a model with classes, and images otherwise. "
                f"Received: num_classes={gan.num_classes}"
            )
        ImageCheck(gan.image_shape, gan.image_range, expect_negative=False).check_arrays(self.in_range(gan))

    def in_range(self, gan: GAN) -> np.ndarray:
        """Returns the images as floats in the model's range."""
        images = np.asarray(self.images)
        low, high = gan.image_range
        return images.astype(np.float32) / 255 * (high - low) + low if images.dtype == np.uint8 else images

    def logits(self, gan: GAN) -> np.ndarray:
        """Returns D's mean logit for each image, in inference mode and without augmentation."""
        images = self.in_range(gan)
        logits = []
        for i in range(0, len(images), BATCH_SIZE):
            part = slice(i, i + BATCH_SIZE)
            inputs = images[part] if self.labels is None else [images[part], np.asarray(self.labels)[part]]
            outputs = ops.convert_to_numpy(gan.discriminator(inputs, training=False)).astype(np.float32)
            logits.append(outputs.reshape(len(outputs), -1).mean(axis=1))
        return np.concatenate(logits)
