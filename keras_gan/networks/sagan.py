"""SAGAN: ResNets with self-attention, and spectral normalisation in both networks.

Reference:
    [Zhang et al., 2019, Self-Attention Generative Adversarial Networks](https://arxiv.org/abs/1805.08318).
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
    attended_size,
    batch_norm,
    discriminator_block,
    generator_block,
    normalized_input,
    self_attention,
    sum_to_logits,
)
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(
    kind="generator",
    doublings=(2, 6),
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
    attention: int = 32,
    conditioning: str = "batch_norm",
    num_attributes: int | None = None,
    name: str = "sagan_generator",
) -> keras.Model:
    """Builds the SAGAN generator: residual blocks that double the size, with self-attention after one of them.

    A block is BN-ReLU-doubling-3x3-BN-ReLU-3x3, plus a shortcut of doubling and 1x1. BN, ReLU, 3x3 and tanh follow. All
    convolutions and the projection of z have spectral normalisation.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, 2 to 6 times, such as 28, 32, 128 or 48x96.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels at the size of the image. They double with each halving of the size, up to 16 times this
            number. Defaults to 64.
        attention: Largest height and width in pixels of the feature map with self-attention. The largest map within it
            is used; 0 for none. Defaults to 32.
        conditioning: Use of the labels. `"batch_norm"` for a scale and a shift of each class in the batch
            normalisations, as in the paper. `"embedding"` for a vector beside z. Defaults to `"batch_norm"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"sagan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported.

    Example:
    ```python
    generator = keras_gan.networks.sagan.generator((64, 64, 3), latent_dim=128, filters=32)
    ```

    Reference:
        [Zhang et al., 2019](https://arxiv.org/abs/1805.08318), sections 3 and 4.
    """
    stages = CAPABILITIES.stages(image_shape)
    CAPABILITIES.check_conditioning("generator", conditioning)
    widest, *widths = _widths(filters, stages.doublings)[::-1]
    inputs, x, norm = normalized_input(latent_dim, num_classes, conditioning, num_attributes)
    x = _dense(stages.height * stages.width * widest)(x)
    x = layers.Reshape((stages.height, stages.width, widest))(x)
    attended = attended_size(stages.sizes[1:], attention)
    for features in widths:
        x = generator_block(x, features, norm, _convolution)
        if x.shape[1:3] == attended:
            x = self_attention(x, _convolution)
    x = layers.ReLU()(batch_norm(x))
    image = _convolution(image_shape[-1], 3, activation="tanh", dtype="float32", name="image")
    return keras.Model(inputs, image(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    attention: int = 32,
    conditioning: str = "projection",
    num_attributes: int | None = None,
    name: str = "sagan_discriminator",
) -> keras.Model:
    """Builds the SAGAN discriminator: residual blocks that halve the size, self-attention, then one logit.

    A block is ReLU-3x3-ReLU-3x3 and the mean of 2x2 pixels, plus a shortcut. The last block keeps the size. The sum of
    the features over all pixels gives the logit. All weights have spectral normalisation.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, 2 to 6 times, such as 28, 32, 128 or 48x96.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first block. They double with each block, up to 16 times this number. Defaults to 64.
        attention: Largest height and width in pixels of the feature map with self-attention. The largest map within it
            is used; 0 for none. Defaults to 32.
        conditioning: Use of the labels. `"projection"` adds the inner product of the features and a vector of the
            class, as in the paper. `"embedding"` is an additional channel of the image.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input. Defaults to
            `"projection"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"sagan_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.sagan.discriminator((64, 64, 3), filters=32)
    ```

    Reference:
        [Zhang et al., 2019](https://arxiv.org/abs/1805.08318), sections 3 and 4.
    """
    stages = CAPABILITIES.stages(image_shape)
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    projects = has_labels(num_classes, num_attributes) and conditioning == "projection"
    inputs, x = discriminator_input(image_shape, num_classes, num_attributes, conditioning)
    attended = attended_size(stages.sizes[:-1], attention)
    for block, features in enumerate(_widths(filters, stages.doublings)):
        halve = block < stages.doublings
        x = discriminator_block(x, features, features, _convolution, halve=halve, first=block == 0)
        if halve and x.shape[1:3] == attended:
            x = self_attention(x, _convolution)
    labels = label_input(num_classes, num_attributes) if projects else None
    model = sum_to_logits(inputs, x, labels, _dense, name)
    return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model


def _widths(filters: int, doublings: int) -> list[int]:
    """Returns the channels from the size of the image to the smallest feature map."""
    return [filters * min(2**stage, WIDEST) for stage in range(doublings + 1)]


def _convolution(filters: int, kernel_size: int, **options: Any) -> layers.Layer:
    return weighted(layers.Conv2D(filters, kernel_size, padding="same", **options), "spectral")


def _dense(units: int, **options: Any) -> layers.Layer:
    return weighted(layers.Dense(units, **options), "spectral")
