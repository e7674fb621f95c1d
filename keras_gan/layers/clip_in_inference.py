"""Clipping images in inference only."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class ClipInInference(layers.Layer):
    """Clips to [-1, 1], except in training, where clipped pixels would have no gradient.

    The input is a float tensor. The output has its shape.

    Example:
    ```python
    images = keras_gan.layers.ClipInInference()(x)
    ```
    """

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Returns the clipped inputs; in training, the inputs."""
        return inputs if training else ops.clip(inputs, -1.0, 1.0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the input's shape."""
        return input_shape
