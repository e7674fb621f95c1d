"""Moving an image as a whole, by as much as another layer says."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan")
class ScaleAndShift(keras.layers.Layer):
    """Enlarge each image about its middle and move it, along either axis by itself: a spatial transformer.

    Pixels lie at u from -1, the first one's outer edge, to 1, the last one's. The output at u is the image at

        u / exp(reach * tanh(s)) + reach * tanh(t)

    with one s and one t for each axis, interpolated linearly; past the border the border's pixels go on. As the two
    axes are independent, the interpolation is one matrix for each, and the output A X B^T.

    Args:
        reach: The natural logarithm of the largest enlargement, and the largest shift as a share of half the image.
            Defaults to 0.1: by a factor from 0.90 to 1.11, and by a twentieth of the size.
        **kwargs: As `keras.layers.Layer`.

    Inputs: `[image, move]`: (batch, height, width, channels), and (batch, 4) any numbers: s of the height, s of the
    width, t of the height, t of the width. Zeros leave the image as it is.

    Output: A tensor of the image's shape.

    Raises:
        ValueError: If `reach` is not positive, or `move` does not hold four numbers an image.

    Example:
    ```python
    move = keras.layers.Dense(4, kernel_initializer=keras.initializers.RandomNormal(0.0, 1e-3))(description)
    moved = keras_gan.layers.ScaleAndShift()([images, move])
    ```

    Reference:
        [Jaderberg et al., 2015, Spatial Transformer Networks](https://arxiv.org/abs/1506.02025): the attention
        transform of section 3.2 with a scale for each axis, and the bilinear kernel of equation 5.
    """

    def __init__(self, reach: float = 0.1, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if not reach > 0:
            raise ValueError(f"`reach` must be positive. Received: reach={reach}")
        self.reach = reach

    def call(self, inputs: Any) -> Any:
        """Move the images."""
        self.compute_output_shape([x.shape for x in inputs])  # Keras asks it of symbolic inputs alone
        # An export to 8 bits finds it by this name: places within an image need more of them.
        with keras.name_scope("scale_and_shift"):
            return self._moved(*inputs)

    def _moved(self, image: Any, move: Any) -> Any:
        bounded = self.reach * ops.tanh(move)
        height, width = ops.shape(image)[1:3]
        down = self._taps(height, bounded[:, 0:1], bounded[:, 2:3])
        across = self._taps(width, bounded[:, 1:2], bounded[:, 3:4])
        maps = ops.transpose(image, (0, 3, 1, 2))
        moved = ops.matmul(ops.matmul(down, maps), ops.transpose(across, (0, 1, 3, 2)))
        return ops.transpose(moved, (0, 2, 3, 1))

    def compute_output_shape(self, input_shape: Any) -> Any:
        """That of the image."""
        image, move = input_shape
        if move[-1] != 4:
            raise ValueError(f"`move` must hold 4 numbers for each image. Received: shape={tuple(move)}")
        return image

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return super().get_config() | {"reach": self.reach}

    def _taps(self, size: Any, log_scale: Any, shift: Any) -> Any:
        """What each pixel along an axis takes of each: (batch, 1, size, size), 1 for every channel."""
        pixels = ops.cast(ops.arange(size), self.compute_dtype)
        size = ops.cast(size, self.compute_dtype)
        middle = (size - 1) / 2
        source = middle + (pixels - middle) * ops.exp(-log_scale) + shift * size / 2
        source = ops.clip(source, 0.0, size - 1)
        return ops.relu(1 - ops.abs(source[:, None, :, None] - pixels))
