"""Check that a generator makes the same images in use as in training, although batch normalisation differs."""

from __future__ import annotations

import warnings
from typing import Any, NamedTuple

import keras
import numpy as np
import tensorflow as tf

from keras_gan.errors import KerasGANWarning

# Mean difference of pixels above which the images look different, in units of the images' standard deviation.
LARGEST_GAP = 0.15
LEAST_UPDATES = 200  # before which the moving averages still hold their initial values
ADVICE = (
    "Train with batches of 16 images or more (--batch-size 16), or with a generator that has no batch normalisation, "
    "such as pix2pix's with normalization='instance' (--set generator.normalization=instance)"
)


class ModeGap(NamedTuple):
    """Difference between a generator's images in inference mode and in training mode.

    Args:
        gap: Mean absolute difference between images in inference mode and in training mode.
        chance: Mean absolute difference between images of two calls in training mode, which dropout causes.
        deviation: Standard deviation of the pixels in training mode.
    """

    gap: float
    chance: float
    deviation: float

    @property
    def is_large(self) -> bool:
        """`True` if batch normalisation changes the images visibly."""
        return self.gap - self.chance > LARGEST_GAP * self.deviation


def batch_normalizations(network: keras.Model) -> list[keras.layers.Layer]:
    """Returns the layers of a network, at any depth, that use the statistics of the batch in training."""
    return [layer for layer in network._flatten_layers() if isinstance(layer, keras.layers.BatchNormalization)]


def mode_gap(network: keras.Model, inputs: Any) -> ModeGap:
    """Compares the modes of a generator. Its variables are the same afterwards.

    Args:
        network: The generator.
        inputs: One batch of its inputs, of the size that is used in training.
    """
    kept = [(variable, variable.numpy()) for variable in network.variables if not variable.trainable]
    frozen = [layer for layer in [network, *network._flatten_layers()] if not layer.trainable]
    try:
        used = _images(network, inputs, training=False)
        network.trainable = True  # a frozen layer ignores the training mode
        first, second = (_images(network, inputs, training=True) for _ in range(2))
    finally:
        for layer in frozen:
            layer.trainable = False
        for variable, value in kept:
            variable.assign(value)
    return ModeGap(float(np.abs(used - first).mean()), float(np.abs(first - second).mean()), float(first.std()))


def warn_of_batch_statistics(role: str, network: keras.Model, inputs: Any, batch_size: int) -> None:
    """Warns if batch normalisation makes the images in use differ from those in training.

    Args:
        role: Name of the generator in the warning.
        network: The generator.
        inputs: One batch of its inputs.
        batch_size: Number of images in a batch of the training.
    """
    found = mode_gap(network, inputs)
    if found.is_large:
        warnings.warn(
            f"`{role}` makes other images in use, and in exported files, than in training. Their pixels differ by "
            f"{found.gap:.3f} on average, and the standard deviation of the pixels is {found.deviation:.3f}. The cause "
            "is batch normalisation: it uses the statistics of the batch in training, and moving averages in use. "
            f"{ADVICE}. Received: batches of {batch_size}",
            KerasGANWarning,
            stacklevel=4,
        )


def _images(network: keras.Model, inputs: Any, training: bool) -> np.ndarray:
    images: np.ndarray = tf.cast(network(inputs, training=training), tf.float32).numpy()
    return images
