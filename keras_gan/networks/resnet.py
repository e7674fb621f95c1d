"""ResNets of SNGAN: residual blocks, spectral normalisation and a projection of the class.

Reference:
    [Miyato et al., 2018, Spectral Normalization for Generative Adversarial Networks](https://arxiv.org/abs/1802.05957),
    appendix B.4.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import discriminator_input, has_labels, label_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.networks.normalization import weighted
from keras_gan.networks.residual_blocks import (
    batch_norm,
    discriminator_block,
    generator_block,
    normalized_input,
    sum_to_logits,
)
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(
    kind="generator",
    doublings=(2, 5),
    normalizations=("spectral", None),
    conditional=True,
    generator_conditioning=("batch_norm", "embedding"),
    discriminator_conditioning=("projection", "embedding", "auxiliary_classifier"),
)
WIDEST = 16  # times `filters`


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    max_filters: int | None = None,
    conditioning: str = "batch_norm",
    num_attributes: int | None = None,
    name: str = "resnet_generator",
) -> keras.Model:
    """Builds the ResNet generator: a projection of z, then residual blocks that double the size.

    A block is BN-ReLU-doubling-3x3-BN-ReLU-3x3, plus a shortcut of doubling and 1x1. BN, ReLU, 3x3 and tanh follow. The
    paper's CIFAR-10 network has `filters=256, max_filters=256`.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, 2 to 5 times, such as 28, 32, 64 or 48x96.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels at the size of the image. They double with each halving of the size. Defaults to 64.
        max_filters: Largest number of channels. Defaults to `None`: 16 times `filters`.
        conditioning: Use of the labels. `"batch_norm"` for a scale and a shift of each class in the batch
            normalisations, as in the paper on projection. `"embedding"` for a vector beside z. Defaults to
            `"batch_norm"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"resnet_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported.

    Example:
    ```python
    generator = keras_gan.networks.resnet.generator((32, 32, 3), latent_dim=128, filters=256, max_filters=256)
    ```

    Reference:
        - [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), appendix B.4, tables 4 to 6.
        - `"batch_norm"`: [Miyato & Koyama, 2018, cGANs with Projection Discriminator](
          https://arxiv.org/abs/1802.05637), section 5.
    """
    height, width, doublings = CAPABILITIES.stages(image_shape)
    CAPABILITIES.check_conditioning("generator", conditioning)
    widest, *widths = _widths(filters, max_filters, doublings)[::-1]
    inputs, x, norm = normalized_input(latent_dim, num_classes, conditioning, num_attributes)
    x = layers.Dense(height * width * widest, kernel_initializer=_weights(1.0))(x)
    x = layers.Reshape((height, width, widest))(x)
    for features in widths:
        x = generator_block(x, features, norm, _convolution)
    x = layers.ReLU()(batch_norm(x))
    image = _convolution(image_shape[-1], 3, activation="tanh", dtype="float32", name="image")
    return keras.Model(inputs, image(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    max_filters: int | None = None,
    halvings: int | None = None,
    normalization: str | None = "spectral",
    conditioning: str = "projection",
    num_attributes: int | None = None,
    name: str = "resnet_discriminator",
) -> keras.Model:
    """Builds the ResNet discriminator: residual blocks that halve the size, a sum over all pixels, then one logit.

    A block is ReLU-3x3-ReLU-3x3 and the mean of 2x2 pixels, plus a shortcut. The last block keeps the size. The paper's
    CIFAR-10 network has `filters=128, max_filters=128, halvings=2`.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, 2 to 5 times, such as 28, 32, 64 or 48x96.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first block. They double with each block. Defaults to 64.
        max_filters: Largest number of channels. Defaults to `None`: 16 times `filters`.
        halvings: Number of blocks that halve the size; the other blocks keep it. Defaults to `None`: all but the last.
        normalization: `"spectral"` for spectral normalisation of all weights, or `None`. Defaults to `"spectral"`.
        conditioning: Use of the labels. `"projection"` adds the inner product of the features and a vector of the
            class. `"embedding"` is an additional channel of the image.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input. Defaults to
            `"projection"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"resnet_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape`, `halvings`, `normalization` or `conditioning` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.resnet.discriminator((32, 32, 3), filters=128, max_filters=128, halvings=2)
    ```

    Reference:
        - [Miyato et al., 2018](https://arxiv.org/abs/1802.05957), appendix B.4, tables 4 to 6.
        - `"projection"`: [Miyato & Koyama, 2018](https://arxiv.org/abs/1802.05637), equation 3.
    """
    doublings = CAPABILITIES.stages(image_shape).doublings
    CAPABILITIES.check_normalization(normalization)
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    halvings = doublings if halvings is None else halvings
    if not 1 <= halvings <= doublings:
        raise ValueError(f"`halvings` must be from 1 to {doublings}. Received: halvings={halvings}")

    def convolution(*arguments: Any) -> layers.Layer:
        return weighted(_convolution(*arguments), normalization)

    def dense(units: int, **options: Any) -> layers.Layer:
        options |= {"use_bias": False, "dtype": "float32", "kernel_initializer": _weights(1.0)}
        return weighted(layers.Dense(units, **options), normalization)

    projects = has_labels(num_classes, num_attributes) and conditioning == "projection"
    inputs, x = discriminator_input(image_shape, num_classes, num_attributes, conditioning)
    for block, features in enumerate(_widths(filters, max_filters, doublings)):
        hidden = features if block == 0 else x.shape[-1]
        x = discriminator_block(x, features, hidden, convolution, halve=block < halvings, first=block == 0)
    labels = label_input(num_classes, num_attributes) if projects else None
    model = sum_to_logits(inputs, x, labels, dense, name)
    return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model


def _widths(filters: int, max_filters: int | None, doublings: int) -> list[int]:
    """Returns the channels from the size of the image to the smallest feature map."""
    return [min(filters << stage, max_filters or WIDEST * filters) for stage in range(doublings + 1)]


def _convolution(filters: int, kernel_size: int, **options: Any) -> layers.Layer:
    gain = 1.0 if kernel_size == 1 else 2.0
    return layers.Conv2D(filters, kernel_size, padding="same", kernel_initializer=_weights(gain), **options)


def _weights(gain: float) -> keras.initializers.Initializer:
    """Returns Glorot's uniform initializer, with its variance times a gain."""
    return keras.initializers.VarianceScaling(gain, "fan_avg", "uniform")
