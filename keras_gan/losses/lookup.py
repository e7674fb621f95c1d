"""Finding a loss by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.losses.non_saturating import NonSaturating
from keras_gan.utils.registry import Registry, unknown_name

if TYPE_CHECKING:
    from keras_gan.typing import LossLike

_REGISTRY: Registry[AdversarialLoss] = Registry("keras_gan.losses", AdversarialLoss, "loss")


def names() -> tuple[str, ...]:
    """Returns the names of all losses, sorted: the names of the files of `keras_gan.losses` that define one."""
    return _REGISTRY.names()


def get(identifier: LossLike) -> AdversarialLoss:
    """Returns an adversarial loss.

    Args:
        identifier: Name of a loss, see `names()`; or an `AdversarialLoss`, or its serialised form. A
            `keras.losses.BinaryCrossentropy(from_logits=True)`, as the Keras guides pass it, becomes `NonSaturating`.

    Raises:
        ValueError: If `identifier` is none of these.

    Example:
    ```python
    loss = keras_gan.losses.get("non_saturating")
    ```
    """
    if isinstance(identifier, AdversarialLoss):
        return identifier
    if isinstance(identifier, str) and identifier in names():
        return _REGISTRY.create(identifier)
    if isinstance(identifier, dict):
        loss = keras.saving.deserialize_keras_object(identifier)
        if isinstance(loss, AdversarialLoss):
            return loss
    if isinstance(identifier, keras.losses.BinaryCrossentropy):
        return _from_binary_crossentropy(identifier)
    raise ValueError(unknown_name("loss", identifier, names(), " or a keras_gan.losses.AdversarialLoss"))


def _from_binary_crossentropy(loss: keras.losses.BinaryCrossentropy) -> AdversarialLoss:
    if not loss.from_logits:
        raise ValueError(
            "`loss` must be computed from logits: remove the sigmoid at the end of the discriminator and pass "
            'loss="non_saturating" or keras.losses.BinaryCrossentropy(from_logits=True). '
            "Received: BinaryCrossentropy(from_logits=False)"
        )
    if loss.label_smoothing:
        # Keras's smoothing s moves both targets by s / 2, and the generator's target too, which no paper does.
        ours = f"NonSaturating(label_smoothing={loss.label_smoothing / 2:g}, two_sided=True)"
        raise ValueError(
            "BinaryCrossentropy with label smoothing is not supported, because it would smooth the generator's target "
            f"too. To smooth only the discriminator's targets, pass loss=keras_gan.losses.{ours}. "
            f"Received: label_smoothing={loss.label_smoothing}"
        )
    return NonSaturating()
