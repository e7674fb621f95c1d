"""Giving a network the class label beside its input."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers, ops


def latent_input(latent_dim: int, num_classes: int | None) -> tuple[Any, Any]:
    """The generator's inputs, and one tensor that holds z and, if there are classes, the label's embedding.

    Args:
        latent_dim: The length of z.
        num_classes: How many classes, or `None` for an unconditional network.

    Returns:
        (inputs, features): `z`, or `[z, labels]`; and features of shape (batch, latent_dim or 2 * latent_dim).

    Reference:
        [Mirza & Osindero, 2014, Conditional Generative Adversarial Nets](https://arxiv.org/abs/1411.1784), section 3.
    """
    z = keras.Input((latent_dim,), name="z")
    if num_classes is None:
        return z, z
    labels = keras.Input((), dtype="int32", name="labels")
    embedded = _embedding(labels, num_classes, latent_dim)
    return [z, labels], layers.Concatenate()([z, embedded])


def image_input(image_shape: tuple[int, int, int], num_classes: int | None) -> tuple[Any, Any]:
    """The discriminator's inputs, and one image that has the label as a further channel if there are classes.

    Args:
        image_shape: (height, width, channels).
        num_classes: How many classes, or `None` for an unconditional network.

    Returns:
        (inputs, features): `images`, or `[images, labels]`; and features of shape
        (batch, height, width, channels or channels + 1).
    """
    images = keras.Input(image_shape, name="images")
    if num_classes is None:
        return images, images
    height, width, _ = image_shape
    labels = keras.Input((), dtype="int32", name="labels")
    embedded = _embedding(labels, num_classes, height * width)
    channel = layers.Reshape((height, width, 1))(embedded)
    return [images, labels], layers.Concatenate()([images, channel])


def _embedding(labels: Any, num_classes: int, size: int) -> Any:
    """A learnt vector for each class. A product with the one-hot label, as an Embedding's sparse gradient is slower."""
    weights = keras.initializers.RandomUniform(-0.05, 0.05)
    dense = layers.Dense(size, use_bias=False, kernel_initializer=weights, name="label_embedding")
    return dense(ops.one_hot(labels, num_classes))
