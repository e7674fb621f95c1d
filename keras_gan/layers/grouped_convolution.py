"""Convolutions within groups of channels."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan")
class GroupedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` with `groups`, as one convolution for each group.

    Keras wraps a grouped convolution in a function compiled by XLA, as TensorFlow has no gradient of one on a CPU; that
    function cannot be exported to ONNX. Arguments, weights and values are those of `keras.layers.Conv2D`.

    Args:
        filters: As `keras.layers.Conv2D`, like all arguments.
        kernel_size: Height and width of the kernel.
        groups: How many groups; it divides the channels of the input and `filters`. Defaults to 1.
        **kwargs: As `keras.layers.Conv2D`, but for `data_format`.

    Raises:
        ValueError: As `keras.layers.Conv2D`.

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

    def call(self, inputs: Any) -> Any:
        """Convolve each group by itself.

        Args:
            inputs: (batch, height, width, channels).
        """
        x = ops.split(inputs, self.groups, -1)
        x = [self.convolution_op(*part) for part in zip(x, ops.split(self.kernel, self.groups, -1), strict=True)]
        if self.use_bias:
            # Group by group, as a runtime adds it within the convolution: in 8 bits that is rounded once, not twice.
            x = [ops.add(*part) for part in zip(x, ops.split(self.bias, self.groups), strict=True)]
        x = ops.concatenate(x, -1)
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return {key: value for key, value in super().get_config().items() if key != "data_format"}
