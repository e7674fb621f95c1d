"""One pass of the discriminator over real and generated images, for its loss and for penalties at these images."""

from __future__ import annotations

from collections.abc import Sequence

import tensorflow as tf

from keras_gan.models.second_output import logits_of
from keras_gan.penalties import Penalty
from keras_gan.typing import Critic, Tensor


class JudgedImages:
    """Discriminator that has judged real and generated images in one pass, and judges others when it is called.

    Args:
        critic: The discriminator, from images to its outputs: logits, or [logits, second output].
        joint: The discriminator for real and generated images in one batch.
        real: Real images.
        fake: Generated images, as many.
        penalties: Penalties of the update. If one is at these images, the pass is recorded for its gradient.

    Attributes:
        outputs: Outputs for the real and for the generated images.
    """

    def __init__(self, critic: Critic, joint: Critic, real: Tensor, fake: Tensor, penalties: Sequence[Penalty]) -> None:
        self._critic = critic
        self._parts = (real, fake)
        self._graph = tf.compat.v1.get_default_graph() if not tf.executing_eagerly() else None
        self._gradients: list[Tensor] | None = None
        images = tf.stop_gradient(tf.concat([tf.cast(part, tf.float32) for part in self._parts], 0))
        self._tape = None
        if any(one.at_judged_images and one.interval == 1 for one in penalties):
            with tf.GradientTape(watch_accessed_variables=False) as self._tape:
                self._tape.watch(images)
                outputs = joint(images)
                self._total = tf.reduce_sum(tf.cast(logits_of(outputs), tf.float32))
        else:
            outputs = joint(images)
        self._images = images
        halves = [tf.split(output, 2) for output in tf.nest.flatten(outputs)]
        self.outputs = tuple(tf.nest.pack_sequence_as(outputs, list(half)) for half in zip(*halves, strict=True))

    def __call__(self, images: Tensor) -> Tensor:
        """Returns the logits of other images."""
        return logits_of(self._critic(images))

    def gradient(self, images: Tensor) -> Tensor | None:
        """Returns the gradient of each image's logit, as `input_gradient` does; `None` for images of no recorded pass.

        Args:
            images: The tensor of the real or of the generated images.
        """
        place = next((i for i, part in enumerate(self._parts) if part is images), None)
        if self._tape is None or place is None or not self._is_same_graph():
            return None
        if self._gradients is None:
            gradient = self._tape.gradient(self._total, self._images)
            if gradient is None:
                return None
            self._gradients = tf.split(tf.cast(gradient, tf.float32), 2)
        return self._gradients[place]

    def _is_same_graph(self) -> bool:
        """`False` in a branch of `tf.cond`, which a recorded pass cannot enter."""
        return tf.executing_eagerly() or tf.compat.v1.get_default_graph() is self._graph
