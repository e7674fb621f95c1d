"""Styles of two latent vectors in one image."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class StyleMixing(keras.layers.Layer):
    """Repeats w for each layer of a generator. In training, the later layers of some images get another w.

    So neighbouring layers learn not to rely on each other. The layer from which on the other w is used is random. The
    random numbers are computed from z, so training needs no further seed, and each replica has its own.

    The input is `[w, other, z]`: two float tensors (batch, length), and z, (batch, latent_dim). The output is (batch,
    styles, length).

    Args:
        styles: Number of styles that the generator takes.
        probability: Fraction of the images in training that get two latent vectors. Defaults to 0.9.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `styles` is below 2, or `probability` is not from 0 to 1.

    Example:
    ```python
    ws = keras_gan.layers.StyleMixing(styles=10)([w, other, z])
    ```

    Reference:
        [Karras et al., 2019, A Style-Based Generator Architecture](https://arxiv.org/abs/1812.04948), section 3.1.
    """

    def __init__(self, styles: int, probability: float = 0.9, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if styles < 2 or not 0 <= probability <= 1:
            raise ValueError(
                "`styles` must be at least 2, and `probability` from 0 to 1. "
                f"Received: styles={styles}, probability={probability}"
            )
        self.styles = styles
        self.probability = probability

    def call(self, inputs: list[Tensor], training: bool = False) -> Tensor:
        """Returns the styles of each layer."""
        w, other, z = inputs
        repeated = ops.repeat(w[:, None], self.styles, axis=1)
        if not training or self.probability == 0:
            return repeated
        # The digits of z after the third one are as good as uniform random numbers, independent of its value.
        z = ops.cast(z, "float32") * 1000.0
        uniform = z - ops.floor(z)
        mixed, position = uniform[:, 0] < self.probability, uniform[:, -1]
        first = ops.where(mixed, 1 + ops.floor(position * (self.styles - 1)), self.styles)
        own = ops.arange(self.styles, dtype="float32")[None] < first[:, None]
        return ops.where(own[..., None], repeated, other[:, None])

    def compute_output_shape(self, input_shape: Any) -> tuple[int | None, ...]:
        """Returns (batch, styles, length)."""
        batch, length = input_shape[0]
        return (batch, self.styles, length)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return super().get_config() | {"styles": self.styles, "probability": self.probability}
