"""A number that eases from one value to another, then stays."""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import ops


@keras.saving.register_keras_serializable("keras_gan")
class CosineBurnIn(keras.optimizers.schedules.LearningRateSchedule):
    """Half a cosine from `initial` to `final` over the first `steps` updates, then `final`.

    For a learning rate, for a penalty's weight and for `HalfLife`'s images: R3GAN eases all of them, while the
    discriminator still has everything to learn.

    Args:
        initial: The value at the first update.
        final: The value from update `steps` on.
        steps: How long the burn-in lasts, at least 1.

    Raises:
        ValueError: If `steps` is below 1, or a value negative or not finite.

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

    def __call__(self, step: Any) -> Any:
        """The value at a step.

        Args:
            step: How many updates were made before.
        """
        done = ops.minimum(ops.cast(step, "float32") / self.steps, 1.0)
        return self.final + 0.5 * (self.initial - self.final) * (1.0 + ops.cos(math.pi * done))

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        return {"initial": self.initial, "final": self.final, "steps": self.steps}
