"""The model as each format sees it: named tensors in, named images out."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any, ClassVar

import numpy as np

from keras_gan.artifacts.manifest import Dtype, Kind
from keras_gan.artifacts.tensor_spec import Specs
from keras_gan.latent import Directions

# The names of the operations that draw z, and of those that make levels of floats, begin so: what quantises a file
# leaves them as they are.
DRAWING_Z = "draw_z"
LEVELS = "levels"


@dataclasses.dataclass(frozen=True)
class Variant:
    """One way to call the model.

    Args:
        signature: Its name: "serving_default", "uint8", "generate" or "png".
        dtype: Of the images: "float32", "uint8" for cameras and files, or "string" for the bytes of PNG files.
        inputs: What goes in; `None` in a shape is any size.
        outputs: What comes out.
        graph: The function that formats trace, from tensors in the order of `inputs` to tensors by name.
        fixed: For formats that want fixed sizes: the inputs of each signature, by its name.
        resizable: Signatures of any size that such a format should add if it can.
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
    """What is exported.

    Args:
        model: The network, a built Keras model that computes in float32.
        image_range: The least and the greatest pixel value of its images.
        batch_sizes: The batches to compare.
        image_sizes: The (height, width) of what goes in that every format must take; none if no images go in.
        opset: The ONNX operator set.
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
        """The ways to call it, in float32 first."""

    @abc.abstractmethod
    def samples(self) -> list[tuple[dict[str, np.ndarray], tuple[int, ...]]]:
        """Inputs to compare on, in float32, each with the batches to draw them in.

        Of the first and of the longest inputs, one begins with the other, and the first batch is the smallest.
        """

    @abc.abstractmethod
    def image_shape_for(self, inputs: dict[str, np.ndarray]) -> tuple[int, int, int]:
        """The shape that each image made of `inputs` should have."""

    @abc.abstractmethod
    def facts(self) -> dict[str, Any]:
        """What the manifest tells of this kind of model."""

    @property
    @abc.abstractmethod
    def level_variants(self) -> tuple[Variant, ...]:
        """The ways to call it whose images are uint8, for files that compute in integers."""

    @abc.abstractmethod
    def representative(self) -> Iterator[dict[str, np.ndarray]]:
        """Inputs as users give them, for a quantiser to learn ranges from: one image at a time, none compared on."""

    @abc.abstractmethod
    def judged(self) -> dict[str, np.ndarray]:
        """Inputs whose images are judged as a set."""

    def directions(self) -> dict[str, Directions]:
        """Directions in its latent space by the method that found them; none where there is no such space."""
        return {}

    @property
    def drawing_z(self) -> Variant | None:
        """What draws z of seeds and does nothing else; none where no z goes in."""
        return None

    def variants_in(self, signatures: tuple[str, ...]) -> tuple[Variant, ...]:
        """Those that a format can have."""
        return tuple(variant for variant in self.variants if variant.signature in signatures)

    @property
    def inputs(self) -> Specs:
        """What goes in, in float32."""
        return self.variants[0].inputs

    @property
    def outputs(self) -> Specs:
        """What comes out, in float32."""
        return self.variants[0].outputs

    def graph(self, *tensors: Any) -> dict[str, Any]:
        """The function that formats trace."""
        import tensorflow as tf

        with _nested_functions_inlined():
            images = self.model(_pack(tensors), training=False)
        return {"image": tf.cast(images, tf.float32)}

    def levels(self, image: Any) -> Any:
        """`keras_gan.images.to_uint8` of what `graph` gives, for formats to trace."""
        import tensorflow as tf

        low, high = self.image_range
        with tf.name_scope(LEVELS):
            rounded = tf.round((image - low) * (255.0 / (high - low)))
            return tf.cast(tf.clip_by_value(rounded, 0.0, 255.0), tf.uint8)

    def draw(self, inputs: dict[str, np.ndarray]) -> np.ndarray:
        """The images that Keras itself draws, which every artifact is held against."""
        import keras

        images = self.model(_pack([keras.ops.convert_to_tensor(inputs[s.name]) for s in self.inputs]), training=False)
        return np.asarray(keras.ops.convert_to_numpy(images), np.float32)


def tensor_specs(specs: Specs) -> list[Any]:
    """Our specs as TensorFlow's."""
    import tensorflow as tf

    return [tf.TensorSpec(spec.shape, spec.dtype, spec.name) for spec in specs]


def with_batch(specs: Specs, batch: int) -> Specs:
    """The same specs for batches of one size."""
    return tuple(spec.model_copy(update={"shape": (batch, *spec.shape[1:])}) for spec in specs)


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
