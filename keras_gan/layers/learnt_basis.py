"""Trainable basis images."""

from __future__ import annotations

from typing import Any

import keras

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class LearntBasis(keras.layers.Layer):
    """Multiplies each channel by a trainable image: (batch, channels) becomes (batch, height, width, channels).

    Args:
        size: (height, width) of the images, or one integer for both. Defaults to 4.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `size` is not a positive integer or two.

    Example:
    ```python
    x = keras_gan.layers.LearntBasis(4)(keras.layers.Dense(64)(z))
    ```

    Reference:
        [Huang et al., 2024, The GAN is dead; long live the GAN! A Modern GAN
        Baseline](https://arxiv.org/abs/2501.05441), section 3.
    """

    def __init__(self, size: int | tuple[int, int] = 4, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        sides = (size, size) if isinstance(size, int) else tuple(size)
        if len(sides) != 2 or any(not isinstance(side, int) or side < 1 for side in sides):
            raise ValueError(f"`size` must be one or two integers, at least 1. Received: size={size}")
        self.size = sides
        self.input_spec = keras.layers.InputSpec(ndim=2)

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates the images, sampled from N(0, 1)."""
        shape = (*self.size, input_shape[-1])
        self.basis = self.add_weight(shape=shape, initializer=keras.initializers.RandomNormal(0.0, 1.0), name="basis")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the products.

        Args:
            inputs: Float tensor (batch, channels).
        """
        return inputs[:, None, None, :] * self.basis

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns (batch, height, width, channels)."""
        return (input_shape[0], *self.size, input_shape[-1])

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"size": self.size}
