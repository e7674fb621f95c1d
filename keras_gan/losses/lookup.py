"""Finding a loss by what the user calls it."""

from __future__ import annotations

from typing import Any

import keras

from keras_gan.losses.adversarial_loss import AdversarialLoss
from keras_gan.losses.hinge import Hinge
from keras_gan.losses.least_squares import LeastSquares
from keras_gan.losses.minimax import Minimax
from keras_gan.losses.non_saturating import NonSaturating
from keras_gan.losses.relativistic import Relativistic
from keras_gan.losses.relativistic_average import RelativisticAverage
from keras_gan.losses.wasserstein import Wasserstein

BY_NAME: dict[str, type[AdversarialLoss]] = {
    "minimax": Minimax,
    "non_saturating": NonSaturating,
    "least_squares": LeastSquares,
    "wasserstein": Wasserstein,
    "hinge": Hinge,
    "relativistic": Relativistic,
    "relativistic_average": RelativisticAverage,
}


def get(identifier: Any) -> AdversarialLoss:
    """The adversarial loss that `identifier` means.

    Args:
        identifier: A name (`"minimax"`, `"non_saturating"`, `"least_squares"`, `"wasserstein"`, `"hinge"`,
            `"relativistic"`, `"relativistic_average"`), an `AdversarialLoss`, its serialised form, or a
            `keras.losses.BinaryCrossentropy(from_logits=True)` as the Keras guides pass it, which trains the generator
            by the non-saturating objective.

    Returns:
        An `AdversarialLoss`.

    Raises:
        ValueError: If there is no such loss.

    Example:
    ```python
    loss = keras_gan.losses.get("non_saturating")
    ```
    """
    if isinstance(identifier, AdversarialLoss):
        return identifier
    if isinstance(identifier, str) and identifier in BY_NAME:
        return BY_NAME[identifier]()
    if isinstance(identifier, dict):
        loss = keras.saving.deserialize_keras_object(identifier)
        if isinstance(loss, AdversarialLoss):
            return loss
    if isinstance(identifier, keras.losses.BinaryCrossentropy):
        return _from_binary_crossentropy(identifier)
    raise ValueError(
        f"`loss` must be one of {sorted(BY_NAME)} or a keras_gan.losses.AdversarialLoss. Received: {identifier!r}"
    )


def _from_binary_crossentropy(loss: keras.losses.BinaryCrossentropy) -> AdversarialLoss:
    if not loss.from_logits:
        raise ValueError(
            "A GAN's loss is computed from logits: remove the sigmoid at the end of the discriminator and pass "
            'loss="non_saturating" or keras.losses.BinaryCrossentropy(from_logits=True). '
            "Received: BinaryCrossentropy(from_logits=False)"
        )
    if loss.label_smoothing:
        # Keras's a moves both targets by a / 2, and the generator's too, which no paper does.
        ours = f"NonSaturating(label_smoothing={loss.label_smoothing / 2:g}, two_sided=True)"
        raise ValueError(
            "BinaryCrossentropy is accepted without label smoothing only, as it would smooth the generator's target "
            f"too. For a discriminator that learns as from yours pass loss=keras_gan.losses.{ours}. "
            f"Received: label_smoothing={loss.label_smoothing}"
        )
    return NonSaturating()
