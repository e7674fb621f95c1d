"""WaveGAN: convolutions of length 25 over sequences, such as audio.

Reference:
    [Donahue et al., 2019, Adversarial Audio Synthesis](https://arxiv.org/abs/1802.04208).
"""

from __future__ import annotations

import keras
from keras import layers

from keras_gan.layers import PhaseShuffle
from keras_gan.networks.capabilities import Capabilities
from keras_gan.networks.conditioning import discriminator_input, latent_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.typing import Shape

CAPABILITIES = Capabilities(
    kind="generator",
    ranks=(2,),
    conditional=True,
    discriminator_conditioning=("embedding", "auxiliary_classifier"),
)
KERNEL = 25
STRIDE = 4
START = 16  # steps of the shortest feature map, or more
LEAST = 4  # its steps if the sequence is too short for that
WIDEST = 16  # times `filters`


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    num_attributes: int | None = None,
    name: str = "wavegan_generator",
) -> keras.Model:
    """Builds the WaveGAN generator: a projection of z, then transposed convolutions that make the sequence longer.

    Each has a kernel of 25 steps and a stride of 4, and is followed by ReLU, the last one by tanh. The paper has 16,384
    steps of audio at 16 kHz.

    Args:
        image_shape: Shape of a sequence, (length, channels). The length is a multiple of 4, at least 16, such as
            16384.
        latent_dim: Length of z. The paper has 100.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels of the layer before the sequence. They double with each shorter feature map, up to 16 times
            this number. Defaults to 64.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"wavegan_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to sequences, float32 (batch, length, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` is not supported.

    Example:
    ```python
    generator = keras_gan.networks.wavegan.generator((16384, 1), latent_dim=100)
    ```

    Reference:
        [Donahue et al., 2019](https://arxiv.org/abs/1802.04208), section 3.1 and table 3.
    """
    lengths = _lengths(image_shape)
    widest, *widths = _widths(filters, len(lengths) - 1)[::-1]
    inputs, x = latent_input(latent_dim, num_classes, num_attributes)
    x = layers.Dense(lengths[0] * widest)(x)
    # Sequences are images of height 1: transposed convolutions of 1-D do not convert to TFLite.
    x = layers.ReLU()(layers.Reshape((1, lengths[0], widest))(x))
    for features in widths:
        x = layers.ReLU()(layers.Conv2DTranspose(features, (1, KERNEL), (1, STRIDE), padding="same")(x))
    x = layers.Conv2DTranspose(
        image_shape[-1], (1, KERNEL), (1, STRIDE), padding="same", activation="tanh", dtype="float32"
    )(x)
    return keras.Model(inputs, layers.Reshape(image_shape, dtype="float32", name="image")(x), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    phase_shuffle: int = 2,
    conditioning: str = "embedding",
    num_attributes: int | None = None,
    name: str = "wavegan_discriminator",
) -> keras.Model:
    """Builds the WaveGAN discriminator: convolutions with a stride of 4 and phase shuffle, then one logit.

    Each convolution has a kernel of 25 steps and is followed by LeakyReLU(0.2), and all but the last by phase shuffle.
    There is no normalisation, so gradient penalties are supported: the paper trains with `"wgan_gp"`.

    Args:
        image_shape: Shape of a sequence, (length, channels). The length is a multiple of 4, at least 16, such as
            16384.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels of the first layer. They double with each layer, up to 16 times this number. Defaults to 64.
        phase_shuffle: Largest shift n in steps, less than the length of the shortest shuffled map. 0 for none. Defaults
            to 2, as in the paper.
        conditioning: Use of the labels. `"embedding"` is an additional channel of the sequence.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify sequences, and labels are no input. Defaults to `"embedding"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"wavegan_discriminator"`.

    Returns:
        A model from sequences, float32 (batch, length, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape`, `phase_shuffle` or `conditioning` is not supported.

    Example:
    ```python
    discriminator = keras_gan.networks.wavegan.discriminator((16384, 1))
    ```

    Reference:
        [Donahue et al., 2019](https://arxiv.org/abs/1802.04208), sections 3.1 and 3.3, table 4.
    """
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    lengths = _lengths(image_shape)
    if not 0 <= phase_shuffle < lengths[1]:
        raise ValueError(f"`phase_shuffle` must be from 0 to {lengths[1] - 1}. Received: phase_shuffle={phase_shuffle}")
    inputs, x = discriminator_input(image_shape, num_classes, num_attributes, conditioning)
    x = layers.Reshape((1, *x.shape[1:]))(x)
    widths = _widths(filters, len(lengths) - 1)
    for layer, features in enumerate(widths):
        x = layers.Conv2D(features, (1, KERNEL), (1, STRIDE), padding="same")(x)
        x = layers.LeakyReLU(0.2)(x)
        if phase_shuffle and layer < len(widths) - 1:
            x = PhaseShuffle(phase_shuffle)(x)
    logits = layers.Dense(1, dtype="float32", name="logits")(layers.Flatten()(x))
    model = keras.Model(inputs, logits, name=name)
    return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model


def _lengths(image_shape: Shape) -> list[int]:
    """Returns the length of each feature map, the shortest first."""
    if len(image_shape) != 2 or image_shape[0] % STRIDE or image_shape[0] < STRIDE * LEAST or image_shape[1] < 1:
        raise ValueError(
            f"`image_shape` must be (length, channels), the length a multiple of {STRIDE}, at least {STRIDE * LEAST}. "
            f"Received: image_shape={image_shape}"
        )
    lengths = [image_shape[0] // STRIDE, image_shape[0]]
    while lengths[0] % STRIDE == 0 and lengths[0] // STRIDE >= START:
        lengths.insert(0, lengths[0] // STRIDE)
    return lengths


def _widths(filters: int, number: int) -> list[int]:
    """Returns the channels of each feature map but the sequence, the longest first."""
    return [filters * min(2**layer, WIDEST) for layer in range(number)]
