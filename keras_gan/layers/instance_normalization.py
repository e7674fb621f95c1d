"""Instance normalisation."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class InstanceNormalization(keras.layers.Layer):
    """Instance normalisation: mean 0 and variance 1 over the pixels of each channel of each image, also in inference.

    `keras.layers.GroupNormalization(groups=-1)` computes the same, but reshapes to five dimensions. This layer stays in
    four, so exported graphs have half as many operations and run faster. Mean and variance are computed in float32, or
    in float64 if that is the compute dtype. The output has the compute dtype.

    Args:
        epsilon: Summand of the variance. Defaults to 1e-5.
        affine: `True` to multiply by a trainable `gamma` and add a trainable `beta`, one of each for each channel.
            Defaults to `False`.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If the image has one pixel, which would become 0 whatever its value.

    Example:
    ```python
    x = keras.layers.Conv2D(64, 3)(images)
    x = keras_gan.layers.InstanceNormalization()(x)
    ```

    Reference:
        [Ulyanov et al., 2016, Instance Normalization: The Missing Ingredient for Fast
        Stylization](https://arxiv.org/abs/1607.08022), equation 5.
    """

    def __init__(self, epsilon: float = 1e-5, affine: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.epsilon = epsilon
        self.affine = affine
        self.input_spec = keras.layers.InputSpec(ndim=4)
        self.gamma = self.beta = None

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates `gamma` and `beta` if `affine` is true."""
        if self.affine:
            self.gamma = self.add_weight(shape=input_shape[-1:], initializer="ones", name="gamma")
            self.beta = self.add_weight(shape=input_shape[-1:], initializer="zeros", name="beta")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the normalised images.

        Args:
            inputs: Float tensor (batch, height, width, channels). Only the channels must be known.
        """
        self._check(inputs.shape)
        x = ops.cast(inputs, keras.backend.result_type(self.compute_dtype, "float32"))
        # Not `ops.moments`, which stops the gradient of the mean on TensorFlow: the second derivative would be wrong.
        mean = ops.mean(x, axis=(1, 2), keepdims=True)
        variance = ops.mean(ops.square(x - mean), axis=(1, 2), keepdims=True)
        scale = ops.rsqrt(variance + self.epsilon)
        if self.gamma is not None:
            scale *= ops.cast(self.gamma, x.dtype)
        x = (x - mean) * scale
        if self.beta is not None:
            x += ops.cast(self.beta, x.dtype)
        return ops.cast(x, self.compute_dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the input's shape."""
        self._check(input_shape)
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"epsilon": self.epsilon, "affine": self.affine}

    def _check(self, shape: tuple[int | None, ...]) -> None:
        if tuple(shape[1:3]) == (1, 1):
            raise ValueError(
                f"`inputs` must have more than one pixel, for {self.name!r} to normalise over. "
                f"Received: shape={tuple(shape)}. Use larger images, or a network that halves them less often."
            )
