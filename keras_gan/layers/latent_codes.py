"""The codes of InfoGAN, computed from the first numbers of z."""

from __future__ import annotations

from collections.abc import Sequence

import keras
import tensorflow as tf
from keras import ops

from keras_gan.typing import Config, Shape, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class LatentCodes(keras.layers.Layer):
    """Layer that turns the first numbers of z into codes, and keeps the rest.

    A categorical code of k values takes k numbers. They become a one-hot vector at the place of the largest one. A
    continuous code takes one number, which stays as it is.

    Args:
        categorical: Number of values of each categorical code.
        continuous: Number of continuous codes.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
    ```python
    codes = keras_gan.layers.LatentCodes(categorical=(10,), continuous=2)
    x = codes(keras.Input((74,)))
    ```

    Reference:
        [Chen et al., 2016, InfoGAN](https://arxiv.org/abs/1606.03657), section 4.
    """

    def __init__(self, categorical: Sequence[int] = (), continuous: int = 0, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.categorical = tuple(categorical)
        self.continuous = continuous

    def call(self, z: Tensor) -> Tensor:
        """Returns z with codes in place of its first numbers."""
        parts, start = [], 0
        for values in self.categorical:
            # Keras's `argmax` also tells -0 from 0, by operations that TFLite and ONNX do not have.
            largest = tf.argmax(z[:, start : start + values], axis=-1, output_type=tf.int32)
            parts.append(ops.one_hot(largest, values, dtype=z.dtype))
            start += values
        return ops.concatenate([*parts, z[:, start:]], axis=-1) if parts else z

    def split(self, encoded: Tensor) -> tuple[list[Tensor], Tensor]:
        """Returns the one-hot vectors of the categorical codes, and the continuous codes.

        Args:
            encoded: Output of the layer, (batch, latent_dim).
        """
        blocks, start = [], 0
        for values in self.categorical:
            blocks.append(encoded[:, start : start + values])
            start += values
        return blocks, encoded[:, start : start + self.continuous]

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the output, which is that of z."""
        return input_shape

    def get_config(self) -> Config:
        """Returns the arguments of the layer."""
        return {**super().get_config(), "categorical": list(self.categorical), "continuous": self.continuous}
