"""Schedule that is constant, then falls linearly to zero."""

from __future__ import annotations

from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class LinearDecay(keras.optimizers.schedules.LearningRateSchedule):
    """CycleGAN's learning rate: constant in the first half of training, then linearly decaying to zero.

    It depends only on the optimizer's step count, which is saved. So a resumed training continues the schedule.

    Args:
        learning_rate: Learning rate of the first steps.
        steps: Number of steps until the rate is zero.
        start: Step at which the rate begins to fall. Defaults to `None`, half of `steps`.

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

    def __call__(self, step: Tensor | int) -> Tensor:
        """Returns the learning rate at a step.

        Args:
            step: Number of updates made before.
        """
        done = (ops.cast(step, "float32") - self.start) / (self.steps - self.start)
        return self.learning_rate * ops.clip(1.0 - done, 0.0, 1.0)

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return {"learning_rate": self.learning_rate, "steps": self.steps, "start": self.start}
