"""pix2pix: a U-Net generator, and a PatchGAN that sees the input image and its translation.

Reference:
    [Isola et al., 2017, Image-to-Image Translation with Conditional Adversarial
    Networks](https://arxiv.org/abs/1611.07004), section 6.1.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import keras
from keras import layers

from keras_gan.layers import InstanceNormalization
from keras_gan.networks import patchgan
from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.image_shape import Shape, check_image_shape
from keras_gan.networks.normalization import batch_norm

CAPABILITIES = Capabilities(
    kind="translator", normalizations=("instance", "batch", "spectral", None), multiple=4, least=24
)
NORMALIZATIONS: Mapping[str, Callable[[], layers.Layer]] = {"instance": InstanceNormalization, "batch": batch_norm}
DEEPEST = 8  # halvings: 256 pixels to one
WIDEST = 8  # times `filters`


def generator(
    image_shape: Shape,
    output_channels: int | None = None,
    halvings: int | None = None,
    filters: int = 64,
    dropout: float = 0.5,
    normalization: str = "instance",
    name: str = "pix2pix_generator",
) -> keras.Model:
    """Builds the U-Net generator: the size is halved down to one pixel and doubled again, with skip connections.

    The kernels are 4x4. The encoder has LeakyReLU(0.2), the decoder ReLU. All layers have a normalisation except the
    first, the innermost and the last, which has a tanh. Dropout in the decoder's smallest layers is the source of
    noise. The model is fully convolutional.

    The paper normalises by the statistics of the batch, in training and afterwards. At its batch size of 1 this is
    instance normalisation. Keras's batch normalisation uses moving averages after the training instead. With small
    batches these differ from the statistics of a batch, and so do the images.

    Args:
        image_shape: Shape of the input images, (height, width, channels). Height and width may be `None`.
        output_channels: Channels of the output images. Defaults to `None`, the same as in `image_shape`.
        halvings: Number of halvings of the size. Height and width must be divisible by 2 to this power. Defaults to
            `None`: down to one pixel, but at most 8. For 64 pixels this is 6, for 128 pixels 7.
        filters: Channels of the first layer. They double up to eight times this number. Defaults to 64.
        dropout: Fraction of features dropped in training. Defaults to 0.5.
        normalization: `"instance"`, or `"batch"` for batches of 16 images or more. Defaults to `"instance"`.
        name: Name of the model. Defaults to `"pix2pix_generator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels) in [-1, 1], to images of the same size.

    Raises:
        ValueError: If `image_shape` or `normalization` is not supported, or `halvings` is below 2.

    Example:
    ```python
    generator = keras_gan.networks.pix2pix.generator((256, 256, 3))
    ```

    Reference:
        [Isola et al., 2017](https://arxiv.org/abs/1611.07004), section 6.1.1.
    """
    halvings = _halvings(image_shape) if halvings is None else halvings
    if halvings < 2:
        raise ValueError(f"`halvings` must be at least 2. Received: halvings={halvings}")
    if normalization not in NORMALIZATIONS:
        raise ValueError(
            f"`normalization` must be one of {list(NORMALIZATIONS)}. Received: normalization={normalization!r}"
        )
    norm, inner = NORMALIZATIONS[normalization], _convolution(use_bias=normalization == "instance")
    check_image_shape(image_shape, 2**halvings, least=2**halvings, hint=_hint(image_shape, halvings))
    images = keras.Input((None, None, image_shape[-1]), name="images")
    widths = [filters * min(2**level, WIDEST) for level in range(halvings)]
    down = [layers.Conv2D(widths[0], **inner)(images)]
    for width in widths[1:]:
        x = layers.Conv2D(width, **inner)(layers.LeakyReLU(0.2)(down[-1]))
        down.append(x if len(down) == halvings - 1 else norm()(x))
    x = down.pop()
    for level in range(halvings - 2, -1, -1):
        x = layers.Conv2DTranspose(widths[level], **inner)(layers.ReLU()(x))
        x = norm()(x)
        if 3 <= level < halvings - 2:
            x = layers.Dropout(dropout)(x)
        x = layers.Concatenate()([down.pop(), x])
    options = _convolution(use_bias=True) | {"activation": "tanh", "dtype": "float32", "name": "image"}
    x = layers.Conv2DTranspose(output_channels or image_shape[-1], **options)(layers.ReLU()(x))
    return keras.Model(images, x, name=name)


def discriminator(
    image_shape: Shape,
    output_channels: int | None = None,
    receptive_field: int = 70,
    filters: int = 64,
    normalization: str | None = "instance",
    name: str = "pix2pix_discriminator",
) -> keras.Model:
    """Builds the conditional PatchGAN: from an image and its translation to a map of logits, one for each patch.

    Every convolution except the first and the last is followed by a normalisation. The activation is LeakyReLU(0.2).
    The model is fully convolutional.

    Args:
        image_shape: Shape of the images to translate, (height, width, channels). Height and width may be `None`.
        output_channels: Channels of the translations. Defaults to `None`, the same as in `image_shape`.
        receptive_field: Height and width of a patch in pixels: 1 (PixelGAN), 16, 34, 70, 142 or 286. Defaults to 70.
        filters: Channels of the first layer. They double up to eight times this number. Defaults to 64.
        normalization: `"instance"`, `"batch"`, `"spectral"` for spectral normalisation of all weights instead, or
            `None`. Defaults to `"instance"`, which equals the paper's batch normalisation at a batch size of 1.
        name: Name of the model. Defaults to `"pix2pix_discriminator"`.

    Returns:
        A model from [images, translations], each float32 (batch, height, width, channels), to logits, float32 (batch,
        rows, columns, 1). For 256 x 256 pixels there are 30 x 30 logits.

    Raises:
        ValueError: If `receptive_field` or `normalization` is not supported, or the image is too small.

    Example:
    ```python
    discriminator = keras_gan.networks.pix2pix.discriminator((256, 256, 3))
    ```

    Reference:
        - [Isola et al., 2017](https://arxiv.org/abs/1611.07004), section 6.1.2.
        - `"spectral"`: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
    """
    CAPABILITIES.check_normalization(normalization)
    images = keras.Input((None, None, image_shape[-1]), name="images")
    translations = keras.Input((None, None, output_channels or image_shape[-1]), name="translations")
    x = layers.Concatenate()([images, translations])
    norm = NORMALIZATIONS[normalization] if normalization in ("instance", "batch") else normalization
    logits = patchgan.logits(x, image_shape, receptive_field, filters, norm, use_bias=normalization != "batch")
    return keras.Model([images, translations], logits, name=name)


def _halvings(image_shape: Shape) -> int:
    """Returns the number of halvings down to one pixel of the shorter side, as far as it is known."""
    return max(2, min([DEEPEST, *(size.bit_length() - 1 for size in image_shape[:2] if size is not None)]))


def possible_halvings(image_shape: Shape) -> int:
    """Returns the number of halvings that an image allows: those of the default, or fewer until a side is odd."""
    return min([_halvings(image_shape), *((size & -size).bit_length() - 1 for size in image_shape[:2] if size)])


def fitted_options(image_shape: Shape, options: Mapping[str, Any]) -> dict[str, Any]:
    """Returns options of `generator` with as many `halvings` as an image allows, if they are not given."""
    possible = possible_halvings(image_shape)
    if "halvings" in options or possible == _halvings(image_shape):
        return dict(options)
    return {**options, "halvings": possible}


def _hint(image_shape: Shape, halvings: int) -> str:
    """Returns the end of an error message: the number of halvings that the image allows."""
    possible = min(halvings, possible_halvings(image_shape))
    return f". Resize the images, or set halvings={possible}." if 2 <= possible < halvings else ""


def _convolution(use_bias: bool) -> dict[str, Any]:
    return {
        "kernel_size": 4,
        "strides": 2,
        "padding": "same",
        "use_bias": use_bias,
        "kernel_initializer": keras.initializers.RandomNormal(0.0, 0.02),
    }
