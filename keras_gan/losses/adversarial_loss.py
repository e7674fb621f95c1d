"""What every adversarial loss is."""

from __future__ import annotations

import abc
from typing import Any, ClassVar

from keras_gan.utils.configurable import Configurable


class AdversarialLoss(Configurable, abc.ABC):
    """The two objectives of the game, from the discriminator's logits (before any sigmoid).

    Write your own by subclassing, with `keras.saving.register_keras_serializable` so that a saved model finds it.

    Attributes:
        compares: Whether `generator_loss` needs `real_logits`; a model then computes them for it. Defaults to `False`.
        probability: Whether the sigmoid of a logit is the probability that an image is real; where it is not, `fit()`
            reports the mean logits themselves as `d_real` and `d_fake`. Defaults to `True`.
        boundary: Whether a logit above 0 means that D takes an image for real, as ADA reads it. Defaults to `True`.

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
    def discriminator_loss(self, real_logits: Any, fake_logits: Any) -> Any:
        """The discriminator's loss.

        Args:
            real_logits: D's logits for real images, shape (batch, ...).
            fake_logits: D's logits for generated images, shape (batch, ...).

        Returns:
            A float32 scalar, the mean over the batch.
        """

    @abc.abstractmethod
    def generator_loss(self, fake_logits: Any, real_logits: Any = None) -> Any:
        """The generator's loss.

        Args:
            fake_logits: D's logits for generated images, shape (batch, ...).
            real_logits: D's logits for real images, for losses that compare the two. Defaults to `None`.

        Returns:
            A float32 scalar, the mean over the batch.
        """
