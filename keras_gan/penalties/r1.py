"""R1 gradient penalty."""

from __future__ import annotations

from typing import ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.input_gradient import input_gradient, squared_norm
from keras_gan.penalties.penalty import Penalty
from keras_gan.typing import Critic, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class R1(Penalty):
    """R1: pushes D's gradient at real images towards 0, so that G stays stable near the optimum.

        1/2 mean ||grad D(x)||^2

    x are real images. The norm is over all pixels and channels of an image. If D returns a map of logits, the gradient
    is that of their sum. The penalty grows with the number of pixels, so each image size needs its own weight.

    Args:
        weight: Factor of the penalty, the paper's gamma: a number, at least 0, or a schedule from
            `keras.optimizers.schedules`. Defaults to 10.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of D. StyleGAN2 uses 16. Defaults
            to 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, penalties=keras_gan.penalties.R1(weight=1.0, interval=16))
    ```

    Reference:
        [Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?](
        https://arxiv.org/abs/1801.04406), equation 9.
    """

    per_image: ClassVar[bool] = True
    at_judged_images: ClassVar[bool] = True

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns half of the mean of ||grad D(x)||^2 at the real images."""
        return 0.5 * tf.reduce_mean(squared_norm(input_gradient(critic, real)))
