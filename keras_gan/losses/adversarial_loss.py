"""Base class of adversarial losses."""

from __future__ import annotations

import abc
from typing import ClassVar

from keras_gan.typing import Tensor
from keras_gan.utils.configurable import Configurable


class AdversarialLoss(Configurable, abc.ABC):
    """Base class of adversarial losses: one loss for the discriminator D, one for the generator G, from D's logits.

    To write your own, subclass it and add `keras.saving.register_keras_serializable`, so that saved models can be
    loaded.

    Attributes:
        compares: `True` if `generator_loss` needs `real_logits`; the model then computes them. Defaults to `False`.
        probability: `True` if the sigmoid of a logit is the probability that an image is real. If `False`, `fit()`
            reports the mean logits as `d_real` and `d_fake`. Defaults to `True`.
        boundary: `True` if D classifies images with a logit above 0 as real, which ADA relies on. Defaults to `True`.

    Example:
    ```python
    @keras.saving.register_keras_serializable("my_package")
    class BoundarySeeking(keras_gan.losses.AdversarialLoss):
        def discriminator_loss(self, real_logits, fake_logits):
            return keras.ops.mean(keras.ops.softplus(-real_logits)) + keras.ops.mean(keras.ops.softplus(fake_logits))

        def generator_loss(self, fake_logits, real_logits=None):
            return keras.ops.mean(keras.ops.square(fake_logits)) / 2

    gan.compile(d_optimizer, g_optimizer, loss=BoundarySeeking())
    ```
    """

    compares: ClassVar[bool] = False
    probability: ClassVar[bool] = True
    boundary: ClassVar[bool] = True

    @abc.abstractmethod
    def discriminator_loss(self, real_logits: Tensor, fake_logits: Tensor) -> Tensor:
        """Returns the discriminator's loss, a float32 scalar: the mean over the batch.

        Args:
            real_logits: Logits of D for real images, shape (batch, ...).
            fake_logits: Logits of D for generated images, shape (batch, ...).
        """

    @abc.abstractmethod
    def generator_loss(self, fake_logits: Tensor, real_logits: Tensor | None = None) -> Tensor:
        """Returns the generator's loss, a float32 scalar: the mean over the batch.

        Args:
            fake_logits: Logits of D for generated images, shape (batch, ...).
            real_logits: Logits of D for real images. Only for losses with `compares = True`. Defaults to `None`.
        """
