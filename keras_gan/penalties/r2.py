"""R2 gradient penalty."""

from __future__ import annotations

import keras

from keras_gan.penalties.r1 import R1
from keras_gan.typing import Critic, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class R2(R1):
    """R2: the same penalty as `R1`, at generated images. R3GAN uses both.

        1/2 mean ||grad D(G(z))||^2

    Args:
        weight: Factor of the penalty, the paper's gamma: a number, at least 0, or a schedule from
            `keras.optimizers.schedules`. Defaults to 10.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of D. Defaults to 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="relativistic", penalties=["r1", "r2"])
    ```

    Reference:
        [Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?](
        https://arxiv.org/abs/1801.04406), equation 10.
    """

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns half of the mean of ||grad D(G(z))||^2 at the generated images."""
        return super().penalty(critic, fake, real, seed)
