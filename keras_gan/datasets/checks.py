"""What the arguments of every loader must be."""

from __future__ import annotations

from numbers import Integral


def check_at_least(least: int, **values: int | None) -> None:
    """Raise a `ValueError` that names the first of `values` that is no integer or below `least`; `None` passes."""
    for name, value in values.items():
        if value is not None and not isinstance(value, Integral):
            raise ValueError(f"`{name}` must be an integer. Received: {name}={value!r}")
        if value is not None and value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")


def check_channels(channels: int | tuple[int, int]) -> tuple[int, int]:
    """Return the channels of each of two domains, or raise a `ValueError` if they are not 1 or 3."""
    both = (channels, channels) if isinstance(channels, int) else tuple(channels)
    if len(both) != 2 or not set(both) <= {1, 3}:
        raise ValueError(f"`channels` must be 1, 3 or two of these. Received: channels={channels}")
    return both
