"""Truncation of latent vectors towards their average."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Truncation(keras.layers.Layer):
    """Moves latent vectors w towards their average in inference: average + psi * (w - average).

    Below 1, images are more typical and vary less. In training w does not change, and the moving average is updated.

    Args:
        psi: Factor of the distance to the average. Defaults to 1.0, no change.
        momentum: Momentum of the moving average. Defaults to 0.995.
        **kwargs: Arguments of `keras.layers.Layer`.

    Example:
    ```python
    w = keras_gan.layers.Truncation(psi=0.7)(w)
    ```

    Reference:
        [Karras et al., 2019, A Style-Based Generator Architecture](https://arxiv.org/abs/1812.04948), appendix B.
    """

    def __init__(self, psi: float = 1.0, momentum: float = 0.995, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.psi = psi
        self.momentum = momentum

    def build(self, input_shape: tuple[int | None, ...]) -> None:
        """Creates `average`, which is 0 at first."""
        self.average = self.add_weight(
            shape=input_shape[-1:],
            initializer="zeros",
            trainable=False,
            autocast=False,
            aggregation="mean",
            name="average",
        )

    def call(self, inputs: Tensor, training: bool = False) -> Tensor:
        """Returns the truncated vectors; in training, the inputs.

        Args:
            inputs: Float tensor (batch, length).
            training: `True` to update the average. Defaults to `False`.
        """
        if training:
            mean = ops.mean(ops.cast(ops.stop_gradient(inputs), self.average.dtype), axis=0)
            self.average.assign(self.average * self.momentum + mean * (1 - self.momentum))
            return inputs
        if self.psi == 1:
            return inputs
        average = ops.cast(self.average, inputs.dtype)
        return average + (inputs - average) * self.psi

    def compute_output_shape(self, input_shape: tuple[int | None, ...]) -> tuple[int | None, ...]:
        """Returns the input's shape."""
        return input_shape

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"psi": self.psi, "momentum": self.momentum}
