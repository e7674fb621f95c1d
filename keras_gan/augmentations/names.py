"""Lists of names as users write them."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def checked_names(argument: str, names: str | Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """The names, in their order.

    Args:
        argument: What the user knows them by.
        names: A sequence of names, or a string of them with commas between.
        known: All that there are.

    Raises:
        ValueError: If there is none, one that is not known, or one twice.
    """
    found = tuple(name.strip() for name in (names.split(",") if isinstance(names, str) else names))
    if not found or len(set(found)) < len(found) or not set(found) <= set(known):
        raise ValueError(
            f"`{argument}` must be one or more of {', '.join(known)}, each once. Received: {argument}={names!r}"
        )
    return found
