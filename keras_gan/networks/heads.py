"""Second outputs of discriminators: the class of an image, or the codes that it was generated from."""

from __future__ import annotations

import keras
from keras import layers

from keras_gan.latent import Codes
from keras_gan.layers import LatentCodes, SpectralNormalization
from keras_gan.typing import Tensor

AUXILIARY_CLASSIFIER = "auxiliary_classifier"  # value of `conditioning`
HIDDEN = 128  # units of Q, as in the paper on InfoGAN


def with_class_head(discriminator: keras.Model, num_classes: int | None) -> keras.Model:
    """Returns a discriminator with a second output: the logits of the classes, (batch, num_classes).

    The new layer reads the features from which the logit is computed. If that layer has spectral normalisation, the new
    one has too.

    Args:
        discriminator: Functional model from images to logits, whose last layer is dense.
        num_classes: Number of classes.

    Raises:
        ValueError: If `num_classes` is `None`, or the last layer of the discriminator has several inputs.

    Example:
    ```python
    discriminator = keras_gan.networks.with_class_head(keras_gan.networks.dcgan.discriminator((28, 28, 1)), 10)
    ```

    Reference:
        [Odena et al., 2017, Conditional Image Synthesis with Auxiliary Classifier GANs](
        https://arxiv.org/abs/1610.09585), section 3.
    """
    if num_classes is None:
        raise ValueError(
            'conditioning="auxiliary_classifier" needs `num_classes`. Received: num_classes=None. '
            'Attributes are supported by "embedding" and "projection"'
        )
    features, is_spectral = _last_features(discriminator)
    head: layers.Layer = layers.Dense(num_classes, dtype="float32", name="class_logits")
    if is_spectral:
        head = SpectralNormalization(head, name="class_logits")
    return _with_second_output(discriminator, head(features))


def with_code_head(discriminator: keras.Model, codes: Codes, units: int = HIDDEN) -> keras.Model:
    """Returns a discriminator with a second output: the parameters of Q, the distribution of the codes of an image.

    They are the logits of each categorical code, then the means of the continuous codes, then the logarithms of their
    standard deviations. Q has a hidden layer of its own, and shares all others with the discriminator.

    Args:
        discriminator: Functional model from images to logits, or from [images, labels], whose last layer is dense.
        codes: Codes of the generator, see `with_codes`.
        units: Width of Q's hidden layer. Defaults to 128, as in the paper.

    Raises:
        ValueError: If the last layer of the discriminator has several inputs.

    Example:
    ```python
    codes = keras_gan.latent.Codes(categorical=(10,), continuous=2)
    discriminator = keras_gan.networks.with_code_head(keras_gan.networks.dcgan.discriminator((28, 28, 1)), codes)
    ```

    Reference:
        [Chen et al., 2016, InfoGAN](https://arxiv.org/abs/1606.03657), section 6 and appendix C.1.
    """
    features, _ = _last_features(discriminator)
    x = layers.LeakyReLU(0.1)(layers.Dense(units, name="code_features")(features))
    q = layers.Dense(sum(codes.categorical) + 2 * codes.continuous, dtype="float32", name="code_parameters")(x)
    return _with_second_output(discriminator, q)


def with_codes(generator: keras.Model, codes: Codes) -> keras.Model:
    """Returns a generator whose first numbers of z are codes: classes that it discovers, and continuous factors.

    z stays a vector from the standard normal distribution, so seeds, walks and exported files work as for any
    generator. The largest of k numbers decides a categorical code, so that each of its k values is equally likely.

    Args:
        generator: Functional model from z, or [z, labels], to images. Its `latent_dim` counts the codes.
        codes: Codes at the start of z.

    Raises:
        ValueError: If z has no room for the codes.

    Example:
    ```python
    codes = keras_gan.latent.Codes(categorical=(10,), continuous=2)
    generator = keras_gan.networks.with_codes(keras_gan.networks.dcgan.generator((28, 28, 1), latent_dim=74), codes)
    ```

    Reference:
        [Chen et al., 2016, InfoGAN](https://arxiv.org/abs/1606.03657), section 4. The paper's continuous codes are
        uniform, here they are normal.
    """
    z, *labels = (keras.Input(tensor.shape[1:], dtype=tensor.dtype, name=tensor.name) for tensor in generator.inputs)
    latent_dim = z.shape[-1]
    if latent_dim < codes.length:
        raise ValueError(f"`latent_dim` must be at least {codes.length}, for the codes. Received: {latent_dim}")
    encoded = LatentCodes(codes.categorical, codes.continuous, name="codes")(z)
    images = generator([encoded, *labels] if labels else encoded)
    return keras.Model([z, *labels] if labels else z, images, name=generator.name)


def _with_second_output(discriminator: keras.Model, output: Tensor) -> keras.Model:
    inputs = discriminator.inputs
    return keras.Model(
        inputs if len(inputs) > 1 else inputs[0], [discriminator.outputs[0], output], name=discriminator.name
    )


def _last_features(discriminator: keras.Model) -> tuple[Tensor, bool]:
    """Returns the features from which the logit is computed, and if that layer has spectral normalisation."""
    history = discriminator.outputs[0]._keras_history
    features = history.operation._inbound_nodes[history.node_index].input_tensors
    if len(features) != 1:
        raise ValueError(
            "The last layer of `discriminator` must have one input, as a dense layer has. "
            f"Received: {history.operation.name!r} with {len(features)} inputs"
        )
    return features[0], isinstance(history.operation, SpectralNormalization)
