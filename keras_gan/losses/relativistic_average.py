"""The relativistic average loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.losses.relativistic import Relativistic


@keras.saving.register_keras_serializable("keras_gan")
class RelativisticAverage(Relativistic):
    """RaSGAN: D learns that real images are more real than generated ones are on average, and the other way round.

    With D~(x) = sigmoid(C(x) - mean C(G(z))) and D~(G(z)) = sigmoid(C(G(z)) - mean C(x)), where C is the logit, both
    terms of the paper are here, for D and for G, and they are added, not halved: the equations have no 1/2, the
    author's code does. The mean of a map of logits is over the batch and the map.

    The two batches need not be of one size. The paper smooths no labels.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="relativistic_average")
    ```

    Reference:
        [Jolicoeur-Martineau, 2018, The relativistic discriminator](https://arxiv.org/abs/1807.00734), section 4.2.
    """

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """-mean log D~(x) - mean log(1 - D~(G(z))); log 4 when D cannot tell them apart."""
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return ops.mean(ops.softplus(ops.mean(fake) - real)) + ops.mean(ops.softplus(fake - ops.mean(real)))
