"""DCGAN: transposed convolutions in the generator, strided convolutions in the discriminator.

Reference:
    [Radford et al., 2016, Unsupervised Representation Learning with Deep Convolutional Generative Adversarial
    Networks](https://arxiv.org/abs/1511.06434).
"""

from __future__ import annotations

from typing import Any

import keras
from keras import layers

from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import image_input, latent_input
from keras_gan.networks.normalization import normalized, weighted
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(
    kind="generator",
    sizes=(28, 32, 64, 128),
    normalizations=("batch", "layer", "spectral", None),
    conditional=True,
)
KERNEL = 4  # as in the official code; the paper has 5, which is not divisible by the stride of 2


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    normalization: str | None = "batch",
    name: str = "dcgan_generator",
) -> keras.Model:
    """Builds the DCGAN generator: a projection of z, then transposed convolutions that double the size.

    Every layer except the last is followed by batch normalisation and ReLU. The last layer has a tanh.

    Args:
        image_shape: Shape of an image, (size, size, channels). The size is one of 28, 32, 64, 128.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels of the layer before the image. They double with each halving of the size. Defaults to 64.
        normalization: `"batch"`, or `None` for biases instead. Defaults to `"batch"`.
        name: Name of the model. Defaults to `"dcgan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, size, size, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` or `normalization` is not supported.

    Example:
    ```python
    generator = keras_gan.networks.dcgan.generator((64, 64, 3), latent_dim=100)
    ```

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3 and figure 1.
    """
    start, doublings = _stages(image_shape)
    if normalization not in ("batch", None):
        raise ValueError(f"`normalization` must be one of ['batch', None]. Received: normalization={normalization!r}")
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
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    normalization: str | None = "batch",
    name: str = "dcgan_discriminator",
) -> keras.Model:
    """Builds the DCGAN discriminator: strided convolutions that halve the size, then one logit.

    Every layer except the first and the last is followed by batch normalisation. The activation is LeakyReLU(0.2).
    Gradient penalties need a normalisation other than batch, since with it a logit depends on other images too.

    Args:
        image_shape: Shape of an image, (size, size, channels). The size is one of 28, 32, 64, 128.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first layer. They double with each halving of the size. Defaults to 64.
        normalization: Normalisation of features or weights. Defaults to `"batch"`.

            - `"batch"`: batch normalisation.
            - `"layer"`: layer normalisation, over all features of an image.
            - `"spectral"`: spectral normalisation of all weights. The layers have biases.
            - `None`: none. The layers have biases.
        name: Name of the model. Defaults to `"dcgan_discriminator"`.

    Returns:
        A model from images, float32 (batch, size, size, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape` or `normalization` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.dcgan.discriminator((64, 64, 3))
    ```

    Reference:
        - [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3.
        - `"spectral"`: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
        - `"layer"`: [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), section 4.
    """
    _, halvings = _stages(image_shape)
    CAPABILITIES.check_normalization(normalization)
    use_bias = normalization in ("spectral", None)
    inputs, x = image_input(image_shape, num_classes)
    for stage in range(halvings):
        x = weighted(layers.Conv2D(filters * 2**stage, **_convolution(use_bias)), normalization)(x)
        x = layers.LeakyReLU(0.2)(x if stage == 0 else normalized(x, normalization))
    x = layers.Flatten()(x)
    last = layers.Dense(1, use_bias=use_bias, kernel_initializer=_weights(), dtype="float32", name="logits")
    return keras.Model(inputs, weighted(last, normalization)(x), name=name)


def _stages(image_shape: Shape) -> tuple[int, int]:
    """Returns the size of the smallest feature map and the number of doublings: 28 = 7 * 2**2, 64 = 4 * 2**4."""
    CAPABILITIES.check_square(image_shape)
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
