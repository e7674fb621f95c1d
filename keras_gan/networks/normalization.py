"""Normalisation of features and of weights."""

from __future__ import annotations

import keras
from keras import layers

from keras_gan.layers import ImageNormalization, SpectralNormalization
from keras_gan.typing import Tensor


def normalized(features: Tensor, normalization: str | None) -> Tensor:
    """Returns features after the normalisation layer, if there is one.

    Args:
        features: Tensor (batch, height, width, channels).
        normalization: `"batch"`, or `"layer"` for all features of an image together, as in WGAN-GP. `"spectral"` and
            `None` add no layer.
    """
    if normalization == "batch":
        return batch_norm()(features)
    return ImageNormalization()(features) if normalization == "layer" else features


def weighted(layer: keras.layers.Layer, normalization: str | None) -> keras.layers.Layer:
    """Returns a layer, wrapped in spectral normalisation if `normalization` is `"spectral"`.

    Args:
        layer: Layer with weights.
        normalization: Name of a normalisation, or `None`.
    """
    return SpectralNormalization(layer, name=layer.name) if normalization == "spectral" else layer


def batch_norm() -> layers.Layer:
    """Returns batch normalisation with the settings of DCGAN's official code."""
    return layers.BatchNormalization(
        momentum=0.9, epsilon=1e-5, gamma_initializer=keras.initializers.RandomNormal(1.0, 0.02)
    )
