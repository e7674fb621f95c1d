"""Normalising all features of an image together."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan")
class ImageNormalization(keras.layers.Layer):
    """Layer normalisation of images: mean 0 and variance 1 over height, width and channels of each, then a scale.

    It is what WGAN-GP's official code has where DCGAN has batch normalisation: a learnt `gamma` and `beta` for each
    channel. `keras.layers.LayerNormalization` would have one for each pixel, and `keras.layers.GroupNormalization(1)`
    is the same layer, but the gradient's gradient of Keras's moments, which a gradient penalty needs, is wrong on
    TensorFlow. Mean and variance are computed in float32, or in float64 where that is the compute dtype.

    Args:
        epsilon: Added to the variance. Defaults to 1e-5.
        **kwargs: As `keras.layers.Layer`.

    Example:
    ```python
    x = keras.layers.Conv2D(64, 4, strides=2)(images)
    x = keras_gan.layers.ImageNormalization()(x)
    ```

    Reference:
        [Ba et al., 2016, Layer Normalization](https://arxiv.org/abs/1607.06450), equation 3;
        [Gulrajani et al., 2017, Improved Training of Wasserstein GANs](https://arxiv.org/abs/1704.00028), section 4.
    """

    def __init__(self, epsilon: float = 1e-5, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Create `gamma` and `beta`."""
        self.gamma = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gamma")
        self.beta = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="beta")

    def call(self, inputs: Any) -> Any:
        """Normalise images.

        Args:
            inputs: (batch, height, width, channels).
        """
        x = ops.cast(inputs, keras.backend.result_type(self.compute_dtype, "float32"))
        x -= ops.mean(x, axis=(1, 2, 3), keepdims=True)
        x *= ops.rsqrt(ops.mean(ops.square(x), axis=(1, 2, 3), keepdims=True) + self.epsilon)
        return ops.cast(x * ops.cast(self.gamma, x.dtype) + ops.cast(self.beta, x.dtype), self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """The input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return super().get_config() | {"epsilon": self.epsilon}
