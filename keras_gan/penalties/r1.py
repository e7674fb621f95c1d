"""The R1 penalty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.input_gradient import input_gradient, squared_norm
from keras_gan.penalties.penalty import Penalty


@keras.saving.register_keras_serializable("keras_gan")
class R1(Penalty):
    """R1: D is flat at real images, so that it lets the generator rest once it draws them.

    The penalty is half of the mean of ||grad D(x)||^2 at real images x; the norm is over all pixels and channels of an
    image, and of a map of logits the sum is differentiated. It grows with the number of pixels: what suits one
    resolution is too much or too little for another.

    Args:
        weight: The paper's gamma, or a schedule of it. Defaults to 10.
        interval: As in `Penalty`; 16 in StyleGAN2. Defaults to 1.

    Raises:
        ValueError: As in `Penalty`.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, penalties=keras_gan.penalties.R1(weight=1.0, interval=16))
    ```

    Reference:
        [Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?](
        https://arxiv.org/abs/1801.04406), equation 9.
    """

    per_image: ClassVar[bool] = True

    def penalty(self, critic: Callable[[Any], Any], real: Any, fake: Any, seed: Any) -> Any:
        """Half of the mean of ||grad D(x)||^2 at the real images."""
        return 0.5 * tf.reduce_mean(squared_norm(input_gradient(critic, real)))
