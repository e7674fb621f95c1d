"""Wasserstein loss."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Wasserstein(AdversarialLoss):
    """Wasserstein loss: D is a critic that estimates the Wasserstein distance between real and generated images.

        L_D = mean D(G(z)) - mean D(x)
        L_G = -mean D(G(z))

    D must be Lipschitz: its slope must be limited. For this, add the penalty `"wgan_gp"` or `"weight_clipping"`. Also
    update D several times before each update of G (`d_steps=5`).

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="wasserstein", d_steps=5, penalties="wgan_gp")
    ```

    Reference:
        [Arjovsky et al., 2017, Wasserstein GAN](https://arxiv.org/abs/1701.07875), algorithm 1.
    """

    probability: ClassVar[bool] = False
    boundary: ClassVar[bool] = False

    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns mean D(G(z)) - mean D(x), which can have either sign."""
        return ops.mean(ops.cast(fake_logits, "float32")) - ops.mean(ops.cast(real_logits, "float32"))

    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns -mean D(G(z)), which can have either sign."""
        return -ops.mean(ops.cast(fake_logits, "float32"))
