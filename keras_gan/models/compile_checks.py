"""Checks of the arguments of `compile`."""

from __future__ import annotations

import warnings

from keras_gan.augmentations import ADA, Augmentation
from keras_gan.errors import KerasGANWarning
from keras_gan.losses import AdversarialLoss


def check_at_least_1(**counts: int) -> None:
    """Raises `ValueError` if a count is not an integer of at least 1."""
    for name, value in counts.items():
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise ValueError(f"`{name}` must be an integer, at least 1. Received: {name}={value}")


def warn_of_ada(augmentation: Augmentation | None, loss: AdversarialLoss) -> None:
    """Warn about ADA together with a loss whose logits are not positive for real images."""
    if isinstance(augmentation, ADA) and not loss.boundary:
        warnings.warn(
            "ADA counts logits above 0 as real images, which is wrong for this loss, so its p has no meaning. "
            "Use augmentation='diffaugment', or the loss 'non_saturating' or 'hinge'. "
            f"Received: loss={type(loss).__name__}",
            KerasGANWarning,
            stacklevel=3,
        )
