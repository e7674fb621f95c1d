"""Base class of penalties."""

from __future__ import annotations

import abc
import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.typing import Critic, ScheduleLike, Tensor
from keras_gan.utils.configurable import Configurable


class Penalty(Configurable, abc.ABC):
    """Base class of penalties: terms of the discriminator's loss that depend on more than its logits.

    To write your own, subclass it and add `keras.saving.register_keras_serializable`, so that saved models can be
    loaded.

    A penalty on a gradient is differentiated twice. TensorFlow does this wrongly, without an error, for `tf.nn.moments`
    and bilinear resizing. Keras's BatchNormalization, LayerNormalization and GroupNormalization use `tf.nn.moments`.
    With any of them in the critic, the value of the penalty is right, but its gradient is wrong.

    Args:
        weight: Factor of the penalty: a number, at least 0, or a schedule from `keras.optimizers.schedules`. The
            schedule is called with the number of D's updates. Defaults to 10.
        interval: Integer n, at least 1. The penalty is computed in every n-th update of D (lazy regularisation). It is
            then multiplied by n, so that its mean over the updates stays the same. StyleGAN2 uses 16. Defaults to 1.

    Raises:
        ValueError: If an argument is out of its range.

    Attributes:
        per_image: `True` for a penalty on D's gradient at each single image. Batch normalisation is then not suitable,
            because with it a logit depends on the other images too. Defaults to `False`.
        at_judged_images: `True` for a penalty on D's gradient at the real or the generated images themselves. It then
            shares the pass that computes the loss. Defaults to `False`.
        strength: Name of the argument that a number after the penalty's name sets, as in `--penalty r1:0.5`. Defaults
            to `"weight"`.

    Example:
    ```python
    @keras.saving.register_keras_serializable("my_package")
    class SmallLogits(keras_gan.penalties.Penalty):
        def penalty(self, critic, real, fake, seed):
            return keras.ops.mean(keras.ops.square(keras.ops.cast(critic(real), "float32")))

    gan.compile(d_optimizer, g_optimizer, penalties=SmallLogits(weight=0.001))
    ```

    Reference:
        [Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958),
        section 3.1 and appendix B, for lazy regularisation. There the penalty is an additional update. Here it is part
        of the next update.
    """

    per_image: ClassVar[bool] = False
    at_judged_images: ClassVar[bool] = False
    strength: ClassVar[str | None] = "weight"

    def __init__(self, weight: ScheduleLike = 10.0, interval: int = 1) -> None:
        if not isinstance(weight, keras.optimizers.schedules.LearningRateSchedule):
            number = isinstance(weight, numbers.Real) and not isinstance(weight, bool)
            if not number or not 0 <= weight < math.inf:
                raise ValueError(
                    "`weight` must be a finite number, at least 0, or a schedule of keras.optimizers.schedules. "
                    f"Received: weight={weight!r}"
                )
            weight = float(weight)
        if not isinstance(interval, int) or isinstance(interval, bool) or interval < 1:
            raise ValueError(f"`interval` must be an integer, at least 1. Received: interval={interval!r}")
        self.weight = weight
        self.interval = interval

    @abc.abstractmethod
    def penalty(self, critic: Critic, real: Tensor, fake: Tensor, seed: Tensor) -> Tensor:
        """Returns the penalty without its weight: a float32 scalar, the mean over the batch.

        Args:
            critic: Function from images to logits, D in training mode.
            real: Real images, float32 (batch, height, width, channels).
            fake: Generated images, float32 (batch, height, width, channels).
            seed: Seed for `tf.random.stateless_uniform` and the like, int64 (2,). It differs between updates.
        """

    def __call__(self, critic: Critic, real: Tensor, fake: Tensor, step: Tensor, seed: Tensor) -> Tensor:
        """Returns the weighted penalty, a float32 scalar. It is 0 in updates that lazy regularisation skips.

        Args:
            critic: Function from images to logits, D in training mode.
            real: Real images, float32 (batch, height, width, channels).
            fake: Generated images, float32 (batch, height, width, channels).
            step: Number of updates that D has had, an integer scalar.
            seed: Seed of random numbers, int64 (2,).
        """
        return self.weighted(step, lambda: self.penalty(critic, real, fake, seed))

    def weighted(self, step: Tensor, compute: Callable[[], Tensor]) -> Tensor:
        """Returns a penalty times its weight, or 0 in updates that lazy regularisation skips.

        Args:
            step: Number of updates that the network has had, an integer scalar.
            compute: Function that computes the penalty without its weight.
        """
        step = tf.cast(step, tf.int64)

        def term() -> Tensor:
            schedule = keras.optimizers.schedules.LearningRateSchedule
            weight = self.weight(step) if isinstance(self.weight, schedule) else self.weight
            return tf.cast(weight, tf.float32) * self.interval * compute()

        if self.interval == 1:
            return term()
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            # A network may write variables when called: statistics, or the vector of spectral normalisation. With
            # several replicas a branch must not write variables. So the penalty is computed, and skipped by a factor.
            return term() * tf.cast(tf.equal(step % self.interval, 0), tf.float32)
        return tf.cond(tf.equal(step % self.interval, 0), term, lambda: tf.zeros(()))

    def constrain(self, variables: Sequence[Any]) -> None:
        """Changes D's weights after an update of D. Does nothing unless a subclass overrides it.

        Args:
            variables: Trainable variables of D.
        """
