"""Inputs of networks with class labels."""

from __future__ import annotations

import keras
from keras import layers, ops

from keras_gan.networks.data_format import check_data_format
from keras_gan.typing import Shape, Tensor


def latent_input(latent_dim: int, num_classes: int | None) -> tuple[Tensor | list[Tensor], Tensor]:
    """Returns the inputs of a generator, and one tensor of z and the embedding of the label.

    Args:
        latent_dim: Length of z.
        num_classes: Number of classes, or `None` for a network without labels.

    Returns:
        (inputs, features): `z`, or `[z, labels]`; and features of shape (batch, latent_dim or 2 * latent_dim).

    Reference:
        [Mirza & Osindero, 2014, Conditional Generative Adversarial Nets](https://arxiv.org/abs/1411.1784), section 3.
    """
    check_data_format()
    z = keras.Input((latent_dim,), name="z")
    if num_classes is None:
        return z, z
    labels = keras.Input((), dtype="int32", name="labels")
    embedded = _embedding(labels, num_classes, latent_dim)
    return [z, labels], layers.Concatenate()([z, embedded])


def image_input(image_shape: Shape, num_classes: int | None) -> tuple[Tensor | list[Tensor], Tensor]:
    """Returns the inputs of a discriminator, and one image with the embedding of the label as an additional channel.

    Args:
        image_shape: Shape of an image, (height, width, channels).
        num_classes: Number of classes, or `None` for a network without labels.

    Returns:
        (inputs, features): `images`, or `[images, labels]`; and features of shape (batch, height, width, channels or
        channels + 1).
    """
    check_data_format()
    images = keras.Input(image_shape, name="images")
    if num_classes is None:
        return images, images
    height, width, _ = image_shape
    labels = keras.Input((), dtype="int32", name="labels")
    embedded = _embedding(labels, num_classes, height * width)
    channel = layers.Reshape((height, width, 1))(embedded)
    return [images, labels], layers.Concatenate()([images, channel])


def _embedding(labels: Tensor, num_classes: int, size: int) -> Tensor:
    """Returns a trainable vector of the class. A one-hot product has a faster gradient than an Embedding layer."""
    weights = keras.initializers.RandomUniform(-0.05, 0.05)
    dense = layers.Dense(size, use_bias=False, kernel_initializer=weights, name="label_embedding")
    return dense(ops.one_hot(labels, num_classes))
