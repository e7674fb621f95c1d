"""Path-length regularisation of the generator."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.penalties.generator_penalty import GeneratorPenalty
from keras_gan.penalties.input_gradient import TINY
from keras_gan.typing import ScheduleLike, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class PathLength(GeneratorPenalty):
    """Path-length regularisation: pushes G to change the image equally fast in all directions of w (StyleGAN2).

        mean (||J_w^T y|| - a)^2

    J_w is the derivative of an image with respect to its styles w, y a random image, and a the moving average of the
    norms. As in the official code, half of the batch is used. The generator must have layers named `styles` and
    `synthesis`, as those of `keras_gan.networks.stylegan2`.

    Args:
        weight: Factor of the penalty: a number, at least 0, or a schedule from `keras.optimizers.schedules`. Defaults
            to 2.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of G. Defaults to 4, as in the
            paper.
        momentum: Momentum of the moving average a. Defaults to 0.99.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, penalties=[keras_gan.penalties.R1(10.0, interval=16), "path_length"])
    ```

    Reference:
        [Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958),
        section 3.2, equation 4, and appendix B.
    """

    def __init__(self, weight: ScheduleLike = 2.0, interval: int = 4, momentum: float = 0.99) -> None:
        super().__init__(weight, interval)
        if not 0 <= momentum < 1:
            raise ValueError(f"`momentum` must be at least 0 and below 1. Received: momentum={momentum}")
        self.momentum = momentum
        self._average = _Average()

    @property
    def layers(self) -> Sequence[keras.layers.Layer]:
        """Layer with the moving average of the norms."""
        return (self._average,)

    def check_generator(self, generator: keras.Model) -> None:
        """Raises `ValueError` if the generator has no layers `styles` and `synthesis`."""
        names = {layer.name for layer in getattr(generator, "layers", ())}
        if not {"styles", "synthesis"} <= names:
            raise ValueError(
                "`PathLength` needs a generator with layers named 'styles' and 'synthesis', such as that of "
                f"keras_gan.networks.stylegan2. Received: generator={generator.name!r}"
            )

    def regularization(self, generator: keras.Model, inputs: Tensor | list[Tensor], seed: Tensor) -> Tensor:
        """Returns the mean of (||J_w^T y|| - a)^2, and updates a."""
        batch = tf.shape(inputs[0] if isinstance(inputs, list) else inputs)[0]
        half = tf.nest.map_structure(lambda x: x[: tf.maximum(batch // 2, 1)], inputs)
        styles = keras.Model(generator.inputs, generator.get_layer("styles").output)(half, training=True)
        with tf.GradientTape() as tape:
            tape.watch(styles)
            images = tf.cast(generator.get_layer("synthesis")(styles, training=True), tf.float32)
            noise = tf.random.stateless_normal(tf.shape(images), seed) / math.sqrt(math.prod(images.shape[1:3]))
            total = tf.reduce_sum(images * noise)
        gradient = tf.cast(tape.gradient(total, styles), tf.float32)
        norms = tf.sqrt(tf.maximum(tf.reduce_mean(tf.reduce_sum(tf.square(gradient), axis=2), axis=1), TINY))
        average = self._average.value.value
        average = average + (1 - self.momentum) * (tf.reduce_mean(norms) - average)
        self._average.value.assign(tf.stop_gradient(average))
        return tf.reduce_mean(tf.square(norms - average))


class _Average(keras.layers.Layer):
    """A moving average, which starts at 0 and is saved with a model."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.value = self.add_weight(
            shape=(), initializer="zeros", trainable=False, autocast=False, aggregation="mean", name="path_length"
        )
        self.built = True
