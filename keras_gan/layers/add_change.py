"""Adding a change to an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers, ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class AddChange(layers.Layer):
    """Adds a change to an image, and clips the sum to [-1, 1] except in training.

    In training the sum is not clipped, because clipped pixels would have no gradient. Loss and discriminator see values
    outside of the range, and so bring them back.

    The input is `[image, change]`, two float tensors of the same shape. The output has this shape.

    Raises:
        ValueError: If the shapes differ.

    Example:
    ```python
    image = keras_gan.layers.AddChange()([image, change])
    ```
    """

    def call(self, inputs: Sequence[Tensor], training: bool = False) -> Tensor:
        """Returns the sum of image and change."""
        image, change = inputs
        self.compute_output_shape((image.shape, change.shape))  # Keras calls it only for symbolic inputs
        total = image + change
        return total if training else ops.clip(total, -1.0, 1.0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the shape of the image."""
        image, change = input_shape
        if any(None not in sizes and len(set(sizes)) > 1 for sizes in zip(image, change, strict=True)):
            raise ValueError(f"`change` must have the shape of `image`. Received: image {image}, change {change}")
        return image
