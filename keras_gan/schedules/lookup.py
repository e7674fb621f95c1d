"""Finding a schedule by its name."""

from __future__ import annotations

from typing import Any

import keras

from keras_gan.schedules.half_life import HalfLife
from keras_gan.utils.registry import Registry

_BASES = (keras.optimizers.schedules.LearningRateSchedule, HalfLife)
_REGISTRY: Registry[Any] = Registry("keras_gan.schedules", _BASES, "schedule")


def names() -> tuple[str, ...]:
    """Returns the names of all schedules, sorted: the names of the files of `keras_gan.schedules` that define one."""
    return _REGISTRY.names()


def get(name: str, **options: Any) -> keras.optimizers.schedules.LearningRateSchedule | HalfLife:
    """Returns a schedule by name.

    Args:
        name: Name of a schedule, see `names()`.
        **options: Arguments of the schedule.

    Raises:
        ValueError: If there is no such schedule.

    Example:
    ```python
    schedule = keras_gan.schedules.get("linear_decay", learning_rate=2e-4, steps=10_000)
    ```
    """
    return _REGISTRY.create(name, **options)
