"""Convolution whose weights depend on a style."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_gan.layers.blur import blur
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class ModulatedConv2D(keras.layers.Layer):
    """Convolution whose input channels are scaled by a style, and whose output channels have variance 1 (StyleGAN2).

        w'_ijk = s_i w_ijk
        w''_ijk = w'_ijk / sqrt(sum_ik w'_ijk^2 + epsilon)

    i and j count the channels of input and output, k the pixels of the kernel. Each image has weights of its own. This
    layer scales the input by s, convolves all images with w, and scales the output, which computes the same. It then
    adds a bias.

    The input is `[x, style]`: features (batch, height, width, channels), and styles (batch, channels).

    Args:
        filters: Number of output channels.
        kernel_size: Height and width of the kernel, odd.
        demodulate: `False` for w' in place of w'', scaled by 1 / sqrt(fan-in). Defaults to `True`.
        upsample: `True` to double height and width. The filter [1, 3, 3, 1] follows the transposed convolution.
            Defaults to `False`.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `kernel_size` is even, or `upsample` is given with another kernel than 3x3.

    Example:
    ```python
    style = keras_gan.layers.EqualizedDense(64, bias_initializer="ones")(w)
    x = keras_gan.layers.ModulatedConv2D(32, 3, upsample=True)([x, style])
    ```

    Reference:
        [Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958),
        section 2.2, equations 1 and 3.
    """

    def __init__(
        self, filters: int, kernel_size: int, demodulate: bool = True, upsample: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        if kernel_size % 2 == 0 or (upsample and kernel_size != 3):
            raise ValueError(
                "`kernel_size` must be odd, and 3 to upsample. "
                f"Received: kernel_size={kernel_size}, upsample={upsample}"
            )
        self.filters = filters
        self.kernel_size = kernel_size
        self.demodulate = demodulate
        self.upsample = upsample

    def build(self, input_shape: Any) -> None:
        """Creates the kernel, sampled from N(0, 1), and the bias."""
        channels = input_shape[0][-1]
        # TensorFlow's transposed convolution takes (height, width, output channels, input channels).
        ends = (self.filters, channels) if self.upsample else (channels, self.filters)
        shape = (self.kernel_size, self.kernel_size, *ends)
        self.kernel = self.add_weight(shape=shape, initializer=keras.initializers.RandomNormal(0.0, 1.0), name="kernel")
        self.bias = self.add_weight(shape=(self.filters,), initializer="zeros", name="bias")

    def call(self, inputs: list[Tensor]) -> Tensor:
        """Returns the convolved features, (batch, height, width, filters), or twice this size."""
        x, style = inputs
        kernel = ops.convert_to_tensor(self.kernel)
        if not self.demodulate:
            style = style / math.sqrt(self.kernel_size**2 * x.shape[-1])
        x = x * style[:, None, None, :]
        if self.upsample:
            x = ops.conv_transpose(x, kernel, strides=2, padding="valid", data_format="channels_last")
            x = blur(x, padding=1, gain=4.0)
        else:
            x = ops.conv(x, kernel, padding="same", data_format="channels_last")
        if self.demodulate:
            squares = ops.sum(ops.square(ops.cast(kernel, "float32")), axis=(0, 1))
            squares = ops.transpose(squares) if self.upsample else squares
            norm = ops.rsqrt(ops.matmul(ops.square(ops.cast(style, "float32")), squares) + 1e-8)
            x = x * ops.cast(norm, x.dtype)[:, None, None, :]
        return x + ops.cast(self.bias, x.dtype)

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Returns (batch, height, width, filters), or twice this size."""
        batch, height, width, _ = input_shape[0]
        factor = 2 if self.upsample else 1
        return (batch, height * factor, width * factor, self.filters)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        names = ("filters", "kernel_size", "demodulate", "upsample")
        return super().get_config() | {name: getattr(self, name) for name in names}
