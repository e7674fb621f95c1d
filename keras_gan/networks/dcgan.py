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
from keras_gan.networks.conditioning import discriminator_input, latent_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.networks.normalization import normalized, weighted
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(
    kind="generator",
    doublings=(1, 8),
    normalizations=("batch", "layer", "spectral", None),
    conditional=True,
    discriminator_conditioning=("embedding", "auxiliary_classifier"),
)
WIDEST = 16  # times `filters`
KERNEL = 4  # as in the official code; the paper has 5, which is not divisible by the stride of 2


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    normalization: str | None = "batch",
    num_attributes: int | None = None,
    name: str = "dcgan_generator",
) -> keras.Model:
    """Builds the DCGAN generator: a projection of z, then transposed convolutions that double the size.

    Every layer except the last is followed by batch normalisation and ReLU. The last layer has a tanh.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, up to 8 times, such as 28, 32, 64 or 48x96.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels of the layer before the image. They double with each halving of the size, up to 16 times this
            number. Defaults to 64.
        normalization: `"batch"`, or `None` for biases instead. Defaults to `"batch"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"dcgan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` or `normalization` is not supported.

    Example:
    ```python
    generator = keras_gan.networks.dcgan.generator((64, 64, 3), latent_dim=100)
    ```

    Reference:
        [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3 and figure 1.
    """
    height, width, doublings = CAPABILITIES.stages(image_shape)
    if normalization not in ("batch", None):
        raise ValueError(f"`normalization` must be one of ['batch', None]. Received: normalization={normalization!r}")
    use_bias = normalization is None
    channels = image_shape[-1]
    inputs, x = latent_input(latent_dim, num_classes, num_attributes)
    *widths, widest = _widths(filters, doublings)
    x = layers.Dense(height * width * widest, use_bias=use_bias, kernel_initializer=_weights())(x)
    x = layers.Reshape((height, width, widest))(x)
    x = layers.ReLU()(normalized(x, normalization))
    for features in reversed(widths):
        x = layers.Conv2DTranspose(features, **_convolution(use_bias))(x)
        x = layers.ReLU()(normalized(x, normalization))
    x = layers.Conv2DTranspose(channels, **_convolution(use_bias), activation="tanh", dtype="float32", name="image")(x)
    return keras.Model(inputs, x, name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    normalization: str | None = "batch",
    conditioning: str = "embedding",
    num_attributes: int | None = None,
    name: str = "dcgan_discriminator",
) -> keras.Model:
    """Builds the DCGAN discriminator: strided convolutions that halve the size, then one logit.

    Every layer except the first and the last is followed by batch normalisation. The activation is LeakyReLU(0.2).
    Gradient penalties need a normalisation other than batch, since with it a logit depends on other images too.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, up to 8 times, such as 28, 32, 64 or 48x96.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first layer. They double with each halving of the size, up to 16 times this number.
            Defaults to 64.
        normalization: Normalisation of features or weights. Defaults to `"batch"`.

            - `"batch"`: batch normalisation.
            - `"layer"`: layer normalisation, over all features of an image.
            - `"spectral"`: spectral normalisation of all weights. The layers have biases.
            - `None`: none. The layers have biases.
        conditioning: Use of the labels. `"embedding"` is an additional channel of the image.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input.
            Defaults to `"embedding"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"dcgan_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape`, `normalization` or `conditioning` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.dcgan.discriminator((64, 64, 3))
    ```

    Reference:
        - [Radford et al., 2016](https://arxiv.org/abs/1511.06434), section 3.
        - `"spectral"`: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
        - `"layer"`: [Gulrajani et al., 2017](https://arxiv.org/abs/1704.00028), section 4.
    """
    halvings = CAPABILITIES.stages(image_shape).doublings
    CAPABILITIES.check_normalization(normalization)
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    use_bias = normalization in ("spectral", None)
    inputs, x = discriminator_input(image_shape, num_classes, num_attributes, conditioning)
    for stage, features in enumerate(_widths(filters, halvings)):
        x = weighted(layers.Conv2D(features, **_convolution(use_bias)), normalization)(x)
        x = layers.LeakyReLU(0.2)(x if stage == 0 else normalized(x, normalization))
    x = layers.Flatten()(x)
    last = layers.Dense(1, use_bias=use_bias, kernel_initializer=_weights(), dtype="float32", name="logits")
    model = keras.Model(inputs, weighted(last, normalization)(x), name=name)
    return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model


def _widths(filters: int, stages: int) -> list[int]:
    return [filters * min(2**stage, WIDEST) for stage in range(stages)]


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
