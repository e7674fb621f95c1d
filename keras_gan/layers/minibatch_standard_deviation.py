"""Standard deviation over the images of a batch, as a feature."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class MinibatchStandardDeviation(keras.layers.Layer):
    """Adds a channel with the mean standard deviation of the features within a group of images.

    It shows the discriminator how much the images of a batch differ, so that a generator of similar images is
    detected. Image i is in the same group as images i + n, i + 2n, ..., for a batch of n groups.

    The input is (batch, height, width, channels). The output has one channel more.

    Args:
        group_size: Largest number of images in a group. If it does not divide the batch, the next smaller divisor is
            used. Defaults to 4.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `group_size` is below 1.

    Example:
    ```python
    x = keras_gan.layers.MinibatchStandardDeviation()(x)
    ```

    Reference:
        [Karras et al., 2018, Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), section 3.
    """

    def __init__(self, group_size: int = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if group_size < 1:
            raise ValueError(f"`group_size` must be at least 1. Received: group_size={group_size}")
        self.group_size = group_size
        self.input_spec = keras.layers.InputSpec(ndim=4)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the features with the additional channel."""
        batch = ops.shape(inputs)[0]
        _, height, width, channels = inputs.shape
        sizes = ops.arange(1, self.group_size + 1)
        group = ops.max(ops.where(batch % sizes == 0, sizes, 1))
        x = ops.reshape(ops.cast(inputs, "float32"), (group, batch // group, height, width, channels))
        variance = ops.mean(ops.square(x - ops.mean(x, axis=0, keepdims=True)), axis=0)
        deviation = ops.mean(ops.sqrt(variance + 1e-8), axis=(1, 2, 3))
        deviation = ops.reshape(ops.broadcast_to(deviation, (group, batch // group)), (batch, 1, 1, 1))
        channel = ops.broadcast_to(ops.cast(deviation, inputs.dtype), (batch, height, width, 1))
        return ops.concatenate([inputs, channel], axis=-1)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the shape with one channel more."""
        batch, height, width, channels = input_shape
        assert channels is not None
        return (batch, height, width, channels + 1)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"group_size": self.group_size}
