"""CycleGAN: a generator of residual blocks, and a PatchGAN with instance normalisation.

Reference:
    [Zhu et al., 2017, Unpaired Image-to-Image Translation using Cycle-Consistent Adversarial
    Networks](https://arxiv.org/abs/1703.10593), section 7.2.
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.layers import AddChange, InstanceNormalization, ReflectionPadding2D
from keras_gan.networks import patchgan
from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.image_shape import Shape, check_image_shape
from keras_gan.typing import Tensor

CAPABILITIES = Capabilities(kind="translator", normalizations=("instance", "spectral", None), multiple=4, least=24)
MULTIPLE = CAPABILITIES.multiple
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
    """Builds the ResNet generator: the size is halved twice, then residual blocks, then the size is doubled twice.

    In the paper's notation it is c7s1-64, d128, d256, R256 for each block, u128, u64, c7s1-3. Every convolution except
    the last is followed by instance normalisation. ReLU follows, except before a residual sum. The last layer has a
    tanh. The model is fully convolutional: it accepts any height and width that are divisible by 4.

    Args:
        image_shape: Shape of the input images, (height, width, channels). Height and width may be `None`.
        output_channels: Channels of the output images. Defaults to `None`, the same as in `image_shape`.
        blocks: Number of residual blocks. Defaults to `None`: as in the paper 6 for images below 256 pixels, otherwise
            9.
        filters: Channels of the first layer. They double with each halving of the size. Defaults to 64.
        residual: `True` to learn a change of the image. The output of the network is then added to the image instead of
            passing a tanh, and clipped to [-1, 1] except in training. An untrained generator returns the image
            unchanged. If the domains differ only in style, this needs far fewer steps for sharp translations. Defaults
            to `False`, as in the paper.
        upsampling: `"transposed"` for transposed convolutions, as in the paper. `"nearest"` repeats pixels before a
            convolution, which avoids checkerboard patterns. Defaults to `"transposed"`.
        name: Name of the model. Defaults to `"cyclegan_generator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels) in [-1, 1], to images of the same size.

    Raises:
        ValueError: If `image_shape` is not supported, `upsampling` is unknown, or `residual` is true and the channels
            differ.

    Example:
    ```python
    generator = keras_gan.networks.cyclegan.generator((256, 256, 3))
    ```

    Reference:
        - [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 7.2.
        - `residual`: [de Bel et al., 2021, Residual cyclegan for robust domain transformation of histopathological
          tissue slides](https://doi.org/10.1016/j.media.2021.102004).
        - `upsampling`: [Odena et al., 2016, Deconvolution and Checkerboard
          Artifacts](https://doi.org/10.23915/distill.00003).
    """
    if upsampling not in UPSAMPLING:
        raise ValueError(f"`upsampling` must be one of {list(UPSAMPLING)}. Received: upsampling={upsampling!r}")
    output_channels = output_channels or image_shape[-1]
    if residual and output_channels != image_shape[-1]:
        raise ValueError(
            "With `residual`, `output_channels` must equal the channels of `image_shape`. "
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
    """Builds the PatchGAN discriminator: a map of logits, one for each overlapping patch of the image.

    At 70 pixels it is C64-C128-C256-C512 in the paper's notation. Every convolution except the first and the last is
    followed by instance normalisation. The activation is LeakyReLU(0.2). The model is fully convolutional.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width may be `None`.
        receptive_field: Height and width of a patch in pixels: 1 (PixelGAN), 16, 34, 70, 142 or 286. The border is
            padded, so images may be smaller than a patch: at 70 they must have 24 pixels. Defaults to 70.
        filters: Channels of the first layer. They double up to eight times this number. Defaults to 64.
        noise: Standard deviation of Gaussian noise added to the images in training, in units of [-1, 1]. Residual
            generators can deceive a discriminator by invisibly small changes; 0.1 or more prevents this. Defaults to
            0.0.
        normalization: `"instance"`, `"spectral"` for spectral normalisation of all weights instead, or `None`. Defaults
            to `"instance"`.
        name: Name of the model. Defaults to `"cyclegan_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, rows, columns, 1). For
        256 x 256 pixels there are 30 x 30 logits.

    Raises:
        ValueError: If `receptive_field` or `normalization` is not supported, or the image is too small.

    Example:
    ```python
    discriminator = keras_gan.networks.cyclegan.discriminator((256, 256, 3))
    ```

    Reference:
        - [Zhu et al., 2017](https://arxiv.org/abs/1703.10593), section 7.2.
        - `noise`: [Sonderby et al., 2017](https://arxiv.org/abs/1610.04490), section 3.
        - `"spectral"`: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
    """
    CAPABILITIES.check_normalization(normalization)
    images = keras.Input((None, None, image_shape[-1]), name="images")
    seen = layers.GaussianNoise(noise)(images) if noise else images
    norm = InstanceNormalization if normalization == "instance" else normalization
    logits = patchgan.logits(seen, image_shape, receptive_field, filters, norm)
    return keras.Model(images, logits, name=name)


def _doubled(x: Tensor, width: int, upsampling: str) -> Tensor:
    if upsampling == "nearest":
        return _convolution(width, 3)(ReflectionPadding2D(1)(layers.UpSampling2D(2)(x)))
    x = layers.Conv2DTranspose(width, 3, strides=2, kernel_initializer=_weights())(x)
    # As PyTorch with padding=1, output_padding=1. Keras's "same" padding would crop the other border.
    return layers.Cropping2D(((1, 0), (1, 0)))(x)


def _convolution(filters: int, size: int, **options: Any) -> layers.Layer:
    return layers.Conv2D(filters, size, kernel_initializer=_weights(), **options)


def _normalized(x: Tensor) -> Tensor:
    return layers.ReLU()(InstanceNormalization()(x))


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, 0.02)
