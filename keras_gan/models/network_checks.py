"""Checks that the networks of a model fit each other, before the first step."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import Any

import keras
import tensorflow as tf

from keras_gan.errors import KerasGANWarning
from keras_gan.models.second_output import has_second_output, logits_of, takes_labels
from keras_gan.models.size_multiple import input_shape, size_multiple
from keras_gan.networks.conditioning import has_labels
from keras_gan.networks.inspection import ends_in_sigmoid, moment_normalizations, output_activation
from keras_gan.penalties import Penalty
from keras_gan.typing import Range, Shape, Tensor

EXAMPLES = 16


def check_networks(
    generator: keras.Model,
    discriminator: keras.Model,
    latent_dim: int,
    num_classes: int | None,
    num_attributes: int | None = None,
) -> tuple[Shape, bool]:
    """Passes examples through both networks, which also builds them.

    Returns:
        The shape of the generator's images, sequences or vectors; and `True` if the discriminator has a second output.

    Raises:
        ValueError: If the two networks do not fit each other or the arguments, or the discriminator ends in a sigmoid.
    """
    for role, network in (("generator", generator), ("discriminator", discriminator)):
        if not isinstance(network, keras.Model):
            raise ValueError(f"`{role}` must be a keras.Model. Received: {role}={network!r}")
    if latent_dim < 1:
        raise ValueError(f"`latent_dim` must be at least 1. Received: latent_dim={latent_dim}")
    labels = _example_labels(num_classes, num_attributes)
    arguments = f"latent_dim={latent_dim}, num_classes={num_classes}"
    arguments += "" if num_attributes is None else f", num_attributes={num_attributes}"
    images = _run("generator", generator, [tf.zeros((EXAMPLES, latent_dim)), *labels], arguments)
    if images.shape.rank not in (2, 3, 4):
        raise ValueError(
            "`generator` must return images of shape (batch, height, width, channels), sequences (batch, length, "
            f"channels) or vectors (batch, n). Received: output of shape {tuple(images.shape)}"
        )
    examples = [tf.random.stateless_normal(images.shape, seed=[0, 0])]
    if takes_labels(discriminator, bool(labels)):
        examples += labels
    outputs = _run("discriminator", discriminator, examples, arguments)
    second_output, logits = has_second_output(outputs), logits_of(outputs)
    if logits.shape.rank < 1 or logits.shape[0] != EXAMPLES:
        raise ValueError(
            "`discriminator` must return logits of shape (batch, 1), or (batch, height, width, 1). "
            f"Received: output of shape {tuple(logits.shape)} for {EXAMPLES} images"
        )
    if ends_in_sigmoid(discriminator, examples if len(examples) > 1 else examples[0]):
        raise ValueError(
            "`discriminator` must return logits, but it ends in a sigmoid. Remove the activation of its last layer: "
            "the losses are computed from logits, which stay exact when a sigmoid would round to 0 or 1. "
            f"Received: discriminator={discriminator.name!r}"
        )
    return tuple(images.shape[1:]), second_output


def infer_image_range(
    generator: keras.Model, latent_dim: int, num_classes: int | None, num_attributes: int | None = None
) -> Range:
    """Returns the least and the greatest value of a generator's pixels: (0.0, 1.0) if it ends in a sigmoid."""
    z = tf.random.stateless_normal((EXAMPLES, latent_dim), seed=[0, 0])
    labels = _example_labels(num_classes, num_attributes)
    inputs = [z, *labels] if labels else z
    return (0.0, 1.0) if ends_in_sigmoid(generator, inputs) else (-1.0, 1.0)


def _example_labels(num_classes: int | None, num_attributes: int | None) -> list[Tensor]:
    """Returns the labels of the examples; no tensor for a model without labels."""
    if not has_labels(num_classes, num_attributes):
        return []
    return [tf.zeros((EXAMPLES,), tf.int32) if num_attributes is None else tf.zeros((EXAMPLES, num_attributes))]


def _run(role: str, network: keras.Model, inputs: list[Tensor], arguments: str) -> Tensor:
    try:
        return network(inputs if len(inputs) > 1 else inputs[0], training=False)
    except Exception as error:
        shapes = " and ".join(str(tuple(x.shape)) for x in inputs)
        raise ValueError(
            f"`{role}` must take inputs of shape {shapes}, which follow from {arguments} and the generator's images. "
            f"Received: {role}={network.name!r}, which fails on them: {_first_line(error)}"
        ) from error


def check_networks_differ(networks: Mapping[str, keras.Model]) -> None:
    """Raises `ValueError` if two roles share one network, or Keras does not know the input of a network."""
    for role, network in networks.items():
        input_shape(role, network)
        first = next(other for other in networks if networks[other] is network)
        if first != role:
            raise ValueError(f"`{first}` and `{role}` must be two networks. Received: the same one twice")


def check_image_shape(image_shape: Sequence[int]) -> Shape:
    """Returns `image_shape` as three integers.

    Raises:
        ValueError: If it does not hold three numbers.
    """
    if len(image_shape) != 3:
        raise ValueError(f"`image_shape` must be (height, width, channels). Received: {image_shape}")
    return int(image_shape[0]), int(image_shape[1]), int(image_shape[2])


def translated_shape(role: str, network: keras.Model, image_shape: tuple[int, ...]) -> Shape:
    """Returns the shape of the image that a generator makes of an image.

    Args:
        role: Name of the generator in errors.
        network: The generator.
        image_shape: (height, width, channels) of its input.

    Raises:
        ValueError: If the generator does not take such an image, changes its height or width, or ends in a sigmoid.
    """
    multiple = size_multiple(network)
    if multiple and any(size % multiple for size in image_shape[:2]):
        raise ValueError(
            f"Height and width must be divisible by {multiple}, for {network.name!r}. "
            f"Received: {image_shape[0]} x {image_shape[1]}. Crop or resize the images."
        )
    shape = output_shape(role, network, image_shape)
    if len(shape) != 3 or shape[:2] != tuple(image_shape[:2]):
        raise ValueError(
            f"`{role}` must keep the size of images. Received: {role}={network.name!r}, which makes "
            f"{shape} of {tuple(image_shape)}"
        )
    if output_activation(network) == "sigmoid":
        raise ValueError(
            f"`{role}` must return images in [-1, 1], so end it in a tanh. "
            f"Received: {role}={network.name!r}, which ends in a sigmoid"
        )
    return shape


def cycle_shapes(generator_g: keras.Model, generator_f: keras.Model, image_shape: Sequence[int]) -> tuple[Shape, Shape]:
    """Returns the shapes of the images of X and of Y, for generators from X to Y and back.

    Args:
        generator_g: Generator from X to Y.
        generator_f: Generator from Y to X.
        image_shape: (height, width, channels) of the images of X.

    Raises:
        ValueError: If a generator does not take the images, or they do not come back in the shape of X.
    """
    x_shape = check_image_shape(image_shape)
    y_shape = translated_shape("generator_g", generator_g, x_shape)
    back = translated_shape("generator_f", generator_f, y_shape)
    if back != x_shape:
        raise ValueError(f"`generator_f` must return images of X, {x_shape}, for those of Y. Received: {back}")
    return x_shape, y_shape


def check_discriminator(role: str, network: keras.Model, *image_shapes: Shape) -> None:
    """Check that a discriminator takes images and returns logits.

    Args:
        role: Name of the discriminator in errors.
        network: The discriminator.
        *image_shapes: Shapes of the images that it takes, one for each input.

    Raises:
        ValueError: If it does not take them, or ends in a sigmoid.
    """
    output_shape(role, network, *image_shapes)
    if output_activation(network) == "sigmoid":
        raise ValueError(f"`{role}` must return logits. Received: {role}={network.name!r}, which ends in a sigmoid")


def warn_of_normalization(role: str, network: keras.Model, penalties: Sequence[Penalty]) -> None:
    """Warn about gradient penalties of a discriminator whose normalisation TensorFlow cannot differentiate twice.

    Args:
        role: Name of the discriminator in the warning.
        network: The discriminator.
        penalties: Penalties of the discriminator.
    """
    of_gradient = [type(penalty).__name__ for penalty in penalties if penalty.per_image]
    found = moment_normalizations(network)
    if of_gradient and found:
        batch = ". Each of its logits also depends on the whole batch" if "BatchNormalization" in found else ""
        warnings.warn(
            f"`{role}` is differentiated twice for {' and '.join(of_gradient)}, but TensorFlow's second derivative "
            f"of {' and '.join(found)} is wrong{batch}. Give it no normalisation, "
            "keras_gan.layers.SpectralNormalization or keras_gan.layers.InstanceNormalization. "
            f"Received: {role}={network.name!r}",
            KerasGANWarning,
            stacklevel=4,
        )


def output_shape(role: str, network: keras.Model, *image_shapes: tuple[int, ...]) -> tuple[int, ...]:
    """Returns the shape of a network's output for one image of each input, without the batch.

    Raises:
        ValueError: If the network does not take such images.
    """
    inputs = [keras.KerasTensor((2, *shape), "float32") for shape in image_shapes]
    expected = " and ".join(str(tuple(shape)) for shape in image_shapes)
    taken: Any = input_shape(role, network) if len(inputs) > 1 else [input_shape(role, network)]
    # Keras computes the shape of the output without a check of the channels.
    if [shape[-1] for shape in taken] != [shape[-1] for shape in image_shapes]:
        raise ValueError(
            f"`{role}` must take images of shape {expected}. "
            f"Received: {role}={network.name!r}, for images of {' and '.join(str(s[-1]) for s in taken)} channels"
        )
    try:
        output = network.compute_output_spec(inputs if len(inputs) > 1 else inputs[0]).shape
    except Exception as error:
        raise ValueError(
            f"`{role}` must take images of shape {expected}. "
            f"Received: {role}={network.name!r}, which fails on them: {_first_line(error)}"
        ) from error
    return tuple(output[1:])


def _first_line(error: Exception) -> str:
    return str(error).strip().splitlines()[0]
