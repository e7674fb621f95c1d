"""What every penalty is."""

from __future__ import annotations

import abc
import math
import numbers
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

import keras
import tensorflow as tf

from keras_gan.utils.configurable import Configurable


class Penalty(Configurable, abc.ABC):
    """A term of the discriminator's objective that does not depend on its verdicts alone, such as a gradient penalty.

    Write your own by subclassing, with `keras.saving.register_keras_serializable` so that a saved model finds it.

    A penalty on a gradient is differentiated twice, which TensorFlow does wrongly, without a word, through
    `tf.nn.moments`, on which Keras's BatchNormalization, LayerNormalization and GroupNormalization rest, and through
    bilinear resizing. The penalty is then right and its gradient is not. A critic should have none of them.

    Args:
        weight: The factor before the penalty, at least 0; or a schedule of the number of updates that D has had, any
            of `keras.optimizers.schedules`. Defaults to 10.
        interval: Lazy regularisation: the penalty is computed at each `interval`-th update only, at `interval` times
            its weight, so that its mean over the updates stays. StyleGAN2 takes 16. Its optimizer was adjusted for the
            additional updates; here the penalty is part of the update that is made anyway. Defaults to 1.

    Raises:
        ValueError: If an argument is not one of those.

    Attributes:
        per_image: Whether it is about D's gradient at each image by itself, and so at odds with batch normalisation,
            under which a logit depends on the other images too. Defaults to `False`.

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
        section 3.1 and appendix B, for lazy regularisation.
    """

    per_image: ClassVar[bool] = False

    def __init__(self, weight: Any = 10.0, interval: int = 1) -> None:
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
    def penalty(self, critic: Callable[[Any], Any], real: Any, fake: Any, seed: Any) -> Any:
        """The penalty itself, without its weight.

        Args:
            critic: From images to D's logits, D in training mode.
            real: Real images, float32 (batch, height, width, channels).
            fake: Generated images, likewise.
            seed: An int64 tensor of shape (2,) for `tf.random.stateless_uniform` and its like, another at each update.

        Returns:
            A float32 scalar, the mean over the batch.
        """

    def __call__(self, critic: Callable[[Any], Any], real: Any, fake: Any, step: Any, seed: Any) -> Any:
        """What to add to D's loss: the weighted penalty, or 0 between lazy updates.

        Args:
            critic: As in `penalty`.
            real: As in `penalty`.
            fake: As in `penalty`.
            step: How many updates D has had, an integer scalar.
            seed: As in `penalty`.

        Returns:
            A float32 scalar.
        """
        step = tf.cast(step, tf.int64)

        def weighted() -> Any:
            scheduled = isinstance(self.weight, keras.optimizers.schedules.LearningRateSchedule)
            weight = tf.cast(self.weight(step) if scheduled else self.weight, tf.float32)
            return weight * self.interval * self.penalty(critic, real, fake, seed)

        if self.interval == 1:
            return weighted()
        if tf.distribute.get_strategy().num_replicas_in_sync > 1:
            # What D writes as it is called, statistics or spectral normalisation's vector, no replica may write within
            # a branch: the penalty is computed each time, and counts at its time.
            return weighted() * tf.cast(tf.equal(step % self.interval, 0), tf.float32)
        return tf.cond(tf.equal(step % self.interval, 0), weighted, lambda: tf.zeros(()))

    def constrain(self, variables: Sequence[Any]) -> None:
        """Change D's weights after an update of D, where the method asks for that. By default nothing.

        Args:
            variables: D's trainable variables.
        """
