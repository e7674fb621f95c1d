"""Smoothed labels: the discriminator learns from targets that are less than certain."""

from __future__ import annotations

import numbers


def checked(label_smoothing: float) -> float:
    """The amount of smoothing, once it was looked at.

    Args:
        label_smoothing: From 0 to below 0.5, where both targets of the two-sided form would be the same.

    Raises:
        ValueError: If it is anything else.
    """
    number = isinstance(label_smoothing, numbers.Real) and not isinstance(label_smoothing, bool)
    if not number or not 0 <= label_smoothing < 0.5:
        raise ValueError(
            f"`label_smoothing` must be a number from 0 to below 0.5. Received: label_smoothing={label_smoothing!r}"
        )
    return float(label_smoothing)


def targets(label_smoothing: float, two_sided: bool) -> tuple[float, float]:
    """What the discriminator is to say of real and of generated images.

    Args:
        label_smoothing: How far a smoothed target is from certainty.
        two_sided: Whether the target of generated images is smoothed too.
    """
    return 1 - label_smoothing, label_smoothing if two_sided else 0.0
