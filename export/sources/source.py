"""Models to export, as functions that formats trace."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from keras_gan.artifacts.artifact_entry import Dtype
from keras_gan.artifacts.manifest import Kind
from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.latent import Directions

# Name scopes of the operations that sample z and that round images. Quantisation does not change them.
SAMPLING_Z = "sample_z"
TO_UINT8 = "to_uint8"


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to call the model.

    Args:
        signature: Name: "serving_default", "uint8", "generate" or "png".
        dtype: Type of the images: "float32", "uint8", or "string" for PNG files.
        inputs: Input tensors. None in a shape is any size.
        outputs: Output tensors.
        graph: Function that formats trace, from tensors in the order of `inputs` to tensors by name.
        fixed: Inputs of each signature, by its name, for formats of fixed sizes.
        resizable: Signatures of any size that such a format adds if it can. Defaults to {}.
    """

    signature: str
    dtype: Dtype
    inputs: Specs
    outputs: Specs
    graph: Callable[..., dict[str, Any]]
    fixed: dict[str, Specs]
    resizable: dict[str, Specs] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Source(abc.ABC):
    """Base class of models to export.

    Args:
        model: Built Keras model that computes in float32.
        image_range: Least and greatest pixel value of its images.
        batch_sizes: Batch sizes to compare at.
        image_sizes: Tuple of the (height, width) of input images that each format must support.
            Defaults to (), no input images.
        opset: ONNX operator set. Defaults to 17.
    """

    kind: ClassVar[Kind]

    model: Any
    image_range: tuple[float, float]
    batch_sizes: tuple[int, ...]
    image_sizes: tuple[tuple[int, int], ...] = ()
    opset: int = 17

    @property
    @abc.abstractmethod
    def variants(self) -> tuple[Variant, ...]:
        """The ways to call the model, in float32 first."""

    @abc.abstractmethod
    def comparison_inputs(self) -> list[tuple[dict[str, np.ndarray], tuple[int, ...]]]:
        """Returns inputs to compare on, in float32, each with the batch sizes to run them at.

        The longest inputs begin with the first ones. The first batch size is the smallest.
        """

    @abc.abstractmethod
    def image_shape_for(self, inputs: dict[str, np.ndarray]) -> tuple[int, ...]:
        """Returns the expected shape of each image for `inputs`."""

    @abc.abstractmethod
    def manifest_facts(self) -> dict[str, Any]:
        """Returns the fields of `Manifest` for this kind of model."""

    @property
    def has_pictures(self) -> bool:
        """True if the outputs are images that PNG files can hold, not vectors or sequences."""
        return True

    @property
    @abc.abstractmethod
    def uint8_variants(self) -> tuple[Variant, ...]:
        """The ways to call the model with uint8 images, for files that compute in integers."""

    @abc.abstractmethod
    def representative_inputs(self) -> Iterator[dict[str, np.ndarray]]:
        """Yields inputs, one image at a time, that a quantiser measures ranges on. None of them is compared."""

    @abc.abstractmethod
    def quality_inputs(self) -> dict[str, np.ndarray]:
        """Returns inputs whose images are measured as a set."""

    def directions(self) -> dict[str, Directions]:
        """Returns directions of the latent space by method; empty for a model without one."""
        return {}

    @property
    def z_from_seeds(self) -> Variant | None:
        """The variant that only samples z from seeds; None for a model without z."""
        return None

    def variants_in(self, signatures: tuple[str, ...]) -> tuple[Variant, ...]:
        """Returns the variants with one of `signatures`."""
        return tuple(variant for variant in self.variants if variant.signature in signatures)

    @property
    def inputs(self) -> Specs:
        """The inputs of the variant in float32."""
        return self.variants[0].inputs

    @property
    def outputs(self) -> Specs:
        """The outputs of the variant in float32."""
        return self.variants[0].outputs

    def graph(self, *tensors: Any) -> dict[str, Any]:
        """Returns the images of input tensors, for formats to trace."""
        import tensorflow as tf

        with _nested_functions_inlined():
            images = self.model(_pack(tensors), training=False)
        return {"image": tf.cast(images, tf.float32)}

    def to_uint8(self, image: Any) -> Any:
        """Converts images of `graph()` as `keras_gan.images.to_uint8` does, for formats to trace."""
        import tensorflow as tf

        low, high = self.image_range
        with tf.name_scope(TO_UINT8):
            rounded = tf.round((image - low) * (255.0 / (high - low)))
            return tf.cast(tf.clip_by_value(rounded, 0.0, 255.0), tf.uint8)

    def generate(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """Returns the images of the Keras model, which every artifact is compared with."""
        import keras

        images = self.model(_pack([keras.ops.convert_to_tensor(inputs[s.name]) for s in self.inputs]), training=False)
        return np.asarray(keras.ops.convert_to_numpy(images), np.float32)


def tensor_specs(specs: Specs) -> list[Any]:
    """Converts specs to those of TensorFlow."""
    import tensorflow as tf

    return [tf.TensorSpec(spec.shape, spec.dtype, spec.name) for spec in specs]


def with_batch(specs: Specs, batch: int) -> Specs:
    """Returns the specs with a fixed batch size."""
    return tuple(spec.model_copy(update={"shape": (batch, *spec.shape[1:])}) for spec in specs)


def _pack(tensors: Any) -> Any:
    return list(tensors) if len(tensors) > 1 else tensors[0]


@contextlib.contextmanager
def _nested_functions_inlined() -> Iterator[None]:
    """Traces through inner `tf.function`s. That of Keras for grouped convolutions would require XLA at run time."""
    import tensorflow as tf

    eagerly = tf.config.functions_run_eagerly()
    tf.config.run_functions_eagerly(True)
    try:
        yield
    finally:
        tf.config.run_functions_eagerly(eagerly)
