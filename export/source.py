"""The generator as each format sees it: named float32 tensors in, named float32 images out."""

from __future__ import annotations

import contextlib
import dataclasses
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np

from keras_gan.serving.engines.specs import TensorSpec

# Tracing and converting change settings of the whole process: one thread at a time.
CONVERSION = threading.RLock()


@dataclasses.dataclass(frozen=True)
class Source:
    """What is exported.

    Args:
        model: The generator, a built Keras model that computes in float32.
        latent_dim: The length of z.
        num_classes: How many classes it draws by label; `None` for no labels.
        image_shape: (height, width, channels).
        image_range: The least and the greatest pixel value.
        batch_sizes: The batches that formats without a dynamic one are written for.
        opset: The ONNX operator set.
    """

    model: Any
    latent_dim: int
    num_classes: int | None
    image_shape: tuple[int, int, int]
    image_range: tuple[float, float]
    batch_sizes: tuple[int, ...] = (1, 8)
    opset: int = 17

    @classmethod
    def of(cls, gan: Any, batch_sizes: tuple[int, ...], opset: int) -> Source:
        """The source that a GAN's generator makes.

        Args:
            gan: A `keras_gan.GAN`, or any object with its `generator`, `latent_dim`, `num_classes`, `image_shape` and
                `image_range`.
            batch_sizes: As in `Source`.
            opset: As in `Source`.

        Returns:
            The `Source`, its model rebuilt if it computed in another precision.
        """
        (height, width, channels), (low, high) = gan.image_shape, gan.image_range
        return cls(
            model=in_float32(generator_of(gan)),
            latent_dim=int(gan.latent_dim),
            num_classes=None if gan.num_classes is None else int(gan.num_classes),
            image_shape=(int(height), int(width), int(channels)),
            image_range=(float(low), float(high)),
            batch_sizes=batch_sizes,
            opset=opset,
        )

    @property
    def inputs(self) -> tuple[TensorSpec, ...]:
        """z, and labels if there are classes."""
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        labels = TensorSpec(name="labels", dtype="int32", shape=(None,))
        return (z,) if self.num_classes is None else (z, labels)

    @property
    def outputs(self) -> tuple[TensorSpec, ...]:
        """The images."""
        return (TensorSpec(name="image", dtype="float32", shape=(None, *self.image_shape)),)

    def tensor_specs(self, batch: int | None) -> list[Any]:
        """The inputs as TensorFlow's specs, for batches of one size or, if `None`, of any."""
        import tensorflow as tf

        return [tf.TensorSpec((batch, *spec.shape[1:]), spec.dtype, spec.name) for spec in self.inputs]

    def graph(self, *tensors: Any) -> dict[str, Any]:
        """The function that formats trace."""
        import tensorflow as tf

        with _nested_functions_inlined():
            images = self.model(_pack(tensors), training=False)
        return {"image": tf.cast(images, tf.float32)}

    def draw(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """The images that Keras itself draws, which every artifact is held against."""
        import keras

        images = self.model(_pack([keras.ops.convert_to_tensor(inputs[s.name]) for s in self.inputs]), training=False)
        return np.asarray(keras.ops.convert_to_numpy(images), np.float32)


def generator_of(gan: Any) -> Any:
    """The network of `gan` whose images people are meant to see."""
    return gan.generator


def in_float32(model: Any) -> Any:
    """The same network with the same weights, computing in float32.

    Half precision is for training on hardware that is fast at it; the runtimes that serve it, and TensorFlow Serving's
    REST API, want float32.

    Args:
        model: A built Keras model.

    Returns:
        `model` itself if it computes in float32, else a copy.

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
            "A generator in mixed precision is rebuilt in float32 from its config: each of its layers must be "
            f"registered and have `get_config`. Received: generator={model.name!r}, which says: {error}"
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


def _pack(tensors: Any) -> Any:
    return list(tensors) if len(tensors) > 1 else tensors[0]


@contextlib.contextmanager
def _nested_functions_inlined() -> Iterator[None]:
    """Trace through inner `tf.function`s: Keras has one for grouped convolutions, which demands XLA of runtimes."""
    import tensorflow as tf

    eagerly = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(eagerly)
