"""The hinge loss."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("keras_gan")
class Hinge(AdversarialLoss):
    """The hinge game: D separates the two by a margin, as a support vector machine does; G ascends mean D(G(z)).

    D learns nothing more from real images above 1 and generated ones below -1. It is the loss of SNGAN, SAGAN and
    BigGAN, where spectral normalisation keeps D Lipschitz.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="hinge")
    ```

    Reference:
        [Lim & Ye, 2017, Geometric GAN](https://arxiv.org/abs/1705.02894);
        [Miyato et al., 2018, Spectral Normalization](https://arxiv.org/abs/1802.05957), equations 16 and 17.
    """

    probability: ClassVar[bool] = False

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """Mean max(0, 1 - D(x)) + mean max(0, 1 + D(G(z))); 2 when D says 0 of all images."""
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return ops.mean(ops.relu(1 - real)) + ops.mean(ops.relu(1 + fake))

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """-mean D(G(z)), of either sign."""
        return -ops.mean(ops.cast(fake_logits, "float32"))
