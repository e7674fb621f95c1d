"""pix2pix: a U-Net, and the PatchGAN that is shown what was translated."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.networks import patchgan
from keras_gan.networks.image_shape import Shape, check_image_shape
from keras_gan.networks.normalization import batch_norm, check_normalization

DEEPEST = 8  # halvings: 256 pixels to one
WIDEST = 8  # times `filters`


def generator(
    image_shape: Shape,
    output_channels: int | None = None,
    halvings: int | None = None,
    filters: int = 64,
    dropout: float = 0.5,
    name: str = "pix2pix_generator",
) -> keras.Model:
    """Build the U-Net generator: halve the size down to one pixel and double it again, joined at each size.

    Convolutions of 4x4 pixels. On the way down LeakyReLU(0.2), on the way up ReLU; batch normalisation everywhere but
    in the first layer, the innermost and the last, which is a tanh. Dropout, on the way up where the features are the
    smallest, is the noise. The model is fully convolutional.

    Args:
        image_shape: (height, width, channels) of the images to translate; height and width may be `None`.
        output_channels: Channels of the images to draw. Defaults to `None`: those of `image_shape`.
        halvings: How often to halve the size; height and width must be divisible by 2 to that power. Defaults to
            `None`: down to one pixel, so 6 times from 64 pixels, 7 from 128, but at most 8 times.
        filters: Channels of the first layer; they double up to eightfold. Defaults to 64.
        dropout: The share of features dropped in training. Defaults to 0.5.
        name: The model's name. Defaults to `"pix2pix_generator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels) in [-1, 1], to images of the same size.

    Raises:
        ValueError: If `image_shape` is not of three numbers, height or width cannot be halved so often, or `halvings`
            is below 2.

    Example:
    ```python
    generator = keras_gan.networks.pix2pix.generator((256, 256, 3))
    ```

    Reference:
        [Isola et al., 2017, Image-to-Image Translation with Conditional Adversarial
        Networks](https://arxiv.org/abs/1611.07004), section 6.1.1.
    """
    halvings = _halvings(image_shape) if halvings is None else halvings
    if halvings < 2:
        raise ValueError(f"`halvings` must be at least 2. Received: halvings={halvings}")
    check_image_shape(image_shape, 2**halvings, least=2**halvings, hint=_hint(image_shape, halvings))
    images = keras.Input((None, None, image_shape[-1]), name="images")
    widths = [filters * min(2**level, WIDEST) for level in range(halvings)]
    down = [layers.Conv2D(widths[0], **_convolution())(images)]
    for width in widths[1:]:
        x = layers.Conv2D(width, **_convolution())(layers.LeakyReLU(0.2)(down[-1]))
        down.append(x if len(down) == halvings - 1 else batch_norm()(x))
    x = down.pop()
    for level in range(halvings - 2, -1, -1):
        x = layers.Conv2DTranspose(widths[level], **_convolution())(layers.ReLU()(x))
        x = batch_norm()(x)
        if 3 <= level < halvings - 2:
            x = layers.Dropout(dropout)(x)
        x = layers.Concatenate()([down.pop(), x])
    options = _convolution() | {"use_bias": True, "activation": "tanh", "dtype": "float32", "name": "image"}
    x = layers.Conv2DTranspose(output_channels or image_shape[-1], **options)(layers.ReLU()(x))
    return keras.Model(images, x, name=name)


def discriminator(
    image_shape: Shape,
    output_channels: int | None = None,
    receptive_field: int = 70,
    filters: int = 64,
    normalization: str | None = "batch",
    name: str = "pix2pix_discriminator",
) -> keras.Model:
    """Build the conditional PatchGAN: from an image and its translation to a map of logits, one for each patch.

    Every convolution but the first and the last is followed by batch normalisation; the activation is LeakyReLU(0.2).
    The model is fully convolutional.

    Args:
        image_shape: (height, width, channels) of the images to translate; height and width may be `None`.
        output_channels: Channels of their translations. Defaults to `None`: those of `image_shape`.
        receptive_field: The patches' height and width in pixels: 1 (the PixelGAN), 16, 34, 70, 142 or 286. Defaults
            to 70.
        filters: Channels of the first layer; they double up to eightfold. Defaults to 64.
        normalization: `"batch"`; `"spectral"`, of every convolution's weights in its place; or `None`. Defaults to
            `"batch"`.
        name: The model's name. Defaults to `"pix2pix_discriminator"`.

    Returns:
        A model from [images, translations], each float32 (batch, height, width, channels), to logits, float32 (batch,
        rows, columns, 1): 30 x 30 of them for 256 x 256 pixels.

    Raises:
        ValueError: If `receptive_field` or `normalization` is not one of those, or the image too small.

    Example:
    ```python
    discriminator = keras_gan.networks.pix2pix.discriminator((256, 256, 3))
    ```

    Reference:
        [Isola et al., 2017](https://arxiv.org/abs/1611.07004), section 6.1.2; `"spectral"` of
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
    """
    check_normalization(normalization, ("batch", "spectral", None))
    images = keras.Input((None, None, image_shape[-1]), name="images")
    translations = keras.Input((None, None, output_channels or image_shape[-1]), name="translations")
    x = layers.Concatenate()([images, translations])
    norm = batch_norm if normalization == "batch" else normalization
    logits = patchgan.logits(x, image_shape, receptive_field, filters, norm, use_bias=normalization != "batch")
    return keras.Model([images, translations], logits, name=name)


def _halvings(image_shape: Shape) -> int:
    """Down to one pixel of the shorter side, as far as it is known."""
    return max(2, min([DEEPEST, *(size.bit_length() - 1 for size in image_shape[:2] if size is not None)]))


def _hint(image_shape: Shape, halvings: int) -> str:
    """How often the image can be halved instead."""
    possible = min([halvings, *((size & -size).bit_length() - 1 for size in image_shape[:2] if size)])
    return f". Resize the images, or set halvings={possible}." if 2 <= possible < halvings else ""


def _convolution() -> dict[str, Any]:
    return {
        "kernel_size": 4,
        "strides": 2,
        "padding": "same",
        "use_bias": False,
        "kernel_initializer": keras.initializers.RandomNormal(0.0, 0.02),
    }
