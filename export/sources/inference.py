"""A network as it is served."""

from __future__ import annotations

from typing import Any

from keras_gan.export.sources.precision import in_float32


def for_inference(model: Any) -> Any:
    """The same network in float32, and with plain kernels where it normalises them spectrally.

    Args:
        model: A built Keras model.

    Returns:
        `model` itself if it is so already, else a copy.

    Raises:
        ValueError: If the model cannot be rebuilt from its config.
    """
    from keras_gan.layers import SpectralNormalization, fold_spectral_normalization

    if any(isinstance(layer, SpectralNormalization) for layer in model._flatten_layers()):
        model = fold_spectral_normalization(model)
    return in_float32(model)
