"""Minimax loss."""

from __future__ import annotations

import keras
from keras import ops

from keras_gan.losses import label_smoothing as smoothing
from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Minimax(AdversarialLoss):
    """Minimax loss, the cross-entropy objective of the GAN paper.

        L_D = -mean log D(x) - mean log(1 - D(G(z)))
        L_G = mean log(1 - D(G(z)))

    Early in training D rejects generated images with high confidence. Then log(1 - D(G(z))) saturates and G's gradient
    vanishes. `NonSaturating` has the same optimum without this problem.

    The loss is computed from logits l, with D = sigmoid(l): -log D = softplus(-l) and -log(1 - D) = softplus(l). These
    neither overflow nor lose precision for large l.

    Args:
        label_smoothing: Number from 0 to below 0.5. The target of real images becomes 1 - `label_smoothing`, which
            prevents extreme confidence. Salimans et al. use 0.1. G's loss does not change. Defaults to 0.
        two_sided: `True` to change the target of generated images to `label_smoothing` as well. Salimans et al. advise
            against it, because generated images that are far from all real images then stay there. Defaults to `False`.

    Raises:
        ValueError: If `label_smoothing` is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="minimax")
    ```

    Reference:
        - [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), equation 1.
        - [Salimans et al., 2016, Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), section 3.4.
    """

    def __init__(self, label_smoothing: float = 0.0, two_sided: bool = False) -> None:
        self.label_smoothing = smoothing.checked(label_smoothing)
        self.two_sided = two_sided

    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns -mean log D(x) - mean log(1 - D(G(z))). It is log 4 if all logits are 0."""
        real_target, fake_target = smoothing.targets(self.label_smoothing, self.two_sided)
        return _cross_entropy(real_logits, real_target) + _cross_entropy(fake_logits, fake_target)

    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns mean log(1 - D(G(z))), at most 0."""
        return -_cross_entropy(fake_logits, 0.0)


def _cross_entropy(logits: Tensor, target: float) -> Tensor:
    logits = ops.cast(logits, "float32")
    if target in {0.0, 1.0}:  # 0 times an infinite logit, which float16 may overflow to, would be NaN
        return ops.mean(ops.softplus(-logits if target else logits))
    return ops.mean(target * ops.softplus(-logits) + (1 - target) * ops.softplus(logits))
