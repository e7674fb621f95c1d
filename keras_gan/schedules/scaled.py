"""A schedule times a number."""

from __future__ import annotations

from typing import Any

import keras


@keras.saving.register_keras_serializable("keras_gan")
class Scaled(keras.optimizers.schedules.LearningRateSchedule):
    """What another schedule gives, times a factor: a training goes on slower on the same course.

    Args:
        schedule: Any of `keras.optimizers.schedules`, or its serialised form.
        factor: What its values are multiplied by, above 0.

    Raises:
        ValueError: If `factor` is not above 0.

    Example:
    ```python
    optimizer.learning_rate = keras_gan.schedules.Scaled(keras_gan.schedules.LinearDecay(2e-4, 10_000), 0.25)
    ```
    """

    def __init__(self, schedule: Any, factor: float) -> None:
        super().__init__()
        if not factor > 0:
            raise ValueError(f"`factor` must be above 0. Received: factor={factor}")
        self.schedule = keras.saving.deserialize_keras_object(schedule) if isinstance(schedule, dict) else schedule
        self.factor = factor

    def __call__(self, step: Any) -> Any:
        """The rate at a step.

        Args:
            step: How many updates were made before.
        """
        return self.factor * self.schedule(step)

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`, the schedule serialised."""
        return {"schedule": keras.saving.serialize_keras_object(self.schedule), "factor": self.factor}


def schedule_of(optimizer: Any) -> Any:
    """The schedule of an optimizer's learning rate; `None` where that is a number."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    rate = inner.get_config()["learning_rate"]
    return keras.saving.deserialize_keras_object(rate) if isinstance(rate, dict) else None


def scaled_like(schedule: Any, other: Any) -> Any:
    """A schedule, times what another was multiplied by.

    Args:
        schedule: Any of `keras.optimizers.schedules`.
        other: Likewise, or `None`.
    """
    return Scaled(scaled_like(schedule, other.schedule), other.factor) if isinstance(other, Scaled) else schedule
