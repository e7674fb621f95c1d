"""Networks in the form in which they are served."""

from __future__ import annotations

from typing import Any

from keras_gan.export.sources.precision import in_float32


def for_inference(model: Any) -> Any:
    """Converts a network to float32, with spectral normalisation folded into the kernels.

    Args:
        model: Built Keras model.

    Returns:
        A copy with the same images, or `model` itself if nothing has to change.

    Raises:
        ValueError: If the model cannot be rebuilt from its config.
    """
    from keras_gan.layers import SpectralNormalization, fold_spectral_normalization

    if any(isinstance(layer, SpectralNormalization) for layer in model._flatten_layers()):
        model = fold_spectral_normalization(model)
    return in_float32(model)
