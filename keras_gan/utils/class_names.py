"""Names of classes, and labels that are given by name."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from typing import Any

LISTED = 20


def check_class_names(class_names: Sequence[str] | None, num_classes: int | None) -> tuple[str, ...]:
    """Returns the names of the classes of a model; empty without names.

    Args:
        class_names: Name of each class, in order, or `None`.
        num_classes: Number of classes, or `None` for a model without classes.

    Raises:
        ValueError: If the names are not `num_classes` different texts.
    """
    return check_names("class_names", class_names, "num_classes", num_classes)


def check_names(argument: str, names: Sequence[str] | None, counted: str, number: int | None) -> tuple[str, ...]:
    """Returns names as a tuple; empty without names.

    Args:
        argument: Argument that holds the names.
        names: The names, in order, or `None`.
        counted: Argument that holds their number.
        number: Their number.

    Raises:
        ValueError: If the names are not that many different texts.
    """
    if names is None or len(names) == 0:
        return ()
    found = tuple(names)
    texts = not isinstance(names, str) and all(isinstance(name, str) for name in found)
    if not texts or len(set(found)) != len(found) or len(found) != number:
        raise ValueError(f"`{argument}` must be {counted}={number} different names. Received: {argument}={names!r}")
    return found


def label_numbers(labels: Any, class_names: Sequence[str]) -> Any:
    """Returns labels with names replaced by their numbers. Labels without names are returned unchanged.

    Args:
        labels: Name, sequence of names and integers, or other labels.
        class_names: Name of each class, in order; empty if there are none.

    Raises:
        ValueError: If there is no class of a name.
    """
    if isinstance(labels, str):
        return _number(labels, class_names)
    import numpy as np

    many = isinstance(labels, list | tuple) or (isinstance(labels, np.ndarray) and labels.dtype.kind in "UO")
    if many and any(isinstance(label, str) for label in labels):
        return [_number(label, class_names) if isinstance(label, str) else label for label in labels]
    return labels


def parse_label(text: str, class_names: Sequence[str]) -> int:
    """Returns the number of a class that a user typed: an integer is the number, other text is the name.

    Raises:
        ValueError: If there is no class of that name.
    """
    digits = text.removeprefix("-")
    return int(text) if digits.isdecimal() and digits.isascii() else _number(text, class_names)


def class_title(number: int, class_names: Sequence[str]) -> str:
    """Returns the name of a class, `class 3` without names, or `class 2 ("10")` if the name is another number."""
    if number >= len(class_names):
        return f"class {number}"
    name = class_names[number]
    return f'class {number} ("{name}")' if name.isdecimal() and name != str(number) else name


def number_hint(number: int, class_names: Sequence[str]) -> str:
    """Returns which class a number is the name of, for the end of an error message; empty if it is no name."""
    return f", the name of class {list(class_names).index(str(number))}" if str(number) in class_names else ""


def headings(class_names: Sequence[str]) -> tuple[str, ...]:
    """Returns the names of classes for a picture; empty if they are only the numbers of the classes."""
    numbers = [str(number) for number in range(len(class_names))]
    return () if list(class_names) == numbers else tuple(class_names)


def describe_classes(class_names: Sequence[str], counts: Sequence[int] = ()) -> str:
    """Returns which class is which: `class 0 = "cats" (120 images), class 1 = "dogs" (80 images)`.

    Args:
        class_names: Name of each class, in order. At most 20 are listed.
        counts: Number of images of each class. Defaults to none.
    """
    shown = []
    for number, name in enumerate(class_names[:LISTED]):
        images = f" ({counts[number]} image{'s'[: counts[number] != 1]})" if counts else ""
        shown.append(f'class {number} = "{name}"{images}')
    more = f", and {len(class_names) - LISTED} more" if len(class_names) > LISTED else ""
    return ", ".join(shown) + more


def _number(name: str, class_names: Sequence[str]) -> int:
    if name in class_names:
        return list(class_names).index(name)
    if not class_names:
        raise ValueError(f"A label must be an integer: this model states no names of classes. Received: {name!r}")
    close = difflib.get_close_matches(name, class_names, n=1)
    hint = f". Did you mean {close[0]!r}?" if close else ""
    raise ValueError(
        f"A label must be the name or the number of a class: {describe_classes(class_names)}. Received: {name!r}{hint}"
    )
