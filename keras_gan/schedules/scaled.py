"""Schedule times a constant."""

from __future__ import annotations

from typing import Any

import keras

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class Scaled(keras.optimizers.schedules.LearningRateSchedule):
    """Schedule times a constant: lowers the learning rate of a running training, but keeps the shape of its schedule.

    Args:
        schedule: Any of `keras.optimizers.schedules`, or its serialised form.
        factor: Factor of its values, above 0.

    Raises:
        ValueError: If `factor` is not above 0.

    Example:
    ```python
    optimizer.learning_rate = keras_gan.schedules.Scaled(keras_gan.schedules.LinearDecay(2e-4, 10_000), 0.25)
    ```
    """

    def __init__(self, schedule: keras.optimizers.schedules.LearningRateSchedule, factor: float) -> None:
        super().__init__()
        if not factor > 0:
            raise ValueError(f"`factor` must be above 0. Received: factor={factor}")
        self.schedule = keras.saving.deserialize_keras_object(schedule) if isinstance(schedule, dict) else schedule
        self.factor = factor

    def __call__(self, step: Tensor | int) -> Tensor:
        """Returns the value at a step.

        Args:
            step: Number of updates made before.
        """
        return self.factor * self.schedule(step)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`, with the schedule serialised."""
        return {"schedule": keras.saving.serialize_keras_object(self.schedule), "factor": self.factor}


def schedule_of(optimizer: keras.optimizers.Optimizer) -> keras.optimizers.schedules.LearningRateSchedule | None:
    """Returns the schedule of an optimizer's learning rate, or `None` if the rate is a number."""
    inner = getattr(optimizer, "inner_optimizer", optimizer)
    rate = inner.get_config()["learning_rate"]
    return keras.saving.deserialize_keras_object(rate) if isinstance(rate, dict) else None


def scaled_like(
    schedule: keras.optimizers.schedules.LearningRateSchedule,
    other: keras.optimizers.schedules.LearningRateSchedule | None,
) -> keras.optimizers.schedules.LearningRateSchedule:
    """Returns `schedule`, times the factor of `other` if that is a `Scaled`.

    Args:
        schedule: Any of `keras.optimizers.schedules`.
        other: Any of `keras.optimizers.schedules`, or `None`.
    """
    return Scaled(scaled_like(schedule, other.schedule), other.factor) if isinstance(other, Scaled) else schedule
