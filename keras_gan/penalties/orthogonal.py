"""Orthogonal regularisation of the generator."""

from __future__ import annotations

import keras
import tensorflow as tf

from keras_gan.penalties.generator_penalty import GeneratorPenalty
from keras_gan.typing import ScheduleLike, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Orthogonal(GeneratorPenalty):
    """Orthogonal regularisation: pushes the filters of each layer of G towards being orthogonal to each other.

        sum over layers ||W^T W * (1 - I)||_F^2

    The columns of W are the filters, with all pixels and input channels. The lengths of the filters stay free. So a
    generator tolerates truncated z better. The embedding of the labels, a layer named `label_embedding`, is left out.

    Args:
        weight: Factor of the penalty, the paper's beta: a number, at least 0, or a schedule from
            `keras.optimizers.schedules`. Defaults to 1e-4.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of G. Defaults to 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="hinge", penalties="orthogonal")
    ```

    Reference:
        [Brock et al., 2019, Large Scale GAN Training for High Fidelity Natural Image
        Synthesis](https://arxiv.org/abs/1809.11096), equation 3.
    """

    def __init__(self, weight: ScheduleLike = 1e-4, interval: int = 1) -> None:
        super().__init__(weight, interval)

    def regularization(self, generator: keras.Model, inputs: Tensor | list[Tensor], seed: Tensor) -> Tensor:
        """Returns the sum over the layers."""
        return tf.add_n([_overlap(matrix) for matrix in _matrices(generator)])


def _matrices(generator: keras.Model) -> list[Tensor]:
    """Returns the kernel of each layer as (pixels and input channels, filters)."""
    found = {}
    for layer in generator._flatten_layers():
        kernel = getattr(layer, "kernel", None)
        if isinstance(layer, keras.layers.Wrapper) or not isinstance(kernel, keras.Variable) or not kernel.trainable:
            continue
        if len(kernel.shape) > 1 and layer.name != "label_embedding":
            value = tf.cast(kernel.value, tf.float32)
            if isinstance(layer, keras.layers.Conv2DTranspose) or getattr(layer, "upsample", False):
                value = tf.transpose(value, (0, 1, 3, 2))  # from (height, width, filters, channels)
            found[id(kernel)] = tf.reshape(value, (-1, value.shape[-1]))
    return list(found.values())


def _overlap(matrix: Tensor) -> Tensor:
    products = tf.matmul(matrix, matrix, transpose_a=True)
    return tf.reduce_sum(tf.square(products - tf.linalg.diag(tf.linalg.diag_part(products))))
