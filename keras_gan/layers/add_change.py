"""Adding to an image what shall change in it."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("keras_gan")
class AddChange(layers.Layer):
    """The sum of an image and a change of it, clipped to [-1, 1] except in training.

    In training the sum is left as it is: a clipped pixel would have no gradient, and what lies past the range is seen
    by the loss and by the discriminator, which bring it back.

    Inputs: `[image, change]`, two float tensors of one shape.

    Output: A tensor of that shape.

    Raises:
        ValueError: If the shapes differ.

    Example:
    ```python
    image = keras_gan.layers.AddChange()([image, change])
    ```
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Add, and clip."""
        image, change = inputs
        self.compute_output_shape((image.shape, change.shape))  # Keras asks it of symbolic inputs alone
        total = image + change
        return total if training else ops.clip(total, -1.0, 1.0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the image."""
        image, change = input_shape
        if any(None not in sizes and len(set(sizes)) > 1 for sizes in zip(image, change, strict=True)):
            raise ValueError(f"The change must be of the image's shape. Received: image {image}, change {change}")
        return image
