"""The Wasserstein loss."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("keras_gan")
class Wasserstein(AdversarialLoss):
    """WGAN: D, the critic, ascends mean D(x) - mean D(G(z)), G ascends mean D(G(z)).

    The negative of D's loss estimates the Wasserstein distance of the two distributions, up to a factor, only while D
    is Lipschitz: train with `keras_gan.penalties.WGANGP` or `WeightClipping`, and with several updates of D for each of
    G (`d_steps=5` in both papers). A critic's output has no sigmoid and no scale of its own.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="wasserstein", d_steps=5, penalties="wgan_gp")
    ```

    Reference:
        [Arjovsky et al., 2017, Wasserstein GAN](https://arxiv.org/abs/1701.07875), algorithm 1.
    """

    probability: ClassVar[bool] = False
    boundary: ClassVar[bool] = False

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """Mean D(G(z)) - mean D(x), of either sign."""
        return ops.mean(ops.cast(fake_logits, "float32")) - ops.mean(ops.cast(real_logits, "float32"))

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """-mean D(G(z)), of either sign."""
        return -ops.mean(ops.cast(fake_logits, "float32"))
