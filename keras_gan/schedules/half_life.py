"""Half-life, in images, of an exponential moving average of weights."""

from __future__ import annotations

from typing import Any

import keras
import tensorflow as tf

from keras_gan.typing import Tensor


@keras.saving.register_keras_serializable("keras_gan")
class HalfLife:
    """Momentum of an exponential moving average (EMA), given as a half-life in images.

        momentum = 0.5 ** (batch size / half-life in images)

    Pass it as `compile(ema_momentum=...)`. A plain momentum averages over more images when the batch size grows; a
    half-life does not.

    Args:
        images: Half-life: a positive number of images, or a Keras schedule of it, such as `CosineBurnIn`, which is
            called with the number of G's updates. Defaults to 10_000.
        ramp_up: Upper limit of the half-life, as a fraction of the images seen so far. It makes the average forget the
            generator's initial weights. `None` for no limit. Defaults to 0.05.

    Raises:
        ValueError: If a number is not positive.

    Example:
    ```python
    gan.compile(d_optimizer, g_optimizer, ema_momentum=keras_gan.schedules.HalfLife(images=10_000))
    ```

    Reference:
        - [Karras et al., 2018, Progressive Growing of GANs](https://arxiv.org/abs/1710.10196), section 6, for the
          average.
        - StyleGAN2's official training loop, for the half-life in images and its ramp-up.
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

    def __call__(self, updates: Tensor | int, batch_size: Tensor | int) -> Tensor:
        """Returns the momentum of an update, a float32 scalar in [0, 1).

        Args:
            updates: Number of updates that the generator had before this one.
            batch_size: Number of images in each update.
        """
        images = self.images(updates) if callable(self.images) else self.images
        images, batch_size = tf.cast(images, tf.float32), tf.cast(batch_size, tf.float32)
        if self.ramp_up is not None:
            images = tf.minimum(images, self.ramp_up * tf.cast(updates, tf.float32) * batch_size)
        return 0.5 ** (batch_size / tf.maximum(images, 1e-8))

    def get_config(self) -> dict[str, Any]:
        """Returns the arguments of `__init__`."""
        images = keras.saving.serialize_keras_object(self.images) if callable(self.images) else self.images
        return {"images": images, "ramp_up": self.ramp_up}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> HalfLife:
        """Returns a new object from what `get_config` returned."""
        return cls(**config)
