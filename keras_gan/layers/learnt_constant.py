"""A trainable feature map."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class LearntConstant(keras.layers.Layer):
    """Returns one trainable feature map for each row of its input, whose values do not matter.

    StyleGAN2's generator begins with it: z changes the image through styles only.

    Args:
        shape: (height, width, channels) of the map.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
    ```python
    x = keras_gan.layers.LearntConstant((4, 4, 512))(w)
    ```

    Reference:
        [Karras et al., 2019, A Style-Based Generator Architecture](https://arxiv.org/abs/1812.04948), section 2.
    """

    def __init__(self, shape: tuple[int, int, int], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.shape = tuple(shape)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates the map, sampled from N(0, 1)."""
        normal = keras.initializers.RandomNormal(0.0, 1.0)
        self.constant = self.add_weight(shape=self.shape, initializer=normal, name="constant")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the maps, (batch, height, width, channels)."""
        ones = ops.ones_like(inputs[..., :1])
        return ops.reshape(ones, (-1, 1, 1, 1)) * ops.cast(self.constant, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns (batch, height, width, channels)."""
        return (input_shape[0], *self.shape)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"shape": self.shape}
