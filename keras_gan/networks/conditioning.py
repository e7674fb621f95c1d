"""Class labels as inputs of networks, and the ways in which networks use them."""

from __future__ import annotations

from collections.abc import Callable

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


def label_input(num_classes: int) -> tuple[Tensor, Tensor]:
    """Returns the input `labels`, int32 (batch,), and its one-hot vectors, (batch, num_classes).

    Args:
        num_classes: Number of classes.
    """
    labels = keras.Input((), dtype="int32", name="labels")
    return labels, ops.one_hot(labels, num_classes)


def conditional_batch_norm(x: Tensor, condition: Tensor, dense: Callable[[int], layers.Layer]) -> Tensor:
    """Returns batch-normalised features times (1 + scale) plus shift, both linear functions of a condition.

    Args:
        x: Features (batch, height, width, channels).
        condition: Vectors (batch, length), such as the one-hot vectors of the labels.
        dense: Function from a number of units to a layer without bias.

    Reference:
        [de Vries et al., 2017, Modulating early visual processing by language](https://arxiv.org/abs/1707.00683),
        section 4.1.
    """
    channels = x.shape[-1]
    scale, shift = (layers.Reshape((1, 1, channels))(dense(channels)(condition)) for _ in range(2))
    x = layers.BatchNormalization(momentum=0.9, epsilon=1e-5, center=False, scale=False)(x)
    return x * (1 + scale) + shift


def projection(logits: Tensor, features: Tensor, condition: Tensor, dense: Callable[..., layers.Layer]) -> Tensor:
    """Returns logits plus the inner product of features and an embedding of the class.

    Args:
        logits: Logits without the class, (batch, 1).
        features: Features (batch, length).
        condition: One-hot vectors of the labels, (batch, num_classes).
        dense: Function from a number of units to a layer without bias.

    Reference:
        [Miyato & Koyama, 2018, cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637), equation 3.
    """
    product = layers.Dot(axes=1, dtype="float32")([features, dense(features.shape[-1])(condition)])
    return layers.Add(dtype="float32", name="logits")([logits, product])


def _embedding(labels: Tensor, num_classes: int, size: int) -> Tensor:
    """Returns a trainable vector of the class. A one-hot product has a faster gradient than an Embedding layer."""
    weights = keras.initializers.RandomUniform(-0.05, 0.05)
    dense = layers.Dense(size, use_bias=False, kernel_initializer=weights, name="label_embedding")
    return dense(ops.one_hot(labels, num_classes))
