"""DRAGAN gradient penalty."""

from __future__ import annotations

from typing import ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.input_gradient import input_gradient, norm
from keras_gan.penalties.penalty import Penalty
from keras_gan.penalties.wgan_gp import one_per_image
from keras_gan.typing import Critic, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class DRAGAN(Penalty):
    """DRAGAN: pushes the norm of D's gradient towards 1 near real images, where a steep D makes G miss modes.

        mean (||grad D(x + d)|| - 1)^2,  d = a s u / 2

    x are real images, and s is the standard deviation of the batch. u and a are uniform in [0, 1], u for each pixel, a
    for each image. This d is from the authors' code (github.com/kodalinaveen3/DRAGAN). In the paper d has a normal
    distribution. The norm is over all pixels and channels of an image. If D returns a map of logits, the gradient is
    that of their sum.

    Args:
        weight: Factor of the penalty, the paper's lambda: a number, at least 0, or a schedule from
            `keras.optimizers.schedules`. Defaults to 10.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of D. Defaults to 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, penalties="dragan")
    ```

    Reference:
        [Kodali et al., 2017, On Convergence and Stability of GANs](https://arxiv.org/abs/1705.07215), the DRAGAN
        penalty with k = 1.
    """

    per_image: ClassVar[bool] = True

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns the mean of (||grad D(x + d)|| - 1)^2 near the real images."""
        real = tf.cast(real, tf.float32)
        pixel_seed, image_seed = tf.unstack(tf.random.split(seed, 2))
        noise = tf.random.stateless_uniform(tf.shape(real), pixel_seed)
        share = tf.random.stateless_uniform(one_per_image(real), image_seed)
        near = real + share * 0.5 * tf.math.reduce_std(real) * noise
        return tf.reduce_mean(tf.square(norm(input_gradient(critic, near)) - 1))
