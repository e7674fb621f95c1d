"""Lists of names that users give."""

from __future__ import annotations

from collections.abc import Collection, Sequence


def checked_names(argument: str, names: str | Sequence[str], known: Collection[str]) -> tuple[str, ...]:
    """Returns the names as a tuple, in their order.

    Args:
        argument: Name of the argument, for the error message.
        names: Sequence of names, or a string of names separated by commas.
        known: All valid names.

    Raises:
        ValueError: If there is no name, an unknown name, or a repeated name.
    """
    found = tuple(name.strip() for name in (names.split(",") if isinstance(names, str) else names))
    if not found or len(set(found)) < len(found) or not set(found) <= set(known):
        raise ValueError(
            f"`{argument}` must be one or more of {', '.join(known)}, each once. Received: {argument}={names!r}"
        )
    return found
