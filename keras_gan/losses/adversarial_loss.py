"""What every adversarial loss is."""

from __future__ import annotations

import abc
import inspect
from typing import Any


class AdversarialLoss(abc.ABC):
    """The two objectives of the game, from the discriminator's logits (before any sigmoid).

    Write your own by subclassing, with `keras.saving.register_keras_serializable` so that a saved model finds it:

    Example:
    ```python
    @keras.saving.register_keras_serializable("my_package")
    class Hinge(keras_gan.losses.AdversarialLoss):
        def discriminator_loss(self, real_logits, fake_logits):
            return keras.ops.mean(keras.ops.relu(1 - real_logits)) + keras.ops.mean(keras.ops.relu(1 + fake_logits))

        def generator_loss(self, fake_logits, real_logits=None):
            return -keras.ops.mean(fake_logits)

    gan.compile(d_optimizer, g_optimizer, loss=Hinge())
    ```
    """

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

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`, for Keras's serialisation: the attributes of the same names.

        Raises:
            NotImplementedError: If an argument is no attribute; the subclass then has to write this method.
        """
        if type(self).__init__ is object.__init__:
            return {}
        names = list(inspect.signature(type(self).__init__).parameters)[1:]
        missing = [name for name in names if not hasattr(self, name)]
        if missing:
            raise NotImplementedError(
                f"{type(self).__name__} must keep its arguments as attributes of the same names, or have a "
                f"`get_config` of its own. Received: no attribute {', '.join(missing)}"
            )
        return {name: getattr(self, name) for name in names}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> AdversarialLoss:
        """The loss that `get_config` described."""
        return cls(**config)
