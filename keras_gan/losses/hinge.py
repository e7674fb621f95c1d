"""Hinge loss."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Hinge(AdversarialLoss):
    """Hinge loss: D separates real and generated images by a margin, as a support vector machine does.

        L_D = mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z)))
        L_G = -mean D(G(z))

    D gets no gradient from real images with a logit above 1, or from generated images with a logit below -1. SNGAN,
    SAGAN and BigGAN use this loss together with spectral normalisation, which limits D's Lipschitz constant.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="hinge")
    ```

    Reference:
        - [Lim & Ye, 2017, Geometric GAN](https://arxiv.org/abs/1705.02894).
        - [Miyato et al., 2018, Spectral Normalization](https://arxiv.org/abs/1802.05957), equations 16 and 17.
    """

    probability: ClassVar[bool] = False

    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z))). It is 2 if all logits are 0."""
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake))

    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns -mean D(G(z)), which can have either sign."""
        return -ops.mean(ops.cast(fake_logits, "float32"))
