"""Keeping images in range where they are looked at."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


@keras.saving.register_keras_serializable("keras_gan")
class ClipInInference(layers.Layer):
    """Clip to [-1, 1], except in training.

    In training nothing is changed, as by `AddChange`: a clipped pixel would have no gradient.

    Input: A float tensor. Output: A tensor of its shape.

    Example:
    ```python
    images = keras_gan.layers.ClipInInference()(x)
    ```
    """

    def call(self, inputs: Any, training: bool = False) -> Any:
        """Clip."""
        return inputs if training else ops.clip(inputs, -1.0, 1.0)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """The input's shape."""
        return input_shape
