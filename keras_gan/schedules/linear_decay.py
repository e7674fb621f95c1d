"""A learning rate that stays, then falls to zero along a line."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """CycleGAN's schedule: constant for the first half of training, then linear to zero.

    It is a function of the optimizer's saved step count, so a resumed training goes on where it was.

    Args:
        learning_rate: The rate of the first steps.
        steps: Steps until the rate is zero.
        start: The step at which it begins to fall. Defaults to `None`, half of `steps`.

    Raises:
        ValueError: If `start` is not from 0 to below `steps`.

    Example:
    ```python
    steps = 200 * len(dataset)
    optimizer = keras.optimizers.Adam(keras_gan.schedules.LinearDecay(2e-4, steps), beta_1=0.5)
    ```

    Reference:
        [Zhu et al., 2017, Unpaired Image-to-Image Translation](https://arxiv.org/abs/1703.10593), section 4.
    """

    def __init__(self, learning_rate: float, steps: int, start: int | None = None) -> None:
        super().__init__()
        start = steps // 2 if start is None else start
        if not 0 <= start < steps:
            raise ValueError(f"`start` must be from 0 to below `steps`. Received: start={start}, steps={steps}")
        self.learning_rate = learning_rate
        self.steps = steps
        self.start = start

    def __call__(self, step: Any) -> Any:
        """The rate at a step.

        Args:
            step: How many updates were made before.
        """
        done = (ops.cast(step, "float32") - self.start) / (self.steps - self.start)
        return self.learning_rate * ops.clip(1.0 - done, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return {"learning_rate": self.learning_rate, "steps": self.steps, "start": self.start}
