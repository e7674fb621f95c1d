"""The number that must divide the height and width of the images of a fully convolutional network."""

from __future__ import annotations

import weakref
from collections.abc import MutableMapping

import keras
import tensorflow as tf

CANDIDATES = sorted({2**power for power in range(10)} | {3, 5, 6, 9, 12})

_KNOWN: MutableMapping[keras.Model, int] = weakref.WeakKeyDictionary()


def size_multiple(network: keras.Model) -> int:
    """Returns the number that must divide an image's height and width; 0 for a network of one fixed size."""
    if network not in _KNOWN:
        _KNOWN[network] = _find_multiple(network)
    return _KNOWN[network]


def _find_multiple(network: keras.Model) -> int:
    _, height, width, channels = input_shape("generator", network)
    if height is not None or width is not None:
        return 0
    for multiple in CANDIDATES:
        size = (3 * multiple, 5 * multiple)
        spec = tf.TensorSpec((1, *size, channels), tf.float32)
        try:
            # Keras computes shapes quickly, but without a check that skip connections fit. So only a size that it
            # accepts is traced.
            if tuple(network.compute_output_spec(keras.KerasTensor(spec.shape)).shape[1:3]) != size:
                continue
            traced = tf.function(lambda image: network(image, training=False), autograph=False)
            shape = traced.get_concrete_function(spec).structured_outputs.shape
        except (ValueError, TypeError, tf.errors.InvalidArgumentError):
            continue  # too small, or skip connections that do not fit
        if tuple(shape[1:3]) == size:
            return multiple
    return 0


def input_shape(role: str, network: keras.Model) -> tuple[int | None, ...]:
    """Returns the shape of a network's input, or a list of the shapes of several inputs.

    Args:
        role: Name of the network in errors.
        network: A built network.

    Raises:
        ValueError: If Keras does not know the shape.
    """
    try:
        return network.input_shape
    except AttributeError:
        raise ValueError(
            f"`{role}` must be a functional model, or a Sequential that begins with a keras.Input, such as "
            f"keras.Input((None, None, 3)). Received: {role} of class {type(network).__name__}"
        ) from None
