"""Finding penalties by what the user calls them."""

from __future__ import annotations

from typing import Any

import keras

from keras_gan.penalties.dragan import DRAGAN
from keras_gan.penalties.penalty import Penalty
from keras_gan.penalties.r1 import R1
from keras_gan.penalties.r2 import R2
from keras_gan.penalties.weight_clipping import WeightClipping
from keras_gan.penalties.wgan_gp import WGANGP

BY_NAME: dict[str, type[Penalty]] = {
    "wgan_gp": WGANGP,
    "r1": R1,
    "r2": R2,
    "dragan": DRAGAN,
    "weight_clipping": WeightClipping,
}


def get(identifier: Any, **options: Any) -> Penalty:
    """The penalty that `identifier` means.

    Args:
        identifier: A name (`"wgan_gp"`, `"r1"`, `"r2"`, `"dragan"`, `"weight_clipping"`); a `Penalty`; or its
            serialised form.
        **options: Arguments of the penalty of that name.

    Returns:
        A `Penalty`.

    Raises:
        ValueError: If there is no such penalty, or options are given to one that has them already.

    Example:
    ```python
    penalty = keras_gan.penalties.get("r1", weight=0.5)
    ```
    """
    if options and not isinstance(identifier, str):
        raise ValueError(f"Arguments are taken with a name alone. Received: {options} with {identifier!r}")
    if isinstance(identifier, Penalty):
        return identifier
    if isinstance(identifier, str) and identifier in BY_NAME:
        return BY_NAME[identifier](**options)
    if isinstance(identifier, dict):
        penalty = keras.saving.deserialize_keras_object(identifier)
        if isinstance(penalty, Penalty):
            return penalty
    raise ValueError(
        f"A penalty must be one of {sorted(BY_NAME)} or a keras_gan.penalties.Penalty. Received: {identifier!r}"
    )


def get_all(identifiers: Any) -> tuple[Penalty, ...]:
    """The penalties that `identifiers` mean.

    Args:
        identifiers: `None`, what `get` takes, or a list or tuple of such.

    Returns:
        A tuple of penalties, in the order given.

    Raises:
        ValueError: If one of them is no penalty.

    Example:
    ```python
    penalties = keras_gan.penalties.get_all(["r1", keras_gan.penalties.R2(weight=1.0)])
    ```
    """
    if identifiers is None:
        return ()
    return tuple(get(each) for each in (identifiers if isinstance(identifiers, list | tuple) else [identifiers]))
