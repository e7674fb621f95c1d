"""Labels as inputs of networks, and the ways in which networks use them."""

from __future__ import annotations

import math
from collections.abc import Callable

import keras
from keras import layers, ops

from keras_gan.networks.data_format import check_data_format
from keras_gan.typing import Shape, Tensor


def has_labels(num_classes: int | None, num_attributes: int | None) -> bool:
    """Returns `True` if a network takes labels: integers of classes, or vectors of attributes.

    Args:
        num_classes: Number of classes, or `None`.
        num_attributes: Length of the vectors of attributes, or `None`.

    Raises:
        ValueError: If both are given, or one is below 1.
    """
    if num_classes is not None and num_attributes is not None:
        raise ValueError(
            "`num_classes` and `num_attributes` must not be given together: pass the classes as attributes of 0 and 1. "
            f"Received: num_classes={num_classes}, num_attributes={num_attributes}"
        )
    for name, value in (("num_classes", num_classes), ("num_attributes", num_attributes)):
        if value is not None and value < 1:
            raise ValueError(f"`{name}` must be at least 1 or None. Received: {name}={value}")
    return num_classes is not None or num_attributes is not None


def latent_input(
    latent_dim: int, num_classes: int | None, num_attributes: int | None = None
) -> tuple[Tensor | list[Tensor], Tensor]:
    """Returns the inputs of a generator, and one tensor of z and the embedding of the label.

    Args:
        latent_dim: Length of z.
        num_classes: Number of classes, or `None`.
        num_attributes: Length of the vectors of attributes. Defaults to `None`.

    Returns:
        (inputs, features): `z`, or `[z, labels]`; and features of shape (batch, latent_dim or 2 * latent_dim).

    Reference:
        [Mirza & Osindero, 2014, Conditional Generative Adversarial Nets](https://arxiv.org/abs/1411.1784), section 3.
    """
    check_data_format()
    z = keras.Input((latent_dim,), name="z")
    if not has_labels(num_classes, num_attributes):
        return z, z
    labels, condition = label_input(num_classes, num_attributes)
    return [z, labels], layers.Concatenate()([z, _embedding(condition, latent_dim)])


def image_input(
    image_shape: Shape, num_classes: int | None, num_attributes: int | None = None
) -> tuple[Tensor | list[Tensor], Tensor]:
    """Returns the inputs of a discriminator, and one image with the embedding of the label as an additional channel.

    Args:
        image_shape: Shape of an image, (height, width, channels), of a sequence, (length, channels), or of a vector,
            (n,).
        num_classes: Number of classes, or `None`.
        num_attributes: Length of the vectors of attributes. Defaults to `None`.

    Returns:
        (inputs, features): `images`, or `[images, labels]`; and features of the same shape with a further channel. A
        vector is followed by the one-hot vector of the label, or by the attributes.
    """
    check_data_format()
    images = keras.Input(image_shape, name="images")
    if not has_labels(num_classes, num_attributes):
        return images, images
    labels, condition = label_input(num_classes, num_attributes)
    *grid, _ = image_shape
    if not grid:
        return [images, labels], layers.Concatenate()([images, condition])
    channel = layers.Reshape((*grid, 1))(_embedding(condition, math.prod(grid)))
    return [images, labels], layers.Concatenate()([images, channel])


def discriminator_input(
    image_shape: Shape, num_classes: int | None, num_attributes: int | None, conditioning: str
) -> tuple[Tensor | list[Tensor], Tensor]:
    """Returns the inputs of a discriminator and its first features. They hold the labels with `"embedding"` only.

    Args:
        image_shape: Shape of an image, as in `image_input`.
        num_classes: Number of classes, or `None`.
        num_attributes: Length of the vectors of attributes, or `None`.
        conditioning: Use of the labels. Other uses than `"embedding"` add their inputs themselves.
    """
    embeds = has_labels(num_classes, num_attributes) and conditioning == "embedding"
    return image_input(image_shape, *((num_classes, num_attributes) if embeds else (None, None)))


def label_input(num_classes: int | None, num_attributes: int | None = None) -> tuple[Tensor, Tensor]:
    """Returns the input `labels` and the vectors that networks compute from it.

    Args:
        num_classes: Number of classes, or `None`.
        num_attributes: Length of the vectors of attributes. Defaults to `None`.

    Returns:
        (labels, condition): int32 (batch,) and its one-hot vectors, (batch, num_classes); or twice the attributes,
        float32 (batch, num_attributes).
    """
    if num_attributes is not None:
        labels = keras.Input((num_attributes,), dtype="float32", name="labels")
        return labels, labels
    assert num_classes is not None, "a network with labels has classes or attributes"
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
        condition: One-hot vectors of the labels, (batch, num_classes), or attributes.
        dense: Function from a number of units to a layer without bias.

    Reference:
        [Miyato & Koyama, 2018, cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637), equation 3.
    """
    product = layers.Dot(axes=1, dtype="float32")([features, dense(features.shape[-1])(condition)])
    return layers.Add(dtype="float32", name="logits")([logits, product])


def _embedding(condition: Tensor, size: int) -> Tensor:
    """Returns a trainable vector of the label. A one-hot product has a faster gradient than an Embedding layer."""
    weights = keras.initializers.RandomUniform(-0.05, 0.05)
    return layers.Dense(size, use_bias=False, kernel_initializer=weights, name="label_embedding")(condition)
