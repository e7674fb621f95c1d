"""Least-squares loss."""

from __future__ import annotations

from typing import ClassVar

import keras
from keras import ops

from keras_gan.losses import label_smoothing as smoothing
from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class LeastSquares(AdversarialLoss):
    """Least-squares loss (LSGAN): the targets of D are 1 for real images and 0 for generated images.

        L_D = 1/2 mean (D(x) - 1)^2 + 1/2 mean D(G(z))^2
        L_G = w mean (D(G(z)) - 1)^2

    D's output is used without a sigmoid. The gradient does not vanish where cross-entropy saturates. So G also learns
    from images that D classifies as real but that are far from the decision boundary.

    Args:
        generator_weight: Factor w of the generator's loss. LSGAN uses 0.5. CycleGAN uses 1. There the factor changes
            the weight relative to the cycle loss. Defaults to 0.5.
        label_smoothing: Number from 0 to below 0.5. The target of real images becomes 1 - `label_smoothing`, the
            paper's b. The target of G, the paper's c, stays 1. Defaults to 0.
        two_sided: `True` to change the target of generated images, the paper's a, from 0 to `label_smoothing`. Defaults
            to `False`.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, loss="least_squares")
    ```

    Reference:
        [Mao et al., 2017, Least Squares Generative Adversarial Networks](https://arxiv.org/abs/1611.04076), equation 9;
        equation 2 for other targets.
    """

    probability: ClassVar[bool] = False
    boundary: ClassVar[bool] = False

    def __init__(self, generator_weight: float = 0.5, label_smoothing: float = 0.0, two_sided: bool = False) -> None:
        if not generator_weight > 0:
            raise ValueError(f"`generator_weight` must be positive. Received: generator_weight={generator_weight}")
        self.generator_weight = generator_weight
        self.label_smoothing = smoothing.checked(label_smoothing)
        self.two_sided = two_sided

    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns 1/2 mean (D(x) - 1)^2 + 1/2 mean D(G(z))^2. It is 0.25 if all logits are 0.5."""
        real_target, fake_target = smoothing.targets(self.label_smoothing, self.two_sided)
        real, fake = ops.cast(real_logits, "float32"), ops.cast(fake_logits, "float32")
        return 0.5 * ops.mean(ops.square(real - real_target)) + 0.5 * ops.mean(ops.square(fake - fake_target))

    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns `generator_weight` times mean (D(G(z)) - 1)^2."""
        return self.generator_weight * ops.mean(ops.square(ops.cast(fake_logits, "float32") - 1))
