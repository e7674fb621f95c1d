"""R3GAN: residual networks of grouped convolutions, without normalisation."""

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

SIZES = (8, 16, 28, 32, 64, 128, 256)
WIDE_UNTIL = 32  # pixels; past it the width halves with each doubling of the size
EXPANSION = 2
KERNEL = 3
SLOPE = 0.2
GAIN = math.sqrt(2 / (1 + SLOPE**2))  # of LeakyReLU(0.2), that the variance stays what it is


def generator(
    image_shape: tuple[int, int, int],
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    blocks: int = 1,
    group_size: int = 16,
    name: str = "r3gan_generator",
) -> keras.Model:
    """Build the R3GAN generator: learnt pictures of 4x4 pixels weighted by z, residual blocks, doublings of the size.

    A block is x + f(x): a 1x1 convolution to twice the width, a 3x3 one in groups, a 1x1 one back, the first two
    followed by a bias and LeakyReLU(0.2). The last one starts at zero, so that at first every block leaves x as it is.
    The end is linear, as the paper's: images are within [-1, 1] as they are clipped, which they are not in training.

    The paper's CIFAR-10 has `filters=768, blocks=2` and `latent_dim=64`.

    Args:
        image_shape: (size, size, channels), size one of 8, 16, 28, 32, 64, 128, 256.
        latent_dim: The length of z.
        num_classes: How many classes; with it the inputs are [z, labels]. Defaults to `None`.
        filters: Channels where the image has up to 32 pixels, in a block twice as many; they halve with each doubling
            past that. Defaults to 64, which a CPU trains.
        blocks: Residual blocks at each size. Defaults to 1.
        group_size: Channels in each group of the 3x3 convolutions; where there are fewer, all of them. Defaults to 16,
            as in the paper.
        name: The model's name. Defaults to `"r3gan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, size, size, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` is not one that R3GAN draws, `blocks` is negative, or `group_size` does not divide
            twice the width at each size.

    Example:
    ```python
    generator = keras_gan.networks.r3gan.generator((32, 32, 3), latent_dim=64)
    ```

    Reference:
        [Huang et al., 2024, The GAN is dead; long live the GAN! A Modern GAN
        Baseline](https://arxiv.org/abs/2501.05441), section 3, configuration E; initialised by
        [Zhang et al., 2019, Fixup Initialization](https://arxiv.org/abs/1901.09321), section 3.
    """
    sizes = _sizes(image_shape)
    widths = _widths(sizes, filters, blocks, group_size)
    z = keras.Input((latent_dim,), name="z")
    inputs, x = z, z
    if num_classes is not None:
        labels = keras.Input((), dtype="int32", name="labels")
        inputs, x = [z, labels], layers.Concatenate()([z, _embedding(labels, num_classes, latent_dim)])
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
    image_shape: tuple[int, int, int],
    num_classes: int | None = None,
    filters: int = 64,
    blocks: int = 1,
    group_size: int = 16,
    name: str = "r3gan_discriminator",
) -> keras.Model:
    """Build the R3GAN discriminator, the generator's mirror image: residual blocks, halvings of the size, one logit.

    The last 4x4 pixels of each channel are weighted by learnt ones and summed. With classes, the features are
    multiplied by those learnt for the label, and summed.

    Args:
        image_shape: (size, size, channels), size one of 8, 16, 28, 32, 64, 128, 256.
        num_classes: How many classes; with it the inputs are [images, labels]. Defaults to `None`.
        filters: As the generator's. Defaults to 64.
        blocks: As the generator's. Defaults to 1.
        group_size: As the generator's. Defaults to 16.
        name: The model's name. Defaults to `"r3gan_discriminator"`.

    Returns:
        A model from images, float32 (batch, size, size, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: As by the generator.

    Example:
    ```python
    discriminator = keras_gan.networks.r3gan.discriminator((32, 32, 3))
    ```

    Reference:
        As of the generator; for classes
        [Miyato & Koyama, 2018, cGANs with Projection Discriminator](https://arxiv.org/abs/1802.05637), section 3.
    """
    sizes = _sizes(image_shape)
    widths = _widths(sizes, filters, blocks, group_size)
    images = keras.Input(image_shape, name="images")
    x = _convolution(widths[-1])(images)
    for stage in range(len(widths) - 1, -1, -1):
        x = _blocks(x, blocks, len(widths) * blocks, group_size)
        if stage:
            x = _to_width(InterpolativeDownsampling2D()(x), widths[stage - 1])
    basis = keras.initializers.RandomNormal(0.0, 1 / sizes[0])
    x = layers.DepthwiseConv2D(sizes[0], use_bias=False, depthwise_initializer=basis, name="basis")(x)
    x = layers.Flatten()(x)
    if num_classes is None:
        return keras.Model(images, _dense(1, dtype="float32", name="logits")(x), name=name)
    labels = keras.Input((), dtype="int32", name="labels")
    size = widths[-1]
    features = _dense(size, dtype="float32", name="features")(x)
    embedded = _embedding(labels, num_classes, size, gain=1 / math.sqrt(size), dtype="float32")
    logits = layers.Dot(axes=1, dtype="float32", name="logits")([features, embedded])
    return keras.Model([images, labels], logits, name=name)


def _sizes(image_shape: tuple[int, int, int]) -> list[int]:
    """Every size from the smallest feature map to the image: 4, 8, 16, 32, or 7, 14, 28."""
    if len(image_shape) != 3 or image_shape[0] != image_shape[1] or image_shape[0] not in SIZES or image_shape[2] < 1:
        raise ValueError(
            f"`image_shape` must be (size, size, channels) with size one of {SIZES}. "
            f"Received: image_shape={image_shape}. Resize the images, or use keras_gan.networks.mlp."
        )
    sizes = [7 if image_shape[0] == 28 else 4]
    while sizes[-1] < image_shape[0]:
        sizes.append(2 * sizes[-1])
    return sizes


def _widths(sizes: list[int], filters: int, blocks: int, group_size: int) -> list[int]:
    if blocks < 0:
        raise ValueError(f"`blocks` must be at least 0. Received: blocks={blocks}")
    widths = [filters * WIDE_UNTIL // max(size, WIDE_UNTIL) for size in sizes]
    if group_size < 1 or any(width < 1 or EXPANSION * width % min(group_size, EXPANSION * width) for width in widths):
        raise ValueError(
            f"`group_size` must divide twice the width at each size, {widths}. "
            f"Received: group_size={group_size}, filters={filters}"
        )
    return widths


def _blocks(x: Any, blocks: int, in_all: int, group_size: int) -> Any:
    """Residual blocks, scaled by how many the network has in all: Fixup's L^(-1 / (2m - 2)), of m = 3 layers."""
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


def _leaky(x: Any) -> Any:
    # Not the layer: TensorFlow's graph optimizer fails on its gradient here, logs so and optimizes nothing.
    return ops.maximum(x, SLOPE * x)


def _to_width(x: Any, width: int) -> Any:
    return x if x.shape[-1] == width else _convolution(width)(x)


def _convolution(filters: int, gain: float = 1.0, use_bias: bool = False) -> layers.Layer:
    return layers.Conv2D(filters, 1, use_bias=use_bias, kernel_initializer=_weights(gain))


def _dense(units: int, gain: float = 1.0, **options: Any) -> layers.Layer:
    return layers.Dense(units, use_bias=False, kernel_initializer=_weights(gain), **options)


def _embedding(labels: Any, num_classes: int, size: int, gain: float = 1.0, **options: Any) -> Any:
    dense = _dense(size, gain, name="label_embedding", **options)
    return dense(ops.one_hot(labels, num_classes))


def _weights(gain: float = 1.0) -> keras.initializers.Initializer:
    """Of variance gain^2 / fan-in."""
    return keras.initializers.VarianceScaling(gain**2, "fan_in", "untruncated_normal")
