"""Multiplication by a trainable number."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class LearntGain(keras.layers.Layer):
    """Multiplies its input by one trainable number `gain`.

    With an initial value of 0 a branch of a network contributes nothing at first, and fades in during training.
    SAGAN's attention and StyleGAN2's noise begin this way.

    Args:
        initial: Initial value. Defaults to 0.0.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
    ```python
    x = keras.layers.Add()([x, keras_gan.layers.LearntGain()(branch)])
    ```

    Reference:
        [Zhang et al., 2019, Self-Attention Generative Adversarial Networks](https://arxiv.org/abs/1805.08318), equation
        3, gamma.
    """

    def __init__(self, initial: float = 0.0, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.initial = initial

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates `gain`."""
        self.gain = self.add_weight(shape=(), initializer=keras.initializers.Constant(self.initial), name="gain")

    def call(self, inputs: Tensor) -> Tensor:
        """Returns the products, in the shape of the inputs."""
        return inputs * ops.cast(self.gain, inputs.dtype)

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"initial": self.initial}
