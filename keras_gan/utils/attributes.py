"""Attributes as labels: vectors of floats, whose numbers may have names."""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from keras_gan.utils.class_names import check_names

if TYPE_CHECKING:
    import numpy as np

LISTED = 20


def check_attribute_names(names: Sequence[str] | None, num_attributes: int | None) -> tuple[str, ...]:
    """Returns the names of the attributes of a model; empty without names.

    Args:
        names: Name of each attribute, in order, or `None`.
        num_attributes: Number of attributes, or `None` for a model without attributes.

    Raises:
        ValueError: If the names are not `num_attributes` different texts.
    """
    return check_names("attribute_names", names, "num_attributes", num_attributes)


def attribute_rows(n: int, labels: Any, num_attributes: int, names: Sequence[str] = ()) -> np.ndarray:
    """Returns the attributes of each of `n` images, float32 (n, num_attributes).

    Args:
        n: Number of images.
        labels: Floats (n, num_attributes), or (num_attributes,) for all images; or a mapping from names to values,
            where others are 0. `None` for each attribute in turn: it is 1, and the others are 0.
        num_attributes: Number of attributes.
        names: Name of each attribute. Defaults to none.

    Raises:
        ValueError: If the attributes have the wrong shape or dtype, are not finite, or a name does not exist.
    """
    import numpy as np

    if labels is None:
        return np.eye(num_attributes, dtype=np.float32)[np.arange(n) % num_attributes]
    if isinstance(labels, Mapping):
        labels = _vector(labels, names)
    try:
        array = np.asarray(labels, np.float32)
    except (TypeError, ValueError):
        array = np.full((), np.nan, np.float32)
    array = np.broadcast_to(array, (n, num_attributes)) if array.shape == (num_attributes,) else array
    if array.shape != (n, num_attributes) or not np.isfinite(array).all():
        named = f": {describe_attributes(names)}" if names else ""
        raise ValueError(
            f"`labels` must be finite floats of shape ({n}, {num_attributes}) or ({num_attributes},){named}. "
            f"Received: {str(labels)[:80]}"
        )
    return np.ascontiguousarray(array)


def parse_attributes(text: str, num_attributes: int, names: Sequence[str] = ()) -> list[float]:
    """Returns the attributes that a user typed: `0.5,1,0`, or `smile=1,age=0.3` with zeros for others.

    Args:
        text: Text of the user.
        num_attributes: Number of attributes.
        names: Name of each attribute. Defaults to none.

    Raises:
        ValueError: If the text is not of this form.
    """
    parts = [part.strip() for part in text.split(",")]
    try:
        if all("=" in part for part in parts):
            pairs = (part.rpartition("=") for part in parts)
            return _vector({name.strip(): float(value) for name, _, value in pairs}, names)
        values = [float(part) for part in parts]
    except ValueError as error:
        if "name" in str(error):
            raise
        values = []
    if len(values) != num_attributes:
        named = f", or NAME=VALUE of {describe_attributes(names)}" if names else ""
        raise ValueError(
            f"Attributes must be {num_attributes} numbers with commas between them{named}. Received: {text}"
        )
    return values


def describe_attributes(names: Sequence[str]) -> str:
    """Returns the names of attributes in a sentence. At most 20 are listed."""
    more = f", and {len(names) - LISTED} more" if len(names) > LISTED else ""
    return ", ".join(names[:LISTED]) + more


def _vector(values: Mapping[str, float], names: Sequence[str]) -> list[float]:
    for name in values:
        if name not in names:
            close = difflib.get_close_matches(name, names, n=1)
            hint = f". Did you mean {close[0]!r}?" if close else ""
            known = describe_attributes(names) if names else "none, as this model states no names"
            raise ValueError(f"An attribute must have a name of the model: {known}. Received: {name!r}{hint}")
    return [float(values.get(name, 0.0)) for name in names]
