"""Residual blocks with self-attention, and the first and last layers, of the ResNets of SNGAN, SAGAN and BigGAN."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import keras
from keras import layers, ops

from keras_gan.layers import LearntGain
from keras_gan.networks.conditioning import conditional_batch_norm, has_labels, label_input, latent_input, projection
from keras_gan.typing import Tensor

Norm: TypeAlias = Callable[[Tensor], Tensor]
Convolution: TypeAlias = Callable[..., layers.Layer]


def normalized_input(
    latent_dim: int, num_classes: int | None, conditioning: str, num_attributes: int | None = None
) -> tuple[Tensor | list[Tensor], Tensor, Norm]:
    """Returns the inputs of a generator, its features, and the batch normalisation of its blocks.

    Args:
        latent_dim: Length of z.
        num_classes: Number of classes, or `None`.
        conditioning: `"embedding"` for a vector of the class beside z, `"batch_norm"` for a scale and a shift of the
            class in each normalisation.
        num_attributes: Length of the vectors of attributes. Defaults to `None`.
    """
    if not has_labels(num_classes, num_attributes) or conditioning == "embedding":
        return *latent_input(latent_dim, num_classes, num_attributes), batch_norm
    z = keras.Input((latent_dim,), name="z")
    labels, classes = label_input(num_classes, num_attributes)

    def dense(units: int) -> layers.Layer:
        return layers.Dense(units, use_bias=False, kernel_initializer="zeros")

    return [z, labels], z, lambda x: conditional_batch_norm(x, classes, dense)


def batch_norm(x: Tensor) -> Tensor:
    """Returns batch-normalised features, with the settings of the official code."""
    return layers.BatchNormalization(momentum=0.9, epsilon=1e-5)(x)


def sum_to_logits(
    inputs: Tensor | list[Tensor],
    x: Tensor,
    projected: tuple[Tensor, Tensor] | None,
    dense: Callable[..., layers.Layer],
    name: str,
) -> keras.Model:
    """Returns a discriminator whose logit is a linear function of its features, summed over all pixels.

    Args:
        inputs: Inputs of the discriminator, without those of a projection.
        x: Features of its last block, (batch, height, width, channels).
        projected: Input of the labels and their vectors, whose projection is added to the logit; `None` for none.
        dense: Function from (units, options) to a dense layer.
        name: Name of the model.
    """
    x = ops.sum(layers.ReLU()(x), axis=(1, 2))
    logits = dense(1, dtype="float32", name="logits" if projected is None else "unconditional")(x)
    if projected is None:
        return keras.Model(inputs, logits, name=name)
    labels, classes = projected

    def embedding(units: int) -> layers.Layer:
        return dense(units, use_bias=False, dtype="float32")

    return keras.Model([inputs, labels], projection(logits, x, classes, embedding), name=name)


def generator_block(x: Tensor, filters: int, norm: Norm, convolution: Convolution) -> Tensor:
    """Returns features at twice the size: norm, ReLU, doubling, 3x3, norm, ReLU, 3x3, and a shortcut of 1x1.

    Args:
        x: Features (batch, height, width, channels).
        filters: Channels of the output.
        norm: Function from features to normalised features.
        convolution: Function from (filters, kernel size) to a layer that keeps the size.
    """
    y = convolution(filters, 3)(doubled(layers.ReLU()(norm(x))))
    y = convolution(filters, 3)(layers.ReLU()(norm(y)))
    # A 1x1 convolution and the doubling commute, and before the doubling it has a quarter of the pixels.
    return layers.Add()([doubled(convolution(filters, 1)(x)), y])


def discriminator_block(
    x: Tensor, filters: int, hidden: int, convolution: Convolution, halve: bool = True, first: bool = False
) -> Tensor:
    """Returns features, mostly at half the size: ReLU, 3x3, ReLU, 3x3, average of 2x2, and a shortcut.

    Args:
        x: Features (batch, height, width, channels).
        filters: Channels of the output.
        hidden: Channels between the two convolutions.
        convolution: Function from (filters, kernel size) to a layer that keeps the size.
        halve: `False` to keep the size. The shortcut is then the identity, if the channels stay too. Defaults to
            `True`.
        first: `True` for the block that sees the image, which has no ReLU in front. Defaults to `False`.
    """
    y = convolution(hidden, 3)(x if first else layers.ReLU()(x))
    y = convolution(filters, 3)(layers.ReLU()(y))
    if halve:
        x, y = layers.AveragePooling2D(2)(x), layers.AveragePooling2D(2)(y)
    if halve or x.shape[-1] != filters:
        x = convolution(filters, 1)(x)
    return layers.Add()([x, y])


def self_attention(x: Tensor, convolution: Convolution) -> Tensor:
    """Returns x + gamma * o: each pixel adds a weighted mean of all pixels. gamma is trained from 0.

    As in the official code, keys and values are the maximum of 2x2 pixels.

    Args:
        x: Features (batch, height, width, channels).
        convolution: Function from (filters, kernel size, use_bias) to a layer that keeps the size.

    Reference:
        [Zhang et al., 2019, Self-Attention Generative Adversarial Networks](https://arxiv.org/abs/1805.08318), section
        3, equations 1 to 3.
    """
    _, height, width, channels = x.shape
    narrow, half = max(1, channels // 8), max(1, channels // 2)
    query = layers.Reshape((height * width, narrow))(convolution(narrow, 1, use_bias=False)(x))
    key = layers.MaxPooling2D(2)(convolution(narrow, 1, use_bias=False)(x))
    value = layers.MaxPooling2D(2)(convolution(half, 1, use_bias=False)(x))
    key, value = layers.Reshape((-1, narrow))(key), layers.Reshape((-1, half))(value)
    attention = layers.Softmax()(ops.matmul(query, ops.transpose(key, (0, 2, 1))))
    y = layers.Reshape((height, width, half))(ops.matmul(attention, value))
    return layers.Add()([x, LearntGain(name="attention_gain")(convolution(channels, 1, use_bias=False)(y))])


def attended_size(sizes: list[tuple[int, int]], attention: int) -> tuple[int, int] | None:
    """Returns the largest size for self-attention, or `None` if all are larger than `attention`.

    Args:
        sizes: (height, width) of feature maps.
        attention: Largest height and width in pixels.
    """
    return max((size for size in sizes if max(size) <= attention), default=None)


def doubled(x: Tensor) -> Tensor:
    """Returns features at twice the size, by repeating pixels.

    `keras.layers.UpSampling2D` computes the same, but does not convert to TFLite if the batch size is unknown.
    """
    _, height, width, _ = x.shape
    return ops.image.resize(x, (2 * height, 2 * width), interpolation="nearest", data_format="channels_last")
