"""Layer normalisation of images."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class ImageNormalization(keras.layers.Layer):
    """Layer normalisation of images: mean 0 and variance 1 over height, width and channels of each image.

    The result is multiplied by a trainable `gamma` and added to a trainable `beta`, one of each for each channel.
    WGAN-GP's official code uses this layer in place of DCGAN's batch normalisation.

    `keras.layers.GroupNormalization(1)` computes the same. But the second derivative of Keras's moments, which a
    gradient penalty needs, is wrong on TensorFlow. `keras.layers.LayerNormalization` has one weight for each pixel.
    Mean and variance are computed in float32, or in float64 if that is the compute dtype.

    Args:
        epsilon: Summand of the variance. Defaults to 1e-5.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
    ```python
    x = keras.layers.Conv2D(64, 4, strides=2)(images)
    x = keras_gan.layers.ImageNormalization()(x)
    ```

    Reference:
        - [Ba et al., 2016, Layer Normalization](https://arxiv.org/abs/1607.06450), equation 3.
        - [Gulrajani et al., 2017, Improved Training of Wasserstein GANs](https://arxiv.org/abs/1704.00028), section 4.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates `gamma` and `beta`."""
        self.gamma = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="beta")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the normalised images.

        Args:
            inputs: Float tensor (batch, height, width, channels).
        """
        x = ops.cast(inputs, keras.backend.result_type(self.compute_dtype, "float32"))
        x -= ops.mean(x, axis=(1, 2, 3), keepdims=True)
        x *= ops.rsqrt(ops.mean(ops.square(x), axis=(1, 2, 3), keepdims=True) + self.epsilon)
        return ops.cast(x * ops.cast(self.gamma, x.dtype) + ops.cast(self.beta, x.dtype), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"epsilon": self.epsilon}
