"""Base class of penalties of the generator."""

from __future__ import annotations

import abc
from collections.abc import Sequence

import keras
import tensorflow as tf

from keras_gan.penalties.penalty import Penalty
from keras_gan.typing import Critic, Tensor


class GeneratorPenalty(Penalty):
    """Base class of penalties that the generator minimises in addition to its loss.

    They are given with the penalties of the discriminator, and have a weight and an interval too. Only `keras_gan.GAN`
    supports them. To write your own, subclass it and add `keras.saving.register_keras_serializable`, so that saved
    models can be loaded.

    Args:
        weight: Factor of the penalty: a number, at least 0, or a schedule from `keras.optimizers.schedules`. The
            schedule is called with the number of G's updates. Defaults to 10.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of G (lazy regularisation). It is
            then multiplied by n, so that its mean over the updates stays the same. Defaults to 1.

    Raises:
        ValueError: If an argument is out of its range.

    Example:
    ```python
    @keras.saving.register_keras_serializable("my_package")
    class SmallWeights(keras_gan.penalties.GeneratorPenalty):
        def regularization(self, generator, inputs, seed):
            return sum(keras.ops.sum(keras.ops.square(v)) for v in generator.trainable_variables)

    gan.compile(d_optimizer, g_optimizer, penalties=["r1", SmallWeights(weight=1e-5)])
    ```
    """

    @property
    def layers(self) -> Sequence[keras.layers.Layer]:
        """Layers that hold the state of the penalty. A model saves them. None unless a subclass overrides it."""
        return ()

    def check_generator(self, generator: keras.Model) -> None:
        """Raises `ValueError` for a generator that the penalty does not support. All are supported by default."""

    @abc.abstractmethod
    def regularization(self, generator: keras.Model, inputs: Tensor | list[Tensor], seed: Tensor) -> Tensor:
        """Returns the penalty without its weight, a float32 scalar.

        Args:
            generator: The generator.
            inputs: z, float32 (batch, latent_dim), or [z, labels].
            seed: Seed for `tf.random.stateless_normal` and the like, int64 (2,). It differs between updates.
        """

    def of_generator(self, generator: keras.Model, inputs: Tensor | list[Tensor], step: Tensor, seed: Tensor) -> Tensor:
        """Returns the weighted penalty, a float32 scalar. It is 0 in updates that lazy regularisation skips.

        Args:
            generator: The generator.
            inputs: z, float32 (batch, latent_dim), or [z, labels].
            step: Number of updates that G has had, an integer scalar.
            seed: Seed of random numbers, int64 (2,).
        """
        return self.weighted(step, lambda: self.regularization(generator, inputs, seed))

    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns zero: the discriminator does not minimise this penalty."""
        return tf.zeros(())
