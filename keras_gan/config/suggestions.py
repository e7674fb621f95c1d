"""Messages about names that do not exist."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


def nearest(path: str, known: Iterable[str], count: int = 3) -> list[str]:
    """Returns the known paths that a path may have meant, nearest first.

    Args:
        path: Dotted name, such as `discriminator.filter`.
        known: All dotted names.
        count: Largest number of names to return. Defaults to 3.
    """
    paths = list(known)
    group, _, last = path.rpartition(".")
    ends = {one.rpartition(".")[2]: None for one in paths if one.rpartition(".")[0] == group}
    here = difflib.get_close_matches(last, ends, 1)
    if here:
        return [f"{group}.{here[0]}" if group else here[0]]
    if group and ends:
        return []
    close = difflib.get_close_matches(last, dict.fromkeys(one.rpartition(".")[2] for one in paths), 1, cutoff=0.75)
    return [one for one in paths if one.rpartition(".")[2] in close][:count]


def not_a_field(path: str, known: Iterable[str], of: str = "") -> str:
    """Returns the message for an unknown field.

    Args:
        path: Dotted name that does not exist.
        known: All dotted names.
        of: Text after "a field". Defaults to "".
    """
    paths = list(known)
    found = nearest(path, paths)
    if found:
        return f"{path} is not a field{of}. Did you mean {' or '.join(found)}?"
    group = path.rpartition(".")[0]
    here = [one for one in paths if one.rpartition(".")[0] == group] or paths
    return f"{path} is not a field{of}. Fields: {', '.join(here)}"
