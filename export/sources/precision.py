"""Conversion of networks to float32."""

from __future__ import annotations

from typing import Any


def in_float32(model: Any) -> Any:
    """Converts a network to compute in float32 with the same weights.

    Half precision speeds up training on some hardware. The runtimes and TensorFlow Serving's REST API need float32.

    Args:
        model: Built Keras model.

    Returns:
        A copy, or `model` itself if it computes in float32.

    Raises:
        ValueError: If the model cannot be rebuilt from its config.
    """
    import keras

    if all(layer.compute_dtype == "float32" for layer in model._flatten_layers()):
        return model
    try:
        config = keras.saving.serialize_keras_object(model)
        rebuilt = keras.saving.deserialize_keras_object(_with_float32(config))
        if not rebuilt.built:
            rebuilt.build(model.input_shape)
        rebuilt.set_weights(model.get_weights())
    except Exception as error:
        raise ValueError(
            "A generator in mixed precision is rebuilt in float32 from its config, so each of its layers must be "
            f"registered and have `get_config()`. Received: generator={model.name!r}: {error}"
        ) from error
    return rebuilt


def _with_float32(config: Any) -> Any:
    if isinstance(config, dict):
        if config.get("class_name") == "DTypePolicy":
            return {**config, "config": {"name": "float32"}}
        return {key: "float32" if _is_dtype(key, value) else _with_float32(value) for key, value in config.items()}
    return [_with_float32(value) for value in config] if isinstance(config, list | tuple) else config


def _is_dtype(key: str, value: Any) -> bool:
    return (
        key == "dtype" and isinstance(value, str) and value.removeprefix("mixed_") in ("float16", "bfloat16", "float64")
    )
