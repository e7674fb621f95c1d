"""Grouped convolution."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with `groups`, computed as one convolution for each group.

    TensorFlow has no gradient of a grouped convolution on a CPU, so Keras compiles it with XLA. This compiled function
    cannot be exported to ONNX. Arguments, weights and values are those of `keras.layers.Conv2D`.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel.
        groups: Number of groups. It must divide the input channels and `filters`. Defaults to 1.
        **kwargs: Arguments of `keras.layers.Conv2D`, except `data_format`.

    Raises:
        ValueError: If `keras.layers.Conv2D` raises it.

    Example:
    ```python
    x = keras_gan.layers.GroupedConv2D(64, 3, groups=4, padding="same")(x)
    ```

    Reference:
        [Xie et al., 2017, Aggregated Residual Transformations for Deep Neural
        Networks](https://arxiv.org/abs/1611.05431), section 3.
    """

    def __init__(self, filters: int, kernel_size: Any, groups: int = 1, **kwargs: Any) -> None:
        super().__init__(filters, kernel_size, groups=groups, data_format="channels_last", **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the convolution.

        Args:
            inputs: Float tensor (batch, height, width, channels).
        """
        x = ops.split(inputs, self.groups, -1)
        x = [self.convolution_op(*part) for part in zip(x, ops.split(self.kernel, self.groups, -1), strict=True)]
        if self.use_bias:
            # Added to each group, so that runtimes fuse it with the convolution: in 8 bits one rounding instead of two.
            x = [ops.add(*part) for part in zip(x, ops.split(self.bias, self.groups), strict=True)]
        x = ops.concatenate(x, -1)
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return {key: value for key, value in super().get_config().items() if key != "data_format"}
