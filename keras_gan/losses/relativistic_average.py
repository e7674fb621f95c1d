"""Relativistic average loss."""

from __future__ import annotations

import keras
from keras import ops

from keras_gan.losses.relativistic import Relativistic
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class RelativisticAverage(Relativistic):
    """Relativistic average loss: D compares each image with the mean logit of the other kind of images.

        C~(x) = C(x) - mean C(G(z)),  C~(G(z)) = C(G(z)) - mean C(x),  where C is the logit and D~ = sigmoid(C~)
        L_D = -mean log D~(x) - mean log(1 - D~(G(z)))
        L_G = -mean log D~(G(z)) - mean log(1 - D~(x))

    The two terms are added, as in the equations of the paper. The author's code halves them. If D returns a map of
    logits, means are over the batch and the map.

    The two batches may have different sizes. Label smoothing is not supported.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="relativistic_average")
    ```

    Reference:
        [Jolicoeur-Martineau, 2018, The relativistic discriminator](https://arxiv.org/abs/1807.00734), section 4.2.
    """

    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns -mean log D~(x) - mean log(1 - D~(G(z))). It is log 4 if all logits are equal."""
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return ops.mean(ops.softplus(ops.mean(fake) - real)) + ops.mean(ops.softplus(fake - ops.mean(real)))
