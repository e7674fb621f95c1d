"""The minimax loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.losses.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("keras_gan")
class Minimax(AdversarialLoss):
    """The cross-entropy game of the GAN paper: D ascends log D(x) + log(1 - D(G(z))), G descends its second term.

    Early in training D rejects generated images with confidence, log(1 - D(G(z))) saturates and the generator's
    gradient vanishes. `NonSaturating` has the same fixed point and cures it.

    With logits l and D = sigmoid(l): -log D = softplus(-l), -log(1 - D) = softplus(l), which neither overflow nor
    lose precision for large l.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="minimax")
    ```

    Reference:
        [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), equation 1.
    """

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """-mean log D(x) - mean log(1 - D(G(z))); log 4 when D cannot tell them apart."""
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return ops.mean(ops.softplus(-real)) + ops.mean(ops.softplus(fake))

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """Mean log(1 - D(G(z))), at most 0."""
        return -ops.mean(ops.softplus(ops.cast(fake_logits, "float32")))
