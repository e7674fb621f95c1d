"""Dense layer and convolution with an equalised learning rate."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class EqualizedDense(keras.layers.Dense):
    """`keras.layers.Dense` whose weights are stored with variance 1 and scaled when they are used.

        y = activation(x W * c / sqrt(fan-in) + b * c),  W ~ N(0, 1 / c^2)

    c is `multiplier`. So Adam changes all weights of a network equally fast in relation to their size. With c < 1 a
    layer learns more slowly by this factor.

    Args:
        units: Length of the output.
        multiplier: Factor c of the learning rate, above 0. Defaults to 1.0.
        **kwargs: Arguments of `keras.layers.Dense`.

    Raises:
        ValueError: If `multiplier` is not positive.

    Example:
    ```python
    w = keras_gan.layers.EqualizedDense(512, multiplier=0.01)(z)
    ```

    Reference:
        - [Karras et al., 2018, Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), section 4.1.
        - `multiplier`: [Karras et al., 2019, A Style-Based Generator Architecture](https://arxiv.org/abs/1812.04948),
          appendix C.
    """

    def __init__(self, units: int, multiplier: float = 1.0, **kwargs: Any) -> None:
        if not multiplier > 0:
            raise ValueError(f"`multiplier` must be above 0. Received: multiplier={multiplier}")
        kwargs.setdefault("kernel_initializer", keras.initializers.RandomNormal(0.0, 1 / multiplier))
        super().__init__(units, **kwargs)
        self.multiplier = multiplier

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the product with the scaled weights.

        Args:
            inputs: Float tensor (batch, channels).
        """
        x = ops.matmul(inputs, self.kernel * (self.multiplier / math.sqrt(self.kernel.shape[0])))
        if self.bias is not None:
            x = ops.add(x, self.bias * self.multiplier)
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"multiplier": self.multiplier}


@keras.saving.register_keras_serializable("keras_gan")
class EqualizedConv2D(keras.layers.Conv2D):
    """`keras.layers.Conv2D` whose kernel is stored with variance 1 and divided by sqrt(fan-in) when it is used.

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel.
        **kwargs: Arguments of `keras.layers.Conv2D`, except `data_format` and `groups`.

    Example:
    ```python
    x = keras_gan.layers.EqualizedConv2D(64, 3, padding="same")(images)
    ```

    Reference:
        [Karras et al., 2018, Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), section 4.1.
    """

    def __init__(self, filters: int, kernel_size: Any, **kwargs: Any) -> None:
        kwargs.setdefault("kernel_initializer", keras.initializers.RandomNormal(0.0, 1.0))
        super().__init__(filters, kernel_size, data_format="channels_last", **kwargs)

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the convolution with the scaled kernel.

        Args:
            inputs: Float tensor (batch, height, width, channels).
        """
        x = self.convolution_op(inputs, self.kernel / math.sqrt(math.prod(self.kernel.shape[:-1])))
        if self.use_bias:
            x = ops.add(x, self.bias)
        return x if self.activation is None else self.activation(x)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return {key: value for key, value in super().get_config().items() if key not in ("data_format", "groups")}
