"""The gradient of a critic with respect to its images, and its norm."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import tensorflow as tf

# Below it a squared norm counts as zero, far from where float32's denormals begin.
TINY = 1e-30


def input_gradient(critic: Callable[[Any], Any], images: Any) -> Any:
    """How an image's logit changes with its pixels; itself differentiable with respect to the critic's weights.

    A map of logits, as a patch discriminator gives, is summed for each image. The images are constants: nothing flows
    back to the generator. Where batch normalisation makes a logit depend on other images too, the gradient is of the
    sum of all logits, as in other implementations.

    Args:
        critic: From images to logits of shape (batch, ...).
        images: (batch, height, width, channels).

    Returns:
        Float32, of the images' shape, also where the critic computes in float16.

    Raises:
        ValueError: If the logits have no gradient with respect to the images.
    """
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


def squared_norm(gradient: Any) -> Any:
    """The squared Euclidean norm of each image's gradient.

    Args:
        gradient: Float32 (batch, ...).

    Returns:
        Float32 (batch,).
    """
    return tf.reduce_sum(tf.square(gradient), axis=list(range(1, len(gradient.shape))))


def norm(gradient: Any) -> Any:
    """The Euclidean norm of each image's gradient, whose own gradient is 0, not NaN, where the norm is 0.

    Args:
        gradient: Float32 (batch, ...).

    Returns:
        Float32 (batch,).
    """
    return tf.sqrt(tf.maximum(squared_norm(gradient), TINY))
