"""Fully connected networks of the GAN paper.

Reference:
    [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661).
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import image_input, latent_input
from keras_gan.networks.normalization import weighted
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(kind="generator", normalizations=(None, "spectral"), conditional=True)


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    units: int = 1200,
    name: str = "mlp_generator",
) -> keras.Model:
    """Builds the paper's generator: two hidden layers with ReLU.

    The output is a tanh, so images are in [-1, 1]. The paper's MNIST network has a sigmoid, for images in [0, 1].

    Args:
        image_shape: Shape of an image, (height, width, channels). Any size works.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        units: Width of the hidden layers. Defaults to 1200.
        name: Name of the model. Defaults to `"mlp_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Example:
    ```python
    generator = keras_gan.networks.mlp.generator((28, 28, 1), latent_dim=100)
    ```

    Reference:
        [Goodfellow et al., 2014](https://arxiv.org/abs/1406.2661), section 5.
    """
    inputs, x = latent_input(latent_dim, num_classes)
    for _ in range(2):
        x = layers.Dense(units, activation="relu", kernel_initializer="he_normal")(x)
    x = layers.Dense(math.prod(image_shape), activation="tanh", dtype="float32")(x)
    return keras.Model(inputs, layers.Reshape(image_shape, dtype="float32", name="image")(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    units: int = 240,
    pieces: int = 5,
    dropout: float = 0.5,
    normalization: str | None = None,
    name: str = "mlp_discriminator",
) -> keras.Model:
    """Builds the paper's discriminator: two maxout layers with dropout, then one logit.

    Args:
        image_shape: Shape of an image, (height, width, channels). Any size works.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        units: Width of the hidden layers. Defaults to 240.
        pieces: Number of linear functions that each maxout unit takes the maximum of. Defaults to 5.
        dropout: Fraction of hidden units dropped in training. Defaults to 0.5.
        normalization: `"spectral"` for spectral normalisation of all weights, or `None`. Defaults to `None`.
        name: Name of the model. Defaults to `"mlp_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `normalization` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.mlp.discriminator((28, 28, 1))
    ```

    Reference:
        - [Goodfellow et al., 2013, Maxout Networks](https://arxiv.org/abs/1302.4389), section 3.
        - `"spectral"`: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
    """
    CAPABILITIES.check_normalization(normalization)
    inputs, x = image_input(image_shape, num_classes)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = weighted(layers.Dense(units * pieces), normalization)(x)
        x = ops.max(layers.Reshape((units, pieces))(x), axis=-1)
        x = layers.Dropout(dropout)(x)
    logits = weighted(layers.Dense(1, dtype="float32", name="logits"), normalization)
    return keras.Model(inputs, logits(x), name=name)
