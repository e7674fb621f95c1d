"""What a network normalises."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import keras
from keras import layers

from keras_gan.layers import ImageNormalization, SpectralNormalization


def check_normalization(normalization: str | None, valid: Sequence[str | None]) -> None:
    """Refuse what a network does not offer.

    Args:
        normalization: What the user asked for.
        valid: What there is.

    Raises:
        ValueError: If `normalization` is not one of `valid`.
    """
    if normalization not in valid:
        raise ValueError(f"`normalization` must be one of {list(valid)}. Received: normalization={normalization!r}")


def normalized(features: Any, normalization: str | None) -> Any:
    """Features after the layer that normalises them, if there is one.

    Args:
        features: (batch, height, width, channels).
        normalization: `"batch"`; `"layer"`, all of an image's features together, as WGAN-GP needs it; `"spectral"` or
            `None`, which leave them as they are.
    """
    if normalization == "batch":
        return batch_norm()(features)
    return ImageNormalization()(features) if normalization == "layer" else features


def weighted(layer: keras.layers.Layer, normalization: str | None) -> keras.layers.Layer:
    """A layer with weights, wrapped if it is the weights that are normalised.

    Args:
        layer: The layer.
        normalization: `"spectral"`, or another.
    """
    return SpectralNormalization(layer, name=layer.name) if normalization == "spectral" else layer


def batch_norm() -> layers.Layer:
    """Batch normalisation as DCGAN's official code has it."""
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02)
    )
