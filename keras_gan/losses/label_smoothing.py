"""Label smoothing: targets of the discriminator that are less certain than 0 and 1."""

from __future__ import annotations

import numbers


def checked(label_smoothing: float) -> float:
    """Returns `label_smoothing` as a float.

    Args:
        label_smoothing: Number from 0 to below 0.5. At 0.5 two-sided smoothing would make both targets equal.

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
    """Returns the discriminator's targets for real and for generated images.

    Args:
        label_smoothing: Distance of a smoothed target from 0 or 1.
        two_sided: `True` to smooth the target of generated images too.
    """
    return 1 - label_smoothing, label_smoothing if two_sided else 0.0
