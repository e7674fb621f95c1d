"""The least-squares loss."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
from keras import ops

from keras_gan.losses import label_smoothing as smoothing
from keras_gan.losses.adversarial_loss import AdversarialLoss


@keras.saving.register_keras_serializable("keras_gan")
class LeastSquares(AdversarialLoss):
    """LSGAN: D regresses real images to 1 and generated ones to 0, G draws what D takes for 1.

    D's output is used as it is, without a sigmoid. The square pulls images towards the decision boundary also from its
    right side, where cross-entropy is content, so that the gradient does not vanish.

    Args:
        generator_weight: The factor before the generator's expectation: 0.5 in LSGAN, 1 in CycleGAN, where its size
            against the cycle term matters. Defaults to 0.5.
        label_smoothing: D regresses real images to 1 - `label_smoothing`, the paper's b, rather than to 1. From 0 to
            below 0.5. G's target, the paper's c, stays 1. Defaults to 0.
        two_sided: Whether D also regresses generated images to `label_smoothing`, the paper's a, rather than to 0.
            Defaults to `False`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="least_squares")
    ```

    Reference:
        [Mao et al., 2017, Least Squares Generative Adversarial Networks](https://arxiv.org/abs/1611.04076),
        equation 9, and equation 2 for other targets.
    """

    probability: ClassVar[bool] = False
    boundary: ClassVar[bool] = False

    def __init__(self, generator_weight: float = 0.5, label_smoothing: float = 0.0, two_sided: bool = False) -> None:
        if not generator_weight > 0:
            raise ValueError(f"`generator_weight` must be positive. Received: generator_weight={generator_weight}")
        self.generator_weight = generator_weight
        self.label_smoothing = smoothing.checked(label_smoothing)
        self.two_sided = two_sided

    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """Half of mean (D(x) - 1)^2 plus half of mean D(G(z))^2; 0.25 when D cannot tell them apart."""
        real_target, fake_target = smoothing.targets(self.label_smoothing, self.two_sided)
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return 0.5 * ops.mean(ops.square(real - real_target)) + 0.5 * ops.mean(ops.square(fake - fake_target))

    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """`generator_weight` times mean (D(G(z)) - 1)^2."""
        return self.generator_weight * ops.mean(ops.square(ops.cast(fake_logits, "float32") - 1))
