"""The gradient penalty of DRAGAN."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.input_gradient import input_gradient, norm
from keras_gan.penalties.penalty import Penalty
from keras_gan.penalties.wgan_gp import one_per_image


@keras.saving.register_keras_serializable("keras_gan")
class DRAGAN(Penalty):
    """DRAGAN: the gradient's norm is 1 near real images, where a sharp D makes the generator drop modes.

    The penalty is the mean of (||grad D(x + d)|| - 1)^2 at real images x. The paper writes d as normal noise; the
    authors' code (github.com/kodalinaveen3/DRAGAN), which is followed here, takes d = a s u / 2 with s the standard
    deviation of the batch, u uniform in [0, 1] for each pixel and a uniform in [0, 1] for each image. The norm is over
    all pixels and channels of an image; of a map of logits the sum is differentiated.

    Args:
        weight: The paper's lambda, or a schedule of it. Defaults to 10.
        interval: As in `Penalty`. Defaults to 1.

    Raises:
        ValueError: As in `Penalty`.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, penalties="dragan")
    ```

    Reference:
        [Kodali et al., 2017, On Convergence and Stability of GANs](https://arxiv.org/abs/1705.07215), the DRAGAN
        penalty with k = 1.
    """

    per_image: ClassVar[bool] = True

    def penalty(self, critic: Callable[[Any], Any], real: Any, fake: Any, seed: Any) -> Any:
        """The mean of (||grad D(x + d)|| - 1)^2 near the real images."""
        real = tf.cast(real, tf.float32)
        pixel_seed, image_seed = tf.unstack(tf.random.split(seed, 2))
        noise = tf.random.stateless_uniform(tf.shape(real), pixel_seed)
        share = tf.random.stateless_uniform(one_per_image(real), image_seed)
        near = real + share * 0.5 * tf.math.reduce_std(real) * noise
        return tf.reduce_mean(tf.square(norm(input_gradient(critic, near)) - 1))
