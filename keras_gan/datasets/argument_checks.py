"""Checks of the arguments that all loaders share."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Integral
from typing import Any

from keras_gan.typing import Range

CHANNELS = (1, 3, 4)


def check_at_least(least: int, **values: int | None) -> None:
    """Raises a `ValueError` if one of `values` is not an integer of at least `least`. `None` is allowed."""
    for name, value in values.items():
        if value is not None and not isinstance(value, Integral):
            raise ValueError(f"`{name}` must be an integer. Received: {name}={value!r}")
        if value is not None and value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")


def check_channels(channels: int | None) -> None:
    """Raises a `ValueError` if `channels` is not 1, 3, 4 or `None`."""
    if channels not in (None, *CHANNELS):
        raise ValueError(f"`channels` must be 1, 3, 4 or None. Received: channels={channels}")


def check_image_size(image_size: Any) -> int | tuple[int, int] | None:
    """Returns a size as one number, as a height and a width, or as `None`.

    Raises:
        ValueError: If it is not one or two integers of at least 1.
    """
    if image_size is None:
        return None
    if isinstance(image_size, str) or not isinstance(image_size, Sequence):
        one: Any = image_size
        check_at_least(1, image_size=one)
        return int(one)
    sides = tuple(image_size)
    if len(sides) != 2 or not all(isinstance(side, Integral) and int(side) >= 1 for side in sides):
        raise ValueError(
            f"`image_size` must be an integer or (height, width), at least 1. Received: image_size={image_size!r}"
        )
    return int(sides[0]), int(sides[1])


def channels_of_both(channels: int | Sequence[int | None] | None) -> tuple[int | None, int | None]:
    """Returns the channels of each of two domains.

    Raises:
        ValueError: If they are not 1, 3 or None.
    """
    both = tuple(channels) if isinstance(channels, Sequence) else (channels, channels)
    if len(both) != 2 or not set(both) <= {None, 1, 3}:
        raise ValueError(f"`channels` must be 1, 3, None or two of these. Received: channels={channels}")
    return both[0], both[1]


def ranges_of_both(value_range: Any) -> tuple[Range | None, Range | None]:
    """Returns the range of each of two domains.

    Args:
        value_range: Pair of numbers for both domains, pair of ranges (each may be `None`), or `None`.
    """
    if value_range is None:
        return None, None
    if len(value_range) == 2 and any(one is None or isinstance(one, Sequence) for one in value_range):
        return value_range[0], value_range[1]
    return value_range, value_range
