"""Schedule that changes from one value to another along half a cosine."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class CosineBurnIn(keras.optimizers.schedules.LearningRateSchedule):
    """Schedule that goes from `initial` to `final` along half a cosine over the first `steps` updates, then stays.

    It works for a learning rate, for a penalty's weight and for the `images` of `HalfLife`. R3GAN changes all three
    this way at the beginning of training, when the discriminator has not learned much yet.

    Args:
        initial: Value at the first update.
        final: Value from update `steps` on.
        steps: Number of updates until the final value, at least 1.

    Raises:
        ValueError: If `steps` is below 1, or a value is negative or not finite.

    Example:
    ```python
    steps = 100 * len(dataset)
    rate = keras_gan.schedules.CosineBurnIn(2e-4, 5e-5, steps)
    gamma = keras_gan.schedules.CosineBurnIn(2.0, 0.2, steps)
    ```

    Reference:
        [Huang et al., 2024, The GAN is dead; long live the GAN!](https://arxiv.org/abs/2501.05441), appendix on
        training details.
    """

    def __init__(self, initial: float, final: float, steps: int) -> None:
        super().__init__()
        if steps < 1:
            raise ValueError(f"`steps` must be at least 1. Received: steps={steps}")
        for name, value in (("initial", initial), ("final", final)):
            if not (math.isfinite(value) and value >= 0):
                raise ValueError(f"`{name}` must be finite and at least 0. Received: {name}={value}")
        self.initial = initial
        self.final = final
        self.steps = steps

    def __call__(self, step: Tensor | int) -> Tensor:
        """Returns the value at a step.

        Args:
            step: Number of updates made before.
        """
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        return self.final + 0.5 * (self.initial - self.final) * (1.0 + ops.cos(math.pi * done))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        return {"initial": self.initial, "final": self.final, "steps": self.steps}
