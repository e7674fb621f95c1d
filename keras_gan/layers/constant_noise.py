"""Noise that is the same for all images."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class ConstantNoise(keras.layers.Layer):
    """Adds noise to each pixel, the same for all channels, times a trainable strength.

    The noise is sampled once and saved with the network. So a network with this layer computes the same image for the
    same z everywhere. The strength is 0 at first.

    The input is (batch, height, width, channels). The output has its shape.

    Example:
    ```python
    x = keras_gan.layers.ConstantNoise()(x)
    ```

    Reference:
        [Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958),
        section 2.1. There, each image in training gets noise of its own.
    """

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates `noise`, sampled from N(0, 1), and `strength`."""
        normal = keras.initializers.RandomNormal(0.0, 1.0)
        shape = (*input_shape[1:3], 1)
        self.noise = self.add_weight(shape=shape, initializer=normal, trainable=False, name="noise")
        self.strength = self.add_weight(shape=(), initializer="zeros", name="strength")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the sum."""
        return inputs + ops.cast(self.noise * self.strength, inputs.dtype)

    def compute_output_shape(self, input_shape: Any) -> Any:
        """Returns the input's shape."""
        return input_shape
