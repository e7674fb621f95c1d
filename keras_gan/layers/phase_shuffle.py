"""WaveGAN's phase shuffle."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf
from keras import ops

from keras_gan.typing import Config, Shape, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class PhaseShuffle(keras.layers.Layer):
    """Layer that shifts sequences by a random number of steps in training, and fills the gap by reflection.

    So a discriminator cannot learn at which step the artefacts of transposed convolutions repeat. As in the official
    code, all sequences of a batch have the same shift.

    The input and the output are of shape (batch, length, channels), or (batch, 1, length, channels).

    Args:
        shift: Largest shift n, at least 0 and below the length. Each shift from -n to n is equally likely. Defaults to
            2.
        seed: Integer, or a `keras.random.SeedGenerator`. Defaults to `None`, a random one.
        **kwargs: Arguments of `keras.layers.Layer`.

    Raises:
        ValueError: If `shift` is below 0.

    Example:
    ```python
    x = keras_gan.layers.PhaseShuffle(shift=2)(keras.Input((64, 16)))
    ```

    Reference:
        [Donahue et al., 2019, Adversarial Audio Synthesis](https://arxiv.org/abs/1802.04208), section 3.3.
    """

    def __init__(self, shift: int = 2, seed: int | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if shift < 0:
            raise ValueError(f"`shift` must be at least 0. Received: shift={shift}")
        self.shift = shift
        self.seed = seed
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, x: Tensor, training: bool = False) -> Tensor:
        """Returns the sequences, shifted in training."""
        if not training or self.shift == 0:
            return x
        start = keras.random.randint((), 0, 2 * self.shift + 1, seed=self.seed_generator)
        return shifted(x, self.shift - start, self.shift)

    def compute_output_shape(self, input_shape: Shape) -> Shape:
        """Returns the shape of the input."""
        return input_shape

    def get_config(self) -> Config:
        """Returns the arguments of the layer."""
        return {**super().get_config(), "shift": self.shift, "seed": self.seed}


def shifted(x: Tensor, shift: Tensor | int, most: int) -> Tensor:
    """Returns sequences moved by `shift` steps: y[i] = x[i - shift], with the gap filled by reflection.

    Args:
        x: Sequences (batch, ..., length, channels).
        shift: Number of steps, from -`most` to `most`. Positive numbers move the sequences to later steps.
        most: Largest shift.
    """
    rank = len(x.shape)
    padded = ops.pad(x, [(0, 0)] * (rank - 2) + [(most, most), (0, 0)], mode="reflect")
    begin = [0] * (rank - 2) + [most - shift, 0]
    part = tf.slice(padded, tf.stack(begin), [-1] * (rank - 2) + [x.shape[-2], -1])
    return tf.ensure_shape(part, x.shape)
