"""Fully connected networks of the GAN paper.

Reference:
    [Goodfellow et al., 2014, Generative Adversarial Nets](https://arxiv.org/abs/1406.2661).
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import discriminator_input, latent_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.networks.normalization import weighted
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(
    kind="generator",
    normalizations=(None, "spectral"),
    ranks=(1, 2, 3),
    conditional=True,
    discriminator_conditioning=("embedding", "auxiliary_classifier"),
)


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    units: int = 1200,
    num_attributes: int | None = None,
    name: str = "mlp_generator",
) -> keras.Model:
    """Builds the paper's generator: two hidden layers with ReLU.

    For images the output is a tanh, so they are in [-1, 1]. The paper's MNIST network has a sigmoid, for images in
    [0, 1]. Vectors and sequences can have any values, so their output is linear.

    Args:
        image_shape: Shape of an image, (height, width, channels), of a sequence, (length, channels), or of a vector,
            (n,). Any size works.
        latent_dim: Length of z.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        units: Width of the hidden layers. Defaults to 1200.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
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
    inputs, x = latent_input(latent_dim, num_classes, num_attributes)
    for _ in range(2):
        x = layers.Dense(units, activation="relu", kernel_initializer="he_normal")(x)
    activation = "tanh" if len(image_shape) == 3 else "linear"
    x = layers.Dense(math.prod(image_shape), activation=activation, dtype="float32")(x)
    return keras.Model(inputs, layers.Reshape(image_shape, dtype="float32", name="image")(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    units: int = 240,
    pieces: int = 5,
    dropout: float = 0.5,
    normalization: str | None = None,
    conditioning: str = "embedding",
    num_attributes: int | None = None,
    name: str = "mlp_discriminator",
) -> keras.Model:
    """Builds the paper's discriminator: two maxout layers with dropout, then one logit.

    Args:
        image_shape: Shape of an image, (height, width, channels), of a sequence, (length, channels), or of a vector,
            (n,). Any size works.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        units: Width of the hidden layers. Defaults to 240.
        pieces: Number of linear functions that each maxout unit takes the maximum of. Defaults to 5.
        dropout: Fraction of hidden units dropped in training. Defaults to 0.5.
        normalization: `"spectral"` for spectral normalisation of all weights, or `None`. Defaults to `None`.
        conditioning: Use of the labels. `"embedding"` is an additional channel of the image.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input.
            Defaults to `"embedding"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"mlp_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `normalization` or `conditioning` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.mlp.discriminator((28, 28, 1))
    ```

    Reference:
        - [Goodfellow et al., 2013, Maxout Networks](https://arxiv.org/abs/1302.4389), section 3.
        - `"spectral"`: [Miyato et al., 2018](https://arxiv.org/abs/1802.05957).
    """
    CAPABILITIES.check_normalization(normalization)
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    inputs, x = discriminator_input(image_shape, num_classes, num_attributes, conditioning)
    x = layers.Flatten()(x)
    for _ in range(2):
        x = weighted(layers.Dense(units * pieces), normalization)(x)
        x = ops.max(layers.Reshape((units, pieces))(x), axis=-1)
        x = layers.Dropout(dropout)(x)
    logits = weighted(layers.Dense(1, dtype="float32", name="logits"), normalization)
    model = keras.Model(inputs, logits(x), name=name)
    return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model
