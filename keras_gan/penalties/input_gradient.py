"""Gradient of the discriminator with respect to its images, and its norm."""

from __future__ import annotations

import tensorflow as tf

from keras_gan.typing import Critic, Tensor

# Squared norms below this count as zero. Float32 becomes denormal only below 1e-38.
TINY = 1e-30


def input_gradient(critic: Critic, images: Tensor) -> Tensor:
    """Returns the gradient of each image's logit with respect to its pixels, float32, in the shape of the images.

    The result can be differentiated again, with respect to the weights of the critic. A map of logits, as from a patch
    discriminator, is summed for each image. Images count as constants, so no gradient reaches the generator.

    With batch normalisation a logit depends on the other images too. Then the gradient is that of the sum of all
    logits, as in other implementations.

    Args:
        critic: Function from images to logits of shape (batch, ...). If it has a method `gradient`, which returns the
            gradient at images of an earlier pass or `None`, that pass is used.
        images: Images of shape (batch, height, width, channels).

    Raises:
        ValueError: If the logits have no gradient with respect to the images.
    """
    known = critic.gradient(images) if hasattr(critic, "gradient") else None
    if known is not None:
        return known
    images = tf.stop_gradient(tf.cast(images, tf.float32))
    with tf.GradientTape(watch_accessed_variables=False) as tape:
        tape.watch(images)
        total = tf.reduce_sum(tf.cast(critic(images), tf.float32))
    gradient = tape.gradient(total, images)
    if gradient is None:
        raise ValueError(
            "`critic` must be differentiable with respect to its images. Received: logits without a gradient"
        )
    return tf.cast(gradient, tf.float32)


def squared_norm(gradient: Tensor) -> Tensor:
    """Returns the squared Euclidean norm of each image's gradient, float32 (batch,).

    Args:
        gradient: Float32 tensor (batch, ...).
    """
    return tf.reduce_sum(tf.square(gradient), axis=list(range(1, len(gradient.shape))))


def norm(gradient: Tensor) -> Tensor:
    """Returns the Euclidean norm of each image's gradient, float32 (batch,). Where it is 0, its gradient is 0, not NaN.

    Args:
        gradient: Float32 tensor (batch, ...).
    """
    return tf.sqrt(tf.maximum(squared_norm(gradient), TINY))
