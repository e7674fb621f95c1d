"""The R2 penalty."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras

from keras_gan.penalties.r1 import R1


@keras.saving.register_keras_serializable("keras_gan")
class R2(R1):
    """R2: as `R1`, at generated images. R3GAN needs both.

    Args:
        weight: The paper's gamma, or a schedule of it. Defaults to 10.
        interval: As in `Penalty`. Defaults to 1.

    Raises:
        ValueError: As in `Penalty`.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="relativistic", penalties=["r1", "r2"])
    ```

    Reference:
        [Mescheder et al., 2018, Which Training Methods for GANs do actually Converge?](
        https://arxiv.org/abs/1801.04406), equation 10.
    """

    def penalty(self, critic: Callable[[Any], Any], real: Any, fake: Any, seed: Any) -> Any:
        """Half of the mean of ||grad D(x)||^2 at the generated images."""
        return super().penalty(critic, fake, real, seed)
