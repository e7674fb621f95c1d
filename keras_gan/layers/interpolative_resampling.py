"""Doubling and halving images by a fixed low-pass filter."""

from __future__ import annotations

from typing import Any

import keras
import numpy as np
from keras import layers, ops


@keras.saving.register_keras_serializable("keras_gan")
class InterpolativeUpsampling2D(layers.Layer):
    """Double height and width, the gaps filled by the filter [1, 3, 3, 1] / 4 along each axis.

    It is [1, 2, 1] applied to the image of which each pixel is repeated. Past the border the image is 0, as in the
    official code. Made of products with a matrix, whose gradient's gradient is right, as that of bilinear resizing is
    not in TensorFlow, and which are faster on a CPU than sums of slices.

    Input: (batch, height, width, channels), height and width known. Output: (batch, 2 * height, 2 * width, channels).

    Example:
    ```python
    x = keras_gan.layers.InterpolativeUpsampling2D()(x)
    ```

    Reference:
        [Huang et al., 2024, The GAN is dead; long live the GAN! A Modern GAN
        Baseline](https://arxiv.org/abs/2501.05441), section 3; the filter of
        [Karras et al., 2020, Analyzing and Improving the Image Quality of
        StyleGAN](https://arxiv.org/abs/1912.04958).
    """

    def call(self, inputs: Any) -> Any:
        """Double."""
        _, height, width, _ = _known(inputs.shape)
        return _resampled(inputs, 2 * _halving(2 * height).T, 2 * _halving(2 * width).T)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Twice the height and the width."""
        batch, height, width, channels = _known(input_shape)
        return (batch, 2 * height, 2 * width, channels)


@keras.saving.register_keras_serializable("keras_gan")
class InterpolativeDownsampling2D(layers.Layer):
    """Halve height and width, after the filter [1, 3, 3, 1] / 8 along each axis.

    Past the border the image is 0, as in the official code.

    Input: (batch, height, width, channels), height and width known and even. Output: (batch, height / 2, width / 2,
    channels).

    Raises:
        ValueError: If height or width is odd.

    Example:
    ```python
    x = keras_gan.layers.InterpolativeDownsampling2D()(x)
    ```

    Reference:
        As of `InterpolativeUpsampling2D`.
    """

    def call(self, inputs: Any) -> Any:
        """Halve."""
        _, height, width, _ = _known(inputs.shape)
        self.compute_output_shape(inputs.shape)  # Keras asks it of symbolic inputs alone
        return _resampled(inputs, _halving(height), _halving(width))

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Half the height and the width."""
        batch, height, width, channels = _known(input_shape)
        if height % 2 or width % 2:
            raise ValueError(f"`inputs` must be of even height and width. Received: shape={tuple(input_shape)}")
        return (batch, height // 2, width // 2, channels)


def _resampled(x: Any, rows: np.ndarray, columns: np.ndarray) -> Any:
    """Each column of an image times `rows`, each row times `columns`."""
    _, height, width, channels = x.shape
    x = ops.matmul(ops.cast(rows, x.dtype), ops.reshape(x, (-1, height, width * channels)))
    x = ops.matmul(ops.cast(columns, x.dtype), ops.reshape(x, (-1, width, channels)))
    return ops.reshape(x, (-1, len(rows), len(columns), channels))


def _halving(size: int) -> np.ndarray:
    """The matrix, (size / 2, size), whose rows are the filter, two pixels on from row to row."""
    padded = np.zeros((size // 2, size + 2), np.float32)
    for i, row in enumerate(padded):
        row[2 * i : 2 * i + 4] = [0.125, 0.375, 0.375, 0.125]
    return padded[:, 1:-1]


def _known(shape: Any) -> tuple[Any, int, int, int]:
    batch, height, width, channels = shape
    if height is None or width is None:
        raise ValueError(f"`inputs` must be of known height and width. Received: shape={tuple(shape)}")
    return batch, height, width, channels
