"""All optimizers of a model as one object, for Keras's callbacks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import keras

from keras_gan.typing import Tensor


class NamedOptimizer:
    """Learning rate of one of several optimizers, under the name of its attribute.

    Args:
        name: Name, such as `"d_optimizer"`.
        optimizer: The optimizer.
    """

    def __init__(self, name: str, optimizer: keras.optimizers.Optimizer) -> None:
        self.name = name
        self.optimizer = optimizer

    @property
    def learning_rate(self) -> Any:
        """Learning rate, as of the optimizer."""
        return self.optimizer.learning_rate

    @learning_rate.setter
    def learning_rate(self, value: Any) -> None:
        self.optimizer.learning_rate = value


class AllOptimizers:
    """All optimizers of a model, as `keras.callbacks.LearningRateScheduler` and others expect several optimizers.

    They read `model.optimizer.optimizers`, and log the learning rate of each as `learning_rate_d_optimizer`, ...

    Args:
        optimizers: Optimizer by name.
    """

    built = True

    def __init__(self, optimizers: Mapping[str, keras.optimizers.Optimizer]) -> None:
        self.optimizers = [NamedOptimizer(name, optimizer) for name, optimizer in optimizers.items()]

    @property
    def variables(self) -> list[Any]:
        """Variables of all optimizers."""
        return [variable for one in self.optimizers for variable in one.optimizer.variables]

    @property
    def iterations(self) -> Tensor:
        """Number of updates of the last optimizer."""
        return self.optimizers[-1].optimizer.iterations
