"""CycleGAN: a generator of residual blocks, and the PatchGAN with instance normalisation."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.layers import AddChange, InstanceNormalization, ReflectionPadding2D
from keras_gan.networks import patchgan
from keras_gan.networks.image_shape import Shape, check_image_shape
from keras_gan.networks.normalization import check_normalization

MULTIPLE = 4
UPSAMPLING = ("transposed", "nearest")


def generator(
    image_shape: Shape,
    output_channels: int | None = None,
    blocks: int | None = None,
    filters: int = 64,
    residual: bool = False,
    upsampling: str = "transposed",
    name: str = "cyclegan_generator",
) -> keras.Model:
    """Build the ResNet generator: halve the size twice, residual blocks, double it twice.

    In the paper's notation c7s1-64, d128, d256, R256 for each block, u128, u64, c7s1-3. Every convolution but the last
    is followed by instance normalisation, and by ReLU except before a residual sum; the last is a tanh. The model is
    fully convolutional: it takes images of any height and width that are divisible by 4.

    Args:
        image_shape: (height, width, channels) of the images to translate; height and width may be `None`.
        output_channels: Channels of the images to draw. Defaults to `None`: those of `image_shape`.
        blocks: How many residual blocks. Defaults to `None`: as in the paper 6 for images below 256 pixels, else 9.
        filters: Channels of the first layer; they double with each halving of the size. Defaults to 64.
        residual: Learn what to change: the network's output is added to the image in place of the tanh and, except in
            training, clipped to [-1, 1]. An untrained generator leaves each image as it is, so where the domains differ
            in style alone far fewer steps give sharp translations. Defaults to `False`, as in the paper.
        upsampling: `"transposed"` convolutions, as in the paper, or `"nearest"`: pixels repeated, then a convolution,
            which cannot draw the checkerboards that transposed ones begin with. Defaults to `"transposed"`.
        name: The model's name. Defaults to `"cyclegan_generator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels) in [-1, 1], to images of the same size.

    Raises:
        ValueError: If `image_shape` is not of three numbers, height or width not divisible by 4, the images to draw
            have other channels and `residual` is true, or `upsampling` is not one of those.

    Example:
    ```python
    generator = keras_gan.networks.cyclegan.generator((256, 256, 3))
    ```

    Reference:
        [Zhu et al., 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
        Networks](https://arxiv.org/abs/1703.10593), section 7.2; for `residual`
        [de Bel et al., 2021, Residual cyclegan for robust domain transformation of histopathological tissue
        slides](https://doi.org/10.1016/j.media.2021.102004); for `upsampling` [Odena et al., 2016, Deconvolution and
        Checkerboard Artifacts](https://doi.org/10.23915/distill.00003).
    """
    if upsampling not in UPSAMPLING:
        raise ValueError(f"`upsampling` must be one of {list(UPSAMPLING)}. Received: upsampling={upsampling!r}")
    output_channels = output_channels or image_shape[-1]
    if residual and output_channels != image_shape[-1]:
        raise ValueError(
            "With `residual` the images to draw have the channels of those to translate. "
            f"Received: output_channels={output_channels}, image_shape={image_shape}"
        )
    check_image_shape(image_shape, MULTIPLE, least=2 * MULTIPLE)
    if blocks is None:
        blocks = 6 if any(size is not None and size < 256 for size in image_shape[:2]) else 9
    images = keras.Input((None, None, image_shape[-1]), name="images")
    x = _normalized(_convolution(filters, 7)(ReflectionPadding2D(3)(images)))
    for width in (2 * filters, 4 * filters):
        x = _normalized(_convolution(width, 3, strides=2)(layers.ZeroPadding2D(1)(x)))
    for _ in range(blocks):
        y = _normalized(_convolution(4 * filters, 3)(ReflectionPadding2D(1)(x)))
        y = InstanceNormalization()(_convolution(4 * filters, 3)(ReflectionPadding2D(1)(y)))
        x = layers.Add()([x, y])
    for width in (2 * filters, filters):
        x = _normalized(_doubled(x, width, upsampling))
    x = ReflectionPadding2D(3)(x)
    if not residual:
        x = _convolution(output_channels, 7, activation="tanh", dtype="float32", name="image")(x)
        return keras.Model(images, x, name=name)
    change = layers.Conv2D(output_channels, 7, kernel_initializer="zeros", dtype="float32", name="change")(x)
    return keras.Model(images, AddChange(name="image", dtype="float32")([images, change]), name=name)


def discriminator(
    image_shape: Shape,
    receptive_field: int = 70,
    filters: int = 64,
    noise: float = 0.0,
    normalization: str | None = "instance",
    name: str = "cyclegan_discriminator",
) -> keras.Model:
    """Build the PatchGAN discriminator: a map of logits, one for each overlapping patch of the image.

    At 70 pixels in the paper's notation C64-C128-C256-C512. Every convolution but the first and the last is followed
    by instance normalisation; the activation is LeakyReLU(0.2). The model is fully convolutional.

    Args:
        image_shape: (height, width, channels); height and width may be `None`.
        receptive_field: The patches' height and width in pixels: 1 (the PixelGAN), 16, 34, 70, 142 or 286. Images may
            be smaller than a patch, as the border is padded, but not below 24 pixels at 70. Defaults to 70.
        filters: Channels of the first layer; they double up to eightfold. Defaults to 64.
        noise: The standard deviation of noise on the images, in units of [-1, 1], while it trains. Against a residual
            generator 0.1 or more keeps changes too small to be seen from deceiving it. Defaults to 0.0.
        normalization: `"instance"`; `"spectral"`, of every convolution's weights in its place; or `None`. Defaults to
            `"instance"`.
        name: The model's name. Defaults to `"cyclegan_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, rows, columns, 1):
        30 x 30 of them for 256 x 256 pixels.

    Raises:
        ValueError: If `receptive_field` or `normalization` is not one of those, or the image too small.

    Example:
    ```python
    discriminator = keras_gan.networks.cyclegan.discriminator((256, 256, 3))
    ```

    Reference:
        [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 7.2; for `noise`
        [Sonderby et al., 2017](https://arxiv.org/abs/1610.04490), section 3; `"spectral"` of
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
    """
    check_normalization(normalization, ("instance", "spectral", None))
    images = keras.Input((None, None, image_shape[-1]), name="images")
    seen = layers.GaussianNoise(noise)(images) if noise else images
    norm = InstanceNormalization if normalization == "instance" else normalization
    logits = patchgan.logits(seen, image_shape, receptive_field, filters, norm)
    return keras.Model(images, logits, name=name)


def _doubled(x: Any, width: int, upsampling: str) -> Any:
    if upsampling == "nearest":
        return _convolution(width, 3)(ReflectionPadding2D(1)(layers.UpSampling2D(2)(x)))
    x = layers.Conv2DTranspose(width, 3, strides=2, kernel_initializer=_weights())(x)
    # The rest is what PyTorch's padding=1, output_padding=1 leaves; Keras's "same" would cut the other border.
    return layers.Cropping2D(((1, 0), (1, 0)))(x)


def _convolution(filters: int, size: int, **options: Any) -> layers.Layer:
    return layers.Conv2D(filters, size, kernel_initializer=_weights(), **options)


def _normalized(x: Any) -> Any:
    return layers.ReLU()(InstanceNormalization()(x))


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, 0.02)
