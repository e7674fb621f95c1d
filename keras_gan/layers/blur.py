"""Low-pass filter."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops

from keras_gan.typing import Tensor

FILTER = np.array([1, 3, 3, 1], np.float32) / 8


@keras.saving.register_keras_serializable("keras_gan")
class Blur2D(layers.Layer):
    """Filters images by [1, 3, 3, 1] / 8 along each axis, with zeros outside of the image.

    StyleGAN2 filters before a convolution with stride 2, and after a transposed convolution, so that no frequency is
    mistaken for another one. The filter is computed by two depthwise convolutions.

    The input is (batch, height, width, channels). The output has 2 * `padding` - 3 pixels more along each axis.

    Args:
        padding: Number of pixels with value 0 on each side. Defaults to 2.
        gain: Factor of the result. Defaults to 1.0.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
    ```python
    x = keras_gan.layers.Blur2D(padding=2)(x)
    x = keras.layers.Conv2D(64, 3, strides=2)(x)  # half of the size before the filter
    ```

    Reference:
        [Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958),
        appendix B.
    """

    def __init__(self, padding: int = 2, gain: float = 1.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.padding = padding
        self.gain = gain

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the filtered images."""
        return blur(inputs, self.padding, self.gain)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the shape with 2 * `padding` - 3 pixels more along each axis."""
        batch, height, width, channels = input_shape
        more = 2 * self.padding - 3
        return (batch, *(None if size is None else size + more for size in (height, width)), channels)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"padding": self.padding, "gain": self.gain}


def blur(images: Tensor, padding: int, gain: float) -> Tensor:
    """Returns images filtered by [1, 3, 3, 1] / 8 along each axis, times a gain.

    Args:
        images: Float tensor (batch, height, width, channels).
        padding: Number of pixels with value 0 on each side.
        gain: Factor of the result.
    """
    images = ops.pad(images, ((0, 0), (padding, padding), (padding, padding), (0, 0)))
    row = np.tile((FILTER * np.sqrt(gain))[:, None, None, None], (1, 1, images.shape[-1], 1))
    for kernel in (row, row.transpose(1, 0, 2, 3)):
        images = ops.depthwise_conv(
            images, ops.cast(kernel, images.dtype), padding="valid", data_format="channels_last"
        )
    return images
