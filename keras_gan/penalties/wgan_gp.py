"""WGAN-GP gradient penalty."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.input_gradient import input_gradient, norm
from keras_gan.penalties.penalty import Penalty
from keras_gan.typing import Critic, ScheduleLike, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class WGANGP(Penalty):
    """WGAN-GP: pushes the norm of D's gradient towards 1 between real and generated images, as in an optimal critic.

        mean (||grad D(x)|| - 1)^2,  x = e real + (1 - e) fake

    e is uniform in [0, 1] for each image. The norm is over all pixels and channels of an image. If D returns a map of
    logits, the gradient is that of their sum. The paper advises against batch normalisation in D, where a logit depends
    on other images.

    Args:
        weight: Factor of the penalty, the paper's lambda: a number, at least 0, or a schedule from
            `keras.optimizers.schedules`. Defaults to 10.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of D. Defaults to 1.
        one_sided: `True` to penalise only norms above 1: max(0, ||grad D(x)|| - 1)^2. The paper found it slightly
            worse. Defaults to `False`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="wasserstein", d_steps=5, penalties="wgan_gp")
    ```

    Reference:
        [Gulrajani et al., 2017, Improved Training of Wasserstein GANs](https://arxiv.org/abs/1704.00028), equation 3
        and algorithm 1; section 4 for the one-sided penalty.
    """

    per_image: ClassVar[bool] = True

    def __init__(self, weight: ScheduleLike = 10.0, interval: int = 1, one_sided: bool = False) -> None:
        super().__init__(weight, interval)
        self.one_sided = one_sided

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns the mean of (||grad D(x)|| - 1)^2 at points between the images, which must be equally many."""
        real, fake = tf.cast(real, tf.float32), tf.cast(fake, tf.float32)
        share = tf.random.stateless_uniform(one_per_image(real), seed)
        excess = norm(input_gradient(critic, share * real + (1 - share) * fake)) - 1
        return tf.reduce_mean(tf.square(tf.nn.relu(excess) if self.one_sided else excess))


def one_per_image(images: Tensor) -> list[Any]:
    """Returns the shape (batch, 1, ...) of one number for each image. It is static as far as it is known.

    Args:
        images: Tensor of shape (batch, ...).
    """
    batch = tf.shape(images)[0] if images.shape[0] is None else images.shape[0]
    return [batch] + [1] * (len(images.shape) - 1)
