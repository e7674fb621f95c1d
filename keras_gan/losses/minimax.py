"""The minimax loss."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.losses import label_smoothing as smoothing
from keras_gan.losses.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("keras_gan")
class Minimax(AdversarialLoss):
    """The cross-entropy game of the GAN paper: D ascends log D(x) + log(1 - D(G(z))), G descends its second term.

    Early in training D rejects generated images with confidence, log(1 - D(G(z))) saturates and the generator's
    gradient vanishes. `NonSaturating` has the same fixed point and cures it.

    With logits l and D = sigmoid(l): -log D = softplus(-l), -log(1 - D) = softplus(l), which neither overflow nor
    lose precision for large l.

    Args:
        label_smoothing: D learns to say 1 - `label_smoothing` of real images, rather than 1, which keeps it from
            extreme confidence; 0.1 in Salimans et al. From 0 to below 0.5. G's loss stays as it is. Defaults to 0.
        two_sided: Whether D also learns to say `label_smoothing` of generated images. Salimans et al. advise against
            it: where there are no real images it holds the generated ones in place. Defaults to `False`.

    Raises:
        ValueError: If `label_smoothing` is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="minimax")
    ```

    Reference:
        [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661), equation 1;
        [Salimans et al., 2016, Improved Techniques for Training GANs](https://arxiv.org/abs/1606.03498), section 3.4.
    """

    def __init__(self, label_smoothing: float = 0.0, two_sided: bool = False) -> None:
        self.label_smoothing = smoothing.checked(label_smoothing)
        self.two_sided = two_sided

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """-mean log D(x) - mean log(1 - D(G(z))); log 4 when D cannot tell them apart."""
        real_target, fake_target = smoothing.targets(self.label_smoothing, self.two_sided)
        return _cross_entropy(real_logits, real_target) + _cross_entropy(fake_logits, fake_target)

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """Mean log(1 - D(G(z))), at most 0."""
        return -_cross_entropy(fake_logits, 0.0)


def _cross_entropy(logits: Any, target: float) -> Any:
    logits = ops.cast(logits, "float32")
    if target in {0.0, 1.0}:  # a factor of 0 would make an infinite logit, float16's overflow, NaN
        return ops.mean(ops.softplus(-logits if target else logits))
    return ops.mean(target * ops.softplus(-logits) + (1 - target) * ops.softplus(logits))
