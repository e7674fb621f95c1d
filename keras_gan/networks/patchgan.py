"""PatchGAN: a discriminator with one logit for each patch of an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import keras
from keras import layers

from keras_gan.networks.image_shape import Shape, check_image_shape
from keras_gan.networks.normalization import weighted
from keras_gan.typing import Tensor

# Receptive field of a logit: number of convolutions that halve the size. Two more, of stride 1, follow.
HALVINGS = {1: 0, 16: 1, 34: 2, 70: 3, 142: 4, 286: 5}
WIDEST = 8  # times `filters`


def logits(
    x: Tensor,
    image_shape: Shape,
    receptive_field: int,
    filters: int,
    normalization: Callable[[], layers.Layer] | str | None,
    use_bias: bool = True,
) -> Tensor:
    """Returns one logit for each patch of an image, float32 (batch, rows, columns, 1), by convolutions alone.

    A receptive field of 1 is the pix2pix paper's PixelGAN: 1x1 convolutions.

    Args:
        x: Images, (batch, height, width, channels).
        image_shape: Shape (height, width, channels) that the user gave. It is checked.
        receptive_field: Height and width of a patch in pixels: 1, 16, 34, 70, 142 or 286.
        filters: Channels of the first layer. They double up to eight times this number.
        normalization: Function that creates the layer after every convolution except the first and the last. Or
            `"spectral"` for spectral normalisation of all weights, or `None`.
        use_bias: `True` for convolutions with a bias before the normalisation. Defaults to `True`.

    Raises:
        ValueError: If `receptive_field` is not supported, or the image is too small for one logit.
    """
    if receptive_field not in HALVINGS:
        raise ValueError(
            f"`receptive_field` must be one of {list(HALVINGS)}. Received: receptive_field={receptive_field}"
        )
    halvings = HALVINGS[receptive_field]
    kind = normalization if isinstance(normalization, str) else None
    norm = normalization if callable(normalization) else layers.Identity

    def convolution(width: int, size: int, **options: Any) -> layers.Layer:
        # The padding is explicit because Keras's "same" is not symmetric if the stride leaves a remainder.
        # Without normalisation, weights of 0.02 would shrink the signal from layer to layer.
        weights = "he_normal" if normalization is None else keras.initializers.RandomNormal(0.0, 0.02)
        return weighted(layers.Conv2D(width, size, kernel_initializer=weights, **options), kind)

    if halvings == 0:
        check_image_shape(image_shape)
        x = layers.LeakyReLU(0.2)(convolution(filters, 1)(x))
        x = convolution(2 * filters, 1, use_bias=use_bias)(x)
        x = layers.LeakyReLU(0.2)(norm()(x))
        return convolution(1, 1, use_bias=use_bias, dtype="float32", name="logits")(x)
    check_image_shape(image_shape, least=3 * 2**halvings, hint=". Use a smaller `receptive_field`.")
    for layer in range(halvings + 1):
        x = layers.ZeroPadding2D(1)(x)
        strides = 2 if layer < halvings else 1
        width = filters * min(2**layer, WIDEST)
        x = convolution(width, 4, strides=strides, use_bias=use_bias or layer == 0)(x)
        x = layers.LeakyReLU(0.2)(norm()(x) if layer else x)
    return convolution(1, 4, dtype="float32", name="logits")(layers.ZeroPadding2D(1)(x))
