"""Weight clipping of WGAN."""

from __future__ import annotations

import math
import numbers
from collections.abc import Sequence
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.penalties.penalty import Penalty
from keras_gan.typing import Critic, Tensor


@keras.saving.register_keras_serializable("keras_gan")
class WeightClipping(Penalty):
    """Weight clipping: clips all weights of D to [-limit, limit] after each update, which makes D Lipschitz.

    It adds nothing to the loss. The paper calls it "a clearly terrible way" to make D Lipschitz; `WGANGP` is better.

    Args:
        limit: Largest absolute value of a weight, the paper's c: a number above 0. Defaults to 0.01.

    Raises:
        ValueError: If `limit` is not a positive number.

    Example:
    ```python
    gan.compile("rmsprop", "rmsprop", loss="wasserstein", d_steps=5, penalties="weight_clipping")
    ```

    Reference:
        [Arjovsky et al., 2017, Wasserstein GAN](https://arxiv.org/abs/1701.07875), algorithm 1, line 7.
    """

    strength: ClassVar[str | None] = "limit"

    def __init__(self, limit: float = 0.01) -> None:
        super().__init__(weight=0.0)
        number = isinstance(limit, numbers.Real) and not isinstance(limit, bool)
        if not number or not 0 < limit < math.inf:
            raise ValueError(f"`limit` must be a finite number above 0. Received: limit={limit!r}")
        self.limit = float(limit)

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns zero."""
        return tf.zeros(())

    def constrain(self, variables: Sequence[Any]) -> None:
        """Clips the weights.

        Args:
            variables: Trainable variables of D.
        """
        for variable in variables:
            variable.assign(keras.ops.clip(variable, -self.limit, self.limit))
