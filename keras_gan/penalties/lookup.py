"""Finding penalties by their names."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import keras

from keras_gan.penalties.penalty import Penalty
from keras_gan.utils import registry
from keras_gan.utils.registry import Registry, unknown_name

if TYPE_CHECKING:
    from keras_gan.typing import PenaltiesLike, PenaltyLike

_REGISTRY: Registry[Penalty] = Registry("keras_gan.penalties", Penalty, "penalty")


def names() -> tuple[str, ...]:
    """Returns the names of all penalties, sorted: the names of the files of `keras_gan.penalties` that define one."""
    return _REGISTRY.names()


def get(identifier: PenaltyLike, **options: Any) -> Penalty:
    """Returns a penalty.

    Args:
        identifier: Name of a penalty, see `names()`; or a `Penalty`, or its serialised form.
        **options: Arguments of the penalty. Only with a name.

    Raises:
        ValueError: If `identifier` is none of these, or `options` are given without a name.

    Example:
    ```python
    penalty = keras_gan.penalties.get("r1", weight=0.5)
    ```
    """
    if options and not isinstance(identifier, str):
        raise ValueError(f"Options must be given with the name of a penalty. Received: {options} with {identifier!r}")
    if isinstance(identifier, Penalty):
        return identifier
    if isinstance(identifier, str) and identifier in names():
        return _REGISTRY.create(identifier, **options)
    if isinstance(identifier, dict):
        penalty = keras.saving.deserialize_keras_object(identifier)
        if isinstance(penalty, Penalty):
            return penalty
    raise ValueError(unknown_name("penalties", identifier, names(), " or a keras_gan.penalties.Penalty"))


def get_all(identifiers: PenaltiesLike) -> tuple[Penalty, ...]:
    """Returns a tuple of penalties, in the order given.

    Args:
        identifiers: `None`, what `get` takes, or a list or tuple of these.

    Raises:
        ValueError: If one of them is not a penalty.

    Example:
    ```python
    penalties = keras_gan.penalties.get_all(["r1", keras_gan.penalties.R2(weight=1.0)])
    ```
    """
    if identifiers is None:
        return ()
    if isinstance(identifiers, list | tuple):
        return tuple(get(each) for each in identifiers)
    return (get(cast("PenaltyLike", identifiers)),)


def parse(text: str) -> Penalty:
    """Returns a penalty from `NAME` or `NAME:NUMBER`, the form that the command line takes.

    Args:
        text: Name, or name and number, such as `"r1:0.5"`. The number sets the argument that the penalty's `strength`
            names: the weight, or the limit of `"weight_clipping:0.01"`.

    Raises:
        ValueError: If there is no such penalty, or the number is not one.

    Example:
    ```python
    penalty = keras_gan.penalties.parse("r1:0.5")
    ```
    """
    return registry.parse(_REGISTRY, text)
