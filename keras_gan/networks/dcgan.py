"""DCGAN: transposed convolutions up, strided convolutions down."""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.networks.conditioning import image_input, latent_input
from keras_gan.networks.normalization import check_normalization, normalized, weighted

SIZES = (28, 32, 64, 128)
KERNEL = 4  # the official PyTorch and Torch code; the paper's figure has 5, which a stride of 2 does not divide


def generator(
    image_shape: tuple[int, int, int],
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    normalization: str | None = "batch",
    name: str = "dcgan_generator",
) -> keras.Model:
    """Build the DCGAN generator: project z, then double the size by transposed convolutions.

    Every layer but the last is followed by batch normalisation and ReLU; the last is a tanh.

    Args:
        image_shape: (size, size, channels), size one of 28, 32, 64, 128.
        latent_dim: The length of z.
        num_classes: How many classes; with it the inputs are [z, labels]. Defaults to `None`.
        filters: Channels of the layer before the image; they double with each halving of the size. Defaults to 64.
        normalization: `"batch"`, or `None` for biases instead. Defaults to `"batch"`.
        name: The model's name. Defaults to `"dcgan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, size, size, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` is not one that DCGAN draws, or `normalization` is not one of those.

    Example:
    ```python
    generator = keras_gan.networks.dcgan.generator((64, 64, 3), latent_dim=100)
    ```

    Reference:
        [Radford et al., 2016, Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
        Networks](https://arxiv.org/abs/1511.06434), section 3 and figure 1.
    """
    start, doublings = _stages(image_shape)
    check_normalization(normalization, ("batch", None))
    use_bias = normalization is None
    channels = image_shape[-1]
    inputs, x = latent_input(latent_dim, num_classes)
    width = filters * 2 ** (doublings - 1)
    x = layers.Dense(start * start * width, use_bias=use_bias, kernel_initializer=_weights())(x)
    x = layers.Reshape((start, start, width))(x)
    x = layers.ReLU()(normalized(x, normalization))
    for stage in range(doublings - 1, 0, -1):
        x = layers.Conv2DTranspose(filters * 2 ** (stage - 1), **_convolution(use_bias))(x)
        x = layers.ReLU()(normalized(x, normalization))
    x = layers.Conv2DTranspose(channels, **_convolution(use_bias), activation="tanh", dtype="float32", name="image")(x)
    return keras.Model(inputs, x, name=name)


def discriminator(
    image_shape: tuple[int, int, int],
    num_classes: int | None = None,
    filters: int = 64,
    normalization: str | None = "batch",
    name: str = "dcgan_discriminator",
) -> keras.Model:
    """Build the DCGAN discriminator: halve the size by strided convolutions, then one logit.

    Every layer but the first and the last is followed by batch normalisation; the activation is LeakyReLU(0.2).
    Other than by batch normalisation, each image is judged by itself, which a gradient penalty asks for.

    Args:
        image_shape: (size, size, channels), size one of 28, 32, 64, 128.
        num_classes: How many classes; with it the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first layer; they double with each halving of the size. Defaults to 64.
        normalization: `"batch"`; `"layer"`, in its place, of all features of an image together; `"spectral"`, of every
            layer's weights, which then has a bias; or `None`, for biases alone. Defaults to `"batch"`.
        name: The model's name. Defaults to `"dcgan_discriminator"`.

    Returns:
        A model from images, float32 (batch, size, size, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape` is not one that DCGAN draws, or `normalization` is not one of those.

    Example:
    ```python
    discriminator = keras_gan.networks.dcgan.discriminator((64, 64, 3))
    ```

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3; `"spectral"` of
        [Miyato et al., 2018](https://arxiv.org/abs/1802.05957); `"layer"` of
        [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), section 4.
    """
    _, halvings = _stages(image_shape)
    check_normalization(normalization, ("batch", "layer", "spectral", None))
    use_bias = normalization in ("spectral", None)
    inputs, x = image_input(image_shape, num_classes)
    for stage in range(halvings):
        x = weighted(layers.Conv2D(filters * 2**stage, **_convolution(use_bias)), normalization)(x)
        x = layers.LeakyReLU(0.2)(x if stage == 0 else normalized(x, normalization))
    x = layers.Flatten()(x)
    last = layers.Dense(1, use_bias=use_bias, kernel_initializer=_weights(), dtype="float32", name="logits")
    return keras.Model(inputs, weighted(last, normalization)(x), name=name)


def _stages(image_shape: tuple[int, int, int]) -> tuple[int, int]:
    """The smallest feature map's size, and how often it doubles: 28 = 7 * 2**2, 64 = 4 * 2**4."""
    if len(image_shape) != 3 or image_shape[0] != image_shape[1] or image_shape[0] not in SIZES or image_shape[2] < 1:
        raise ValueError(
            f"`image_shape` must be (size, size, channels) with size one of {SIZES}. "
            f"Received: image_shape={image_shape}. Resize the images, or use keras_gan.networks.mlp."
        )
    size = image_shape[0]
    return (7, 2) if size == 28 else (4, (size // 4).bit_length() - 1)


def _convolution(use_bias: bool) -> dict[str, Any]:
    return {
        "kernel_size": KERNEL,
        "strides": 2,
        "padding": "same",
        "use_bias": use_bias,
        "kernel_initializer": _weights(),
    }


def _weights() -> keras.initializers.Initializer:
    return keras.initializers.RandomNormal(0.0, 0.02)
