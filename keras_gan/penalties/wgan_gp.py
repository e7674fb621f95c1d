"""The gradient penalty of WGAN-GP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.input_gradient import input_gradient, norm
from keras_gan.penalties.penalty import Penalty


@keras.saving.register_keras_serializable("keras_gan")
class WGANGP(Penalty):
    """WGAN-GP: the gradient's norm is 1 between real and generated images, as an optimal critic's is.

    The penalty is the mean of (||grad D(x)|| - 1)^2 at x = e real + (1 - e) fake, e uniform in [0, 1] for each image.
    The norm is over all pixels and channels of an image; of a map of logits the sum is differentiated. Batch
    normalisation in D makes a logit depend on other images, which the paper advises against.

    Args:
        weight: The paper's lambda, or a schedule of it. Defaults to 10.
        interval: As in `Penalty`. Defaults to 1.
        one_sided: Penalise norms above 1 alone, max(0, ||grad D(x)|| - 1)^2; the paper found it slightly worse.
            Defaults to `False`.

    Raises:
        ValueError: As in `Penalty`.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="wasserstein", d_steps=5, penalties="wgan_gp")
    ```

    Reference:
        [Gulrajani et al., 2017, Improved Training of Wasserstein GANs](https://arxiv.org/abs/1704.00028), equation 3
        and algorithm 1; section 4 for the one-sided penalty.
    """

    per_image: ClassVar[bool] = True

    def __init__(self, weight: Any = 10.0, interval: int = 1, one_sided: bool = False) -> None:
        super().__init__(weight, interval)
        self.one_sided = one_sided

    def penalty(self, critic: Callable[[Any], Any], real: Any, fake: Any, seed: Any) -> Any:
        """The mean of (||grad D(x)|| - 1)^2 between the real and the generated images, which must be as many."""
        real, fake = tf.cast(real, tf.float32), tf.cast(fake, tf.float32)
        share = tf.random.stateless_uniform(one_per_image(real), seed)
        excess = norm(input_gradient(critic, share * real + (1 - share) * fake)) - 1
        return tf.reduce_mean(tf.square(tf.nn.relu(excess) if self.one_sided else excess))


def one_per_image(images: Any) -> list[Any]:
    """The shape (batch, 1, ...) of a number for each image, static as far as it is known.

    Args:
        images: (batch, ...).
    """
    batch = tf.shape(images)[0] if images.shape[0] is None else images.shape[0]
    return [batch] + [1] * (len(images.shape) - 1)
