"""StyleGAN2: a mapping network, modulated convolutions that sum up an image, and a residual discriminator.

Reference:
    [Karras et al., 2020, Analyzing and Improving the Image Quality of StyleGAN](https://arxiv.org/abs/1912.04958).
"""

from __future__ import annotations

import math

import keras
from keras import layers, ops

from keras_gan.layers import (
    Blur2D,
    ClipInInference,
    ConstantNoise,
    EqualizedConv2D,
    EqualizedDense,
    InterpolativeDownsampling2D,
    InterpolativeUpsampling2D,
    LearntConstant,
    MinibatchStandardDeviation,
    ModulatedConv2D,
    StyleMixing,
    Truncation,
)
from keras_gan.networks.capabilities import Capabilities, Stages
from keras_gan.networks.conditioning import discriminator_input, has_labels, label_input
from keras_gan.networks.heads import AUXILIARY_CLASSIFIER, with_class_head
from keras_gan.typing import Shape, Tensor

CAPABILITIES = Capabilities(
    kind="generator",
    doublings=(1, 8),
    conditional=True,
    generator_conditioning=("embedding",),
    discriminator_conditioning=("projection", "embedding", "auxiliary_classifier"),
)
SLOPE = 0.2
GAIN = math.sqrt(2)  # keeps the variance after LeakyReLU
MULTIPLIER = 0.01  # of the mapping network's learning rate


def generator(
    image_shape: Shape,
    latent_dim: int,
    num_classes: int | None = None,
    filters: int = 64,
    max_filters: int = 512,
    mapping_layers: int = 8,
    noise: bool = True,
    style_mixing: float = 0.9,
    truncation: float = 1.0,
    conditioning: str = "embedding",
    num_attributes: int | None = None,
    name: str = "stylegan2_generator",
) -> keras.Model:
    """Builds the StyleGAN2 generator: z -> mapping -> w -> styles of each convolution -> image.

    The model has two parts of its own, `mapping` and `synthesis`. The synthesis begins with a trainable map. At each
    size two modulated 3x3 convolutions follow, the first of which doubles the size, each with noise, bias and
    LeakyReLU. A modulated 1x1 convolution adds the image of this size to the doubled sum of the smaller ones.

    The output is linear, as in the paper. In inference images are clipped to [-1, 1], in training they are not.
    Configuration F of the paper has `filters=32` at 1024 pixels and `filters=128` at 256 pixels.

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, up to 8 times, such as 28, 32, 64 or 48x96.
        latent_dim: Length of z, and of w.
        num_classes: Number of classes. If given, the inputs are [z, labels]. Defaults to `None`.
        filters: Channels at the size of the image. They double with each halving of the size. Defaults to 64.
        max_filters: Largest number of channels. Defaults to 512.
        mapping_layers: Number of layers of the mapping network. Defaults to 8.
        noise: `True` to add noise after each convolution. It is sampled once and saved, so that z alone determines the
            image. Defaults to `True`.
        style_mixing: Fraction of the images in training that get the styles of two latent vectors. Defaults to 0.9.
        truncation: Factor of the distance between w and its average in inference. Below 1, images are more typical and
            vary less. After training it is `generator.get_layer("truncation").psi`. The `truncation` of
            `GAN.generate` has no effect, because the network normalises z. Defaults to 1.0.
        conditioning: Use of the labels, only `"embedding"`: a vector beside z. Defaults to `"embedding"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [z, labels], where `labels` are floats
            (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"stylegan2_generator"`.

    Returns:
        A model from z, float32 (batch, latent_dim), to images, float32 (batch, height, width, channels) in [-1, 1].

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported, or `mapping_layers` is below 1.

    Example:
    ```python
    generator = keras_gan.networks.stylegan2.generator((64, 64, 3), latent_dim=128, filters=32, max_filters=128)
    ```

    Reference:
        - [Karras et al., 2020](https://arxiv.org/abs/1912.04958), figure 2 (d) and section 4.
        - Labels: [Karras et al., 2020, Training Generative Adversarial Networks with Limited
          Data](https://arxiv.org/abs/2006.06676), appendix C.
    """
    stages = CAPABILITIES.stages(image_shape)
    CAPABILITIES.check_conditioning("generator", conditioning)
    if mapping_layers < 1:
        raise ValueError(f"`mapping_layers` must be at least 1. Received: mapping_layers={mapping_layers}")
    mapping = _mapping(latent_dim, num_classes, num_attributes, mapping_layers)
    synthesis = _synthesis(stages, image_shape[-1], latent_dim, _widths(filters, max_filters, stages.doublings), noise)
    z = keras.Input((latent_dim,), name="z")
    labels = [label_input(num_classes, num_attributes)[0]] if has_labels(num_classes, num_attributes) else []
    w = mapping([z, *labels] if labels else z)
    # The other latent vectors of style mixing are those of the neighbours in the batch, with the image's own labels.
    other = mapping([ops.roll(z, 1, axis=0), *labels]) if labels else ops.roll(w, 1, axis=0)
    w = Truncation(truncation, name="truncation")(w)
    styles = StyleMixing(synthesis.input_shape[1], style_mixing, name="styles")([w, other, z])
    return keras.Model([z, *labels] if labels else z, synthesis(styles), name=name)


def discriminator(
    image_shape: Shape,
    num_classes: int | None = None,
    filters: int = 64,
    max_filters: int = 512,
    group_size: int = 4,
    mapping_layers: int = 8,
    conditioning: str = "projection",
    num_attributes: int | None = None,
    name: str = "stylegan2_discriminator",
) -> keras.Model:
    """Builds the StyleGAN2 discriminator: residual blocks that halve the size, then one logit.

    A block is 3x3, a low-pass filter and 3x3 with stride 2, plus a shortcut of the filter and 1x1. The standard
    deviation over a group of images, 3x3 and two dense layers follow. The activation is LeakyReLU(0.2).

    Args:
        image_shape: Shape of an image, (height, width, channels). Height and width are numbers from 3 to 8 that are
            doubled equally often, up to 8 times, such as 28, 32, 64 or 48x96.
        num_classes: Number of classes. If given, the inputs are [images, labels]. Defaults to `None`.
        filters: Channels at the size of the image. They double with each halving of the size. Defaults to 64.
        max_filters: Largest number of channels. Defaults to 512.
        group_size: Largest number of images in a group of the standard deviation. Defaults to 4.
        mapping_layers: Number of layers between a label and its vector, with `"projection"`. Defaults to 8.
        conditioning: Use of the labels. `"projection"` is the inner product of the features and a vector of the class.
            `"embedding"` is an additional channel of the image.
            `"auxiliary_classifier"` is a second output, the logits of the classes, as in AC-GAN: the discriminator
            learns to classify images, and labels are no input. Defaults to
            `"projection"`.
        num_attributes: Length of vectors of attributes. If given, the inputs are [images, labels], where `labels` are
            floats (batch, num_attributes). Defaults to `None`.
        name: Name of the model. Defaults to `"stylegan2_discriminator"`.

    Returns:
        A model from images, float32 (batch, height, width, channels), to logits, float32 (batch, 1).

    Raises:
        ValueError: If `image_shape` or `conditioning` is not supported, or `group_size` is below 1.

    Example:
    ```python
    discriminator = keras_gan.networks.stylegan2.discriminator((64, 64, 3), filters=32, max_filters=128)
    ```

    Reference:
        [Karras et al., 2020](https://arxiv.org/abs/1912.04958), section 4.1 and appendix B.
    """
    doublings = CAPABILITIES.stages(image_shape).doublings
    CAPABILITIES.check_conditioning("discriminator", conditioning)
    projects = has_labels(num_classes, num_attributes) and conditioning == "projection"
    inputs, x = discriminator_input(image_shape, num_classes, num_attributes, conditioning)
    width, *widths = _widths(filters, max_filters, doublings)[::-1]
    x = _leaky(EqualizedConv2D(width, 1)(x))
    for features in widths:
        shortcut = EqualizedConv2D(features, 1, use_bias=False)(InterpolativeDownsampling2D()(x))
        y = _leaky(EqualizedConv2D(x.shape[-1], 3, padding="same")(x))
        y = _leaky(EqualizedConv2D(features, 3, strides=2)(Blur2D(padding=2)(y)))
        x = (shortcut + y) * math.sqrt(0.5)
    x = MinibatchStandardDeviation(group_size)(x)
    features = x.shape[-1] - 1
    x = _leaky(EqualizedConv2D(features, 3, padding="same")(x))
    x = _leaky(EqualizedDense(features)(layers.Flatten()(x)))
    if not projects:
        model = keras.Model(inputs, EqualizedDense(1, dtype="float32", name="logits")(x), name=name)
        return with_class_head(model, num_classes) if conditioning == AUXILIARY_CLASSIFIER else model
    labels, classes = label_input(num_classes, num_attributes)
    embedding = _normalized(EqualizedDense(features)(classes))
    for _ in range(mapping_layers):
        embedding = _leaky(EqualizedDense(features, MULTIPLIER)(embedding))
    x = EqualizedDense(features, dtype="float32")(x)
    scaled = ops.cast(embedding, "float32") / math.sqrt(features)
    logits = layers.Dot(axes=1, dtype="float32", name="logits")([x, scaled])
    return keras.Model([inputs, labels], logits, name=name)


def _mapping(latent_dim: int, num_classes: int | None, num_attributes: int | None, mapping_layers: int) -> keras.Model:
    """Returns the mapping network, from z, or [z, labels], to w."""
    z = keras.Input((latent_dim,), name="z")
    inputs, w = z, _normalized(z)
    if has_labels(num_classes, num_attributes):
        labels, classes = label_input(num_classes, num_attributes)
        embedding = EqualizedDense(latent_dim, name="label_embedding")(classes)
        inputs, w = [z, labels], layers.Concatenate()([w, _normalized(embedding)])
    for _ in range(mapping_layers):
        w = _leaky(EqualizedDense(latent_dim, MULTIPLIER)(w))
    return keras.Model(inputs, w, name="mapping")


def _synthesis(stages: Stages, channels: int, latent_dim: int, widths: list[int], noise: bool) -> keras.Model:
    """Returns the synthesis network, from the styles of all convolutions, (batch, styles, latent_dim), to images."""
    styles = keras.Input((2 * len(widths), latent_dim), name="styles")

    def modulated(x: Tensor, w: int, filters: int, kernel_size: int, **options: bool) -> Tensor:
        style = EqualizedDense(x.shape[-1], bias_initializer="ones")(styles[:, w])
        return ModulatedConv2D(filters, kernel_size, **options)([x, style])

    def styled(x: Tensor, w: int, filters: int, **options: bool) -> Tensor:
        x = modulated(x, w, filters, 3, **options)
        return _leaky(ConstantNoise()(x) if noise else x)

    x = LearntConstant((stages.height, stages.width, widths[0]))(styles[:, 0])
    x = styled(x, 0, widths[0])
    image = modulated(x, 1, channels, 1, demodulate=False)
    for stage, width in enumerate(widths[1:], 1):
        x = styled(x, 2 * stage - 1, width, upsample=True)
        x = styled(x, 2 * stage, width)
        # As in the official code, the image of a size has the style of the next convolution.
        to_image = modulated(x, 2 * stage + 1, channels, 1, demodulate=False)
        image = layers.Add(dtype="float32")([InterpolativeUpsampling2D(dtype="float32")(image), to_image])
    return keras.Model(styles, ClipInInference(dtype="float32", name="image")(image), name="synthesis")


def _widths(filters: int, max_filters: int, doublings: int) -> list[int]:
    """Returns the channels from the smallest feature map to the size of the image."""
    return [min(filters << halvings, max_filters) for halvings in range(doublings, -1, -1)]


def _normalized(x: Tensor) -> Tensor:
    """Returns vectors whose numbers have a mean square of 1."""
    return x * ops.rsqrt(ops.mean(ops.square(x), axis=-1, keepdims=True) + 1e-8)


def _leaky(x: Tensor) -> Tensor:
    # TensorFlow's graph optimizer fails on the gradient of the LeakyReLU layer, and then optimizes nothing.
    return ops.maximum(GAIN * x, GAIN * SLOPE * x)
