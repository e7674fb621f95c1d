"""R3GAN: residual networks with grouped convolutions and without normalisation.

Reference:
    [Huang et al., 2024, The GAN is dead; long live the GAN! A Modern GAN Baseline](https://arxiv.org/abs/2501.05441).
"""

from __future__ import annotations

import math
from typing import Any

import keras
from keras import layers, ops

from keras_gan.layers import (
    ClipInInference,
    GroupedConv2D,
    InterpolativeDownsampling2D,
    InterpolativeUpsampling2D,
    LearntBasis,
)
from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import has_labels, label_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.typing import Shape, Tensor

CAPABILITIES = Capabilities(
    kind="generator",
    doublings=(1, 8),
    conditional=True,
    discriminator_conditioning=("projection", "auxiliary_classifier"),
)
EXPANSION = 2
KERNEL = 3
SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # of LeakyReLU(0.2), keeps the variance constant


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    blocks: int = 1,
    group_size: int = 16,
    wide_until: int = 32,
    num_attributes: int | None = None,
    name: str = "r3gan_generator",
) -> keras.Model:
    """Builds the R3GAN generator: trainable 4x4 images weighted by z, then residual blocks and doublings of the size.

    A residual block is x + f(x), where f is three convolutions:

    - 1x1 to twice the width, bias, LeakyReLU(0.2).
    - 3x3 in groups, bias, LeakyReLU(0.2).
    - 1x1 back to the width, initialised to zero, so that at first f(x) = 0.

    The output is linear, as in the paper. In inference images are clipped to [-1, 1], in training they are not. The
    paper's CIFAR-10 network has `filters=768, blocks=2` and `latent_dim=64`.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, up to 8 times, such as 28, 32, 64 or 48x96.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels at sizes up to `wide_until`. A block has twice this number inside. For larger sizes the number
            halves with each doubling. Defaults to 64, which is trainable on a CPU.
        blocks: Number of residual blocks at each size. Defaults to 1.
        group_size: Channels in each group of the 3x3 convolutions, or all if there are fewer. Defaults to 16, as in the
            paper, except for ImageNet with 32.
        wide_until: Largest height or width in pixels with all `filters`. Defaults to 32, as in the paper, except for
            ImageNet with 64.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"r3gan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` is not supported, `blocks` is negative, `wide_until` is below 1, or `group_size`
            does not divide twice the width at each size.

    Example:
    ```python
    generator = keras_gan.networks.r3gan.generator((32, 32, 3), latent_dim=64)
    ```

    Reference:
        - [Huang et al., 2024](https://arxiv.org/abs/2501.05441), section 3, configuration E.
        - [Zhang et al., 2019, Fixup Initialization](https://arxiv.org/abs/1901.09321), section 3.
    """
    sizes = CAPABILITIES.stages(image_shape).sizes
    widths = _widths(sizes, filters, blocks, group_size, wide_until)
    z = keras.Input((latent_dim,), name="z")
    inputs, x = z, z
    if has_labels(num_classes, num_attributes):
        labels, classes = label_input(num_classes, num_attributes)
        inputs, x = [z, labels], layers.Concatenate()([z, _embedding(classes, latent_dim)])
    x = LearntBasis(sizes[0])(_dense(widths[0])(x))
    for stage, width in enumerate(widths):
        if stage:
            x = InterpolativeUpsampling2D()(_to_width(x, width))
        x = _blocks(x, blocks, len(widths) * blocks, group_size)
    x = layers.Conv2D(
        image_shape[-1], 1, use_bias=False, kernel_initializer=_weights(), dtype="float32", name="unclipped"
    )(x)
    return keras.Model(inputs, ClipInInference(dtype="float32", name="image")(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    blocks: int = 1,
    group_size: int = 16,
    wide_until: int = 32,
    conditioning: str = "projection",
    num_attributes: int | None = None,
    name: str = "r3gan_discriminator",
) -> keras.Model:
    """Builds the R3GAN discriminator, the mirror image of the generator, with one logit.

    The last 4x4 feature maps are multiplied by trainable 4x4 images and summed. With classes, the logit is the dot
    product of the features and a trainable vector of the class.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, up to 8 times, such as 28, 32, 64 or 48x96.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels at sizes up to `wide_until`. A block has twice this number inside. For larger sizes the number
            halves with each doubling. Defaults to 64, which is trainable on a CPU.
        blocks: Number of residual blocks at each size. Defaults to 1.
        group_size: Channels in each group of the 3x3 convolutions, or all if there are fewer. Defaults to 16, as in the
            paper, except for ImageNet with 32.
        wide_until: Largest height or width in pixels with all `filters`. Defaults to 32, as in the paper, except for
            ImageNet with 64.
        conditioning: Use of the labels. `"projection"` is the dot product with a vector of the class, as in the paper.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input.
            Defaults to `"projection"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"r3gan_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape` is not supported, `blocks` is negative, `wide_until` is below 1, or `group_size`
            does not divide twice the width at each size.

    Example:
    ```python
    discriminator = keras_gan.networks.r3gan.discriminator((32, 32, 3))
    ```

    Reference:
        - [Huang et al., 2024](https://arxiv.org/abs/2501.05441), section 3, configuration E.
        - Classes: [Miyato & Koyama, 2018, cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637),
          section 3.
    """
    sizes = CAPABILITIES.stages(image_shape).sizes
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    widths = _widths(sizes, filters, blocks, group_size, wide_until)
    images = keras.Input(image_shape, name="images")
    x = _convolution(widths[-1])(images)
    for stage in range(len(widths) - 1, -1, -1):
        x = _blocks(x, blocks, len(widths) * blocks, group_size)
        if stage:
            x = _to_width(InterpolativeDownsampling2D()(x), widths[stage - 1])
    basis = keras.initializers.RandomNormal(0.0, 1 / math.sqrt(math.prod(sizes[0])))
    x = layers.DepthwiseConv2D(sizes[0], use_bias=False, depthwise_initializer=basis, name="basis")(x)
    x = layers.Flatten()(x)
    if not has_labels(num_classes, num_attributes) or conditioning == AUXILIARY_CLASSIFIER:
        model = keras.Model(images, _dense(1, dtype="float32", name="logits")(x), name=name)
        return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model
    labels, classes = label_input(num_classes, num_attributes)
    size = widths[-1]
    features = _dense(size, dtype="float32", name="features")(x)
    embedded = _embedding(classes, size, gain=1 / math.sqrt(size), dtype="float32")
    logits = layers.Dot(axes=1, dtype="float32", name="logits")([features, embedded])
    return keras.Model([images, labels], logits, name=name)


def _widths(sizes: list[tuple[int, int]], filters: int, blocks: int, group_size: int, wide_until: int) -> list[int]:
    if blocks < 0:
        raise ValueError(f"`blocks` must be at least 0. Received: blocks={blocks}")
    if wide_until < 1:
        raise ValueError(f"`wide_until` must be at least 1. Received: wide_until={wide_until}")
    halvings = [math.ceil(math.log2(max(*size, wide_until) / wide_until)) for size in sizes]
    widths = [filters // 2**halving for halving in halvings]
    if group_size < 1 or any(width < 1 or EXPANSION * width % min(group_size, EXPANSION * width) for width in widths):
        raise ValueError(
            f"`group_size` must divide twice the width at each size, {widths}. "
            f"Received: group_size={group_size}, filters={filters}"
        )
    return widths


def _blocks(x: Tensor, blocks: int, in_all: int, group_size: int) -> Tensor:
    """Adds residual blocks. Fixup scales their weights by L^(-1 / (2m - 2)), with L blocks in all of m = 3 layers."""
    gain = GAIN * in_all**-0.25 if in_all else GAIN
    width = x.shape[-1]
    wide = EXPANSION * width
    for _ in range(blocks):
        y = _leaky(_convolution(wide, gain, use_bias=True)(x))
        grouped = GroupedConv2D(
            wide, KERNEL, groups=max(1, wide // group_size), padding="same", kernel_initializer=_weights(gain)
        )
        last = layers.Conv2D(width, 1, use_bias=False, kernel_initializer="zeros")
        x = layers.Add()([x, last(_leaky(grouped(y)))])
    return x


def _leaky(x: Tensor) -> Tensor:
    # TensorFlow's graph optimizer fails on the gradient of the LeakyReLU layer here, and then optimizes nothing.
    return ops.maximum(x, SLOPE * x)


def _to_width(x: Tensor, width: int) -> Tensor:
    return x if x.shape[-1] == width else _convolution(width)(x)


def _convolution(filters: int, gain: float = 1.0, use_bias: bool = False) -> layers.Layer:
    return layers.Conv2D(filters, 1, use_bias=use_bias, kernel_initializer=_weights(gain))


def _dense(units: int, gain: float = 1.0, **options: Any) -> layers.Layer:
    return layers.Dense(units, use_bias=False, kernel_initializer=_weights(gain), **options)


def _embedding(classes: Tensor, size: int, gain: float = 1.0, **options: Any) -> Tensor:
    return _dense(size, gain, name="label_embedding", **options)(classes)


def _weights(gain: float = 1.0) -> keras.initializers.Initializer:
    """Returns an initializer with variance gain^2 / fan-in."""
    return keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")
