"""The weight clipping of WGAN."""

from __future__ import annotations

import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.penalties.penalty import Penalty


@keras.saving.register_keras_serializable("keras_gan")
class WeightClipping(Penalty):
    """WGAN: after each update of D all its weights are clipped, which makes it Lipschitz.

    It adds nothing to the loss. The paper itself calls it a terrible way to do so; `WGANGP` is a better one.

    Args:
        limit: The paper's c: weights stay in [-limit, limit]. Defaults to 0.01.

    Raises:
        ValueError: If `limit` is not a positive number.

    Example:
    ```python
    gan.compile("rmsprop", "rmsprop", loss="wasserstein", d_steps=5, penalties="weight_clipping")
    ```

    Reference:
        [Arjovsky et al., 2017, Wasserstein GAN](https://arxiv.org/abs/1701.07875), algorithm 1, line 7.
    """

    def __init__(self, limit: float = 0.01) -> None:
        super().__init__(weight=0.0)
        number = isinstance(limit, numbers.Real) and not isinstance(limit, bool)
        if not number or not 0 < limit < math.inf:
            raise ValueError(f"`limit` must be a finite number above 0. Received: limit={limit!r}")
        self.limit = float(limit)

    def penalty(self, critic: Callable[[Any], Any], real: Any, fake: Any, seed: Any) -> Any:
        """Zero."""
        return tf.zeros(())

    def constrain(self, variables: Sequence[Any]) -> None:
        """Clip the weights.

        Args:
            variables: D's trainable variables.
        """
        for variable in variables:
            variable.assign(keras.ops.clip(variable, -self.limit, self.limit))
