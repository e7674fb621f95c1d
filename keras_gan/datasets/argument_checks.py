"""Checks of the arguments that all loaders share."""

from __future__ import annotations

from numbers import Integral


def check_at_least(least: int, **values: int | None) -> None:
    """Raises a `ValueError` if one of `values` is not an integer of at least `least`. `None` is allowed."""
    for name, value in values.items():
        if value is not None and not isinstance(value, Integral):
            raise ValueError(f"`{name}` must be an integer. Received: {name}={value!r}")
        if value is not None and value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")


def check_channels(channels: int | None) -> None:
    """Raises a `ValueError` if `channels` is not 1, 3 or `None`."""
    if channels not in (None, 1, 3):
        raise ValueError(f"`channels` must be 1, 3 or None. Received: channels={channels}")


def channels_of_both(channels: int | tuple[int, int]) -> tuple[int, int]:
    """Returns the channels of each of two domains.

    Raises:
        ValueError: If they are not 1 or 3.
    """
    both = (channels, channels) if isinstance(channels, int) else tuple(channels)
    if len(both) != 2 or not set(both) <= {1, 3}:
        raise ValueError(f"`channels` must be 1, 3 or two of these. Received: channels={channels}")
    return both
