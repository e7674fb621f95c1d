"""How long an average of weights remembers, in images."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf


@keras.saving.register_keras_serializable("keras_gan")
class HalfLife:
    """The momentum of a moving average of which half is forgotten after so many images.

    For `compile(ema_momentum=...)`. Unlike a plain momentum it keeps its meaning at another batch size:

        momentum = 0.5 ** (batch size / half-life in images)

    Args:
        images: The half-life, a positive number of images, or a Keras schedule of one by the generator's updates, such
            as `CosineBurnIn`. Defaults to 10_000.
        ramp_up: The half-life is at most this share of the images seen so far, so that the average soon forgets the
            generator's beginnings; `None` for no such limit. Defaults to 0.05.

    Raises:
        ValueError: If a number is not positive.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, ema_momentum=keras_gan.schedules.HalfLife(images=10_000))
    ```

    Reference:
        [Karras et al., 2018, Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), section 6, for the
        average; the form in images and its ramp-up are those of StyleGAN2's official training loop.
    """

    def __init__(
        self, images: float | keras.optimizers.schedules.LearningRateSchedule = 10_000, ramp_up: float | None = 0.05
    ) -> None:
        if isinstance(images, dict):
            images = keras.saving.deserialize_keras_object(images)
        if not callable(images) and not images > 0:
            raise ValueError(f"`images` must be positive. Received: images={images}")
        if ramp_up is not None and not ramp_up > 0:
            raise ValueError(f"`ramp_up` must be positive or None. Received: ramp_up={ramp_up}")
        self.images = images
        self.ramp_up = ramp_up

    def __call__(self, updates: Any, batch_size: Any) -> Any:
        """The momentum of an update.

        Args:
            updates: How many updates the generator had before this one.
            batch_size: Images in each.

        Returns:
            A float32 scalar in [0, 1).
        """
        images = self.images(updates) if callable(self.images) else self.images
        images, batch_size = tf.cast(images, tf.float32), tf.cast(batch_size, tf.float32)
        if self.ramp_up is not None:
            images = tf.minimum(images, self.ramp_up * tf.cast(updates, tf.float32) * batch_size)
        return 0.5 ** (batch_size / tf.maximum(images, 1e-8))

    def get_config(self) -> dict[str, Any]:
        """The arguments of `__init__`."""
        images = keras.saving.serialize_keras_object(self.images) if callable(self.images) else self.images
        return {"images": images, "ramp_up": self.ramp_up}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HalfLife:
        """The half-life that `get_config` described."""
        return cls(**config)
