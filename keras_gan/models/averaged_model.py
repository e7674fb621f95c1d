"""Base class for models that average the weights of their generators."""

from __future__ import annotations

from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.models import ema, minibatches
from keras_gan.schedules import HalfLife
from keras_gan.typing import Tensor


class AveragedModel(keras.Model):
    """Base class for models that keep exponential moving averages (EMA) of their generators' weights.

    Attributes:
        averaged_networks: Attributes of the networks that `ema_momentum` averages: those that make images.
        ema_momentum: The momentum of `compile`.
        averages: Dict from each of `averaged_networks` to its averaged copy; empty without `ema_momentum`.
        averaged_updates: Number of updates that the averages have had. Another `compile` does not reset it.
    """

    averaged_networks: ClassVar[tuple[str, ...]]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.ema_momentum: float | HalfLife | None = None
        self.averages: dict[str, keras.Model] = {}
        self.averaged_updates = self.add_weight(
            shape=(),
            dtype="int64",
            initializer="zeros",
            trainable=False,
            aggregation="only_first_replica",
            name="averaged_updates",
        )

    def start_averages(self) -> None:
        """Create the averages, as copies of the networks."""
        self.averages = {name: ema.copy_network(getattr(self, name)) for name in self.averaged_networks}
        self.averaged_updates.assign(0)

    def synchronize_new_averages(self) -> None:
        """Copy the weights of the networks, which may have changed since `compile`, if no update was averaged yet."""
        if int(self.averaged_updates.numpy()) == 0:
            for name, average in self.averages.items():
                average.set_weights(getattr(self, name).get_weights())

    def update_averages(self, images: Tensor) -> None:
        """Update the averages, after an update of the networks.

        Args:
            images: Batch of this replica in that update. Its size decides the momentum of a `HalfLife`.
        """
        if not self.averages or self.ema_momentum is None:
            return
        batch_size = minibatches.batch_size(images) * tf.distribute.get_strategy().num_replicas_in_sync
        momentum = ema.momentum_at(self.ema_momentum, self.averaged_updates, batch_size)
        for name, average in self.averages.items():
            ema.update(average, getattr(self, name), momentum)
        self.averaged_updates.assign_add(1)

    def inference_network(self, name: str) -> keras.Model:
        """Returns the network that makes images: the average of a generator if there is one, else the generator."""
        return self.averages.get(name, getattr(self, name))
