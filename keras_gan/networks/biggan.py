"""BigGAN: wide ResNets with a shared embedding of the class, and a part of z in each block.

Reference:
    [Brock et al., 2019, Large Scale GAN Training for High Fidelity Natural Image
    Synthesis](https://arxiv.org/abs/1809.11096).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import conditional_batch_norm, discriminator_input, has_labels, label_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.networks.normalization import weighted
from keras_gan.networks.residual_blocks import (
    attended_size,
    batch_norm,
    discriminator_block,
    generator_block,
    self_attention,
    sum_to_logits,
)
from keras_gan.typing import Shape, Tensor

CAPABILITIES = Capabilities(
    kind="generator",
    doublings=(2, 7),
    conditional=True,
    generator_conditioning=("batch_norm",),
    discriminator_conditioning=("projection", "embedding", "auxiliary_classifier"),
)
# Channels as multiples of `filters`, from the size of the image to the smallest feature map. Below 128 pixels they are
# powers of 2.
MULTIPLES = {5: (1, 2, 4, 8, 16, 16), 6: (1, 2, 4, 8, 8, 16, 16), 7: (1, 1, 2, 4, 8, 8, 16, 16)}


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 96,
    attention: int = 64,
    embedding_dim: int = 128,
    conditioning: str = "batch_norm",
    num_attributes: int | None = None,
    name: str = "biggan_generator",
) -> keras.Model:
    """Builds the BigGAN generator: residual blocks, each conditioned on the class and on a part of z of its own.

    z is split into equal parts. The first part, with the remainder, is projected to the smallest feature map. Each
    further part, beside an embedding of the class that all blocks share, gives scale and shift of the batch
    normalisations of one block. A block is BN-ReLU-doubling-3x3-BN-ReLU-3x3, plus a shortcut of doubling and 1x1. All
    weights except the embedding have spectral normalisation and are initialised as orthogonal matrices.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, 2 to 7 times, such as 28, 32, 128 or 48x96.
        latent_dim: Length of z, at least the number of blocks plus 1. The paper has 120 for 128 pixels, 20 for each
            part.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`: the blocks are
            conditioned on z alone.
        filters: Channels at the size of the image, the paper's ch. They double with each halving of the size, up to 16
            times this number. Defaults to 96.
        attention: Largest height and width in pixels of the feature map with self-attention. The largest map within it
            is used; 0 for none. Defaults to 64.
        embedding_dim: Length of the shared embedding of the class. Defaults to 128.
        conditioning: Use of the labels, only `"batch_norm"`. Defaults to `"batch_norm"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"biggan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported, or `latent_dim` is too small.

    Example:
    ```python
    generator = keras_gan.networks.biggan.generator((64, 64, 3), latent_dim=100, num_classes=10, filters=32)
    ```

    Reference:
        [Brock et al., 2019](https://arxiv.org/abs/1809.11096), section 3 and appendix B, figure 15 and table 4.
    """
    stages = CAPABILITIES.stages(image_shape)
    CAPABILITIES.check_conditioning("generator", conditioning)
    if latent_dim <= stages.doublings:
        raise ValueError(
            f"`latent_dim` must be at least {stages.doublings + 1}, one number for each part of z. "
            f"Received: latent_dim={latent_dim}"
        )
    z = keras.Input((latent_dim,), name="z")
    part = latent_dim // (stages.doublings + 1)
    first = latent_dim - part * stages.doublings
    conditions = [z[:, start : start + part] for start in range(first, latent_dim, part)]
    inputs: Any = z
    if has_labels(num_classes, num_attributes):
        labels, classes = label_input(num_classes, num_attributes)
        embedding = layers.Dense(
            embedding_dim, use_bias=False, kernel_initializer=_orthogonal(), name="label_embedding"
        )(classes)
        inputs, conditions = [z, labels], [layers.Concatenate()([embedding, one]) for one in conditions]

    widest, *widths = _widths(filters, stages.doublings)[::-1]
    x = _dense(stages.height * stages.width * widest)(z[:, :first])
    x = layers.Reshape((stages.height, stages.width, widest))(x)
    attended = attended_size(stages.sizes[1:], attention)
    for features, condition in zip(widths, conditions, strict=True):

        def norm(x: Tensor, condition: Tensor = condition) -> Tensor:
            return conditional_batch_norm(x, condition, _unbiased)

        x = generator_block(x, features, norm, _convolution)
        if x.shape[1:3] == attended:
            x = self_attention(x, _convolution)
    x = layers.ReLU()(batch_norm(x))
    image = _convolution(image_shape[-1], 3, activation="tanh", dtype="float32", name="image")
    return keras.Model(inputs, image(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 96,
    attention: int = 64,
    conditioning: str = "projection",
    num_attributes: int | None = None,
    name: str = "biggan_discriminator",
) -> keras.Model:
    """Builds the BigGAN discriminator: residual blocks that halve the size, self-attention, then one logit.

    A block is ReLU-3x3-ReLU-3x3 and the mean of 2x2 pixels, plus a shortcut. The last block keeps the size. The sum of
    the features over all pixels gives the logit. All weights have spectral normalisation and are initialised as
    orthogonal matrices.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, 2 to 7 times, such as 28, 32, 128 or 48x96.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first block, the paper's ch. They double with each block, up to 16 times this number.
            Defaults to 96.
        attention: Largest height and width in pixels of the feature map with self-attention. The largest map within it
            is used; 0 for none. Defaults to 64.
        conditioning: Use of the labels. `"projection"` adds the inner product of the features and a vector of the
            class, as in the paper. `"embedding"` is an additional channel of the image.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input. Defaults to
            `"projection"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"biggan_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.biggan.discriminator((64, 64, 3), num_classes=10, filters=32)
    ```

    Reference:
        [Brock et al., 2019](https://arxiv.org/abs/1809.11096), appendix B, figure 15 and table 4.
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
    multiples = MULTIPLES.get(doublings, [2**stage for stage in range(doublings + 1)])
    return [filters * multiple for multiple in multiples]


def _convolution(filters: int, kernel_size: int, **options: Any) -> layers.Layer:
    options |= {"padding": "same", "kernel_initializer": _orthogonal()}
    return weighted(layers.Conv2D(filters, kernel_size, **options), "spectral")


def _dense(units: int, **options: Any) -> layers.Layer:
    return weighted(layers.Dense(units, kernel_initializer=_orthogonal(), **options), "spectral")


def _unbiased(units: int) -> layers.Layer:
    return _dense(units, use_bias=False)


def _orthogonal() -> keras.initializers.Initializer:
    return keras.initializers.Orthogonal()
