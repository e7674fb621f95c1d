"""Generators of images from z, and from labels for a conditional one."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.artifact_entry import Dtype
from keras_gan.artifacts.tensor_spec import SEEDS, Specs, TensorSpec
from keras_gan.export.sources.directions import directions_of
from keras_gan.export.sources.inference import for_inference
from keras_gan.export.sources.source import SAMPLING_Z, Source, Variant, with_batch
from keras_gan.latent import Directions
from keras_gan.typing import Shape

# Numbers of images. LiteRT's guide asks for about 100 representative ones.
_COMPARED = 64
_REPRESENTATIVE = 128
_QUALITY = 256
# Representative images come from this seed, images for the quality from the next. Compared ones have smaller seeds.
_OTHER_SEED = 1_000_000
PNG_CHANNELS = 4


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneratorSource(Source):
    """A generator to export.

    Args:
        latent_dim: Length of z.
        num_classes: Number of classes; None without classes.
        image_shape: (height, width, channels) of the images, (length, channels) of sequences, (n,) of vectors.
        class_names: Name of each class. Defaults to (), not stated.
        num_attributes: Length of the vectors of attributes that are the labels. Defaults to None, no attributes.
        attribute_names: Name of each attribute. Defaults to (), not stated.
        codes: Codes at the start of z. Defaults to None, none.
        **others: Arguments of `Source`. Formats of fixed sizes are written for `batch_sizes`.
    """

    kind = "generator"

    latent_dim: int
    num_classes: int | None
    image_shape: Shape
    class_names: tuple[str, ...] = ()
    num_attributes: int | None = None
    attribute_names: tuple[str, ...] = ()
    codes: latent.Codes | None = None

    @classmethod
    def of(cls, gan: Any, batch_sizes: tuple[int, ...], opset: int = 17) -> GeneratorSource:
        """Returns the generator of a GAN as a source.

        Args:
            gan: A `keras_gan.GAN`, or any object with its `generator`, `latent_dim`, `num_classes`, `image_shape` and
                `image_range`.
            batch_sizes: Batch sizes to compare at.
            opset: ONNX operator set. Defaults to 17.

        Returns:
            The source. A generator of another precision is rebuilt in float32.
        """
        low, high = gan.image_range
        return cls(
            model=for_inference(generator_of(gan)),
            latent_dim=int(gan.latent_dim),
            num_classes=None if gan.num_classes is None else int(gan.num_classes),
            image_shape=tuple(map(int, gan.image_shape)),
            class_names=tuple(getattr(gan, "class_names", None) or ()),
            num_attributes=getattr(gan, "num_attributes", None),
            attribute_names=tuple(getattr(gan, "attribute_names", None) or ()),
            codes=getattr(gan, "codes", None),
            image_range=(float(low), float(high)),
            batch_sizes=batch_sizes,
            opset=opset,
        )

    @property
    def has_pictures(self) -> bool:
        """True if the outputs are images that PNG files can hold, not vectors or sequences."""
        return len(self.image_shape) == 3 and self.image_shape[-1] <= PNG_CHANNELS

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Images from z, images from seeds, and PNG files from seeds. Only images have PNG files."""
        if not self.has_pictures:
            return self._image_variants("float32")
        # TensorFlow Serving's REST API encodes outputs in base64 if their name ends in _bytes.
        png = TensorSpec(name="image_bytes", dtype="string", shape=(None,))
        return (*self._image_variants("float32"), self._variant("png", self._seeds, "string", png, self.graph_of_png))

    @property
    def uint8_variants(self) -> tuple[Variant, ...]:
        """uint8 images from z and from seeds."""
        return self._image_variants("uint8")

    def _image_variants(self, dtype: Dtype) -> tuple[Variant, ...]:
        image = TensorSpec(name="image", dtype=dtype, shape=(None, *self.image_shape))
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        from_z, from_seeds = self.graph, self.graph_of_seeds
        if dtype == "uint8":
            from_z, from_seeds = self._rounded(from_z), self._rounded(from_seeds)
        return (
            self._variant("serving_default", (z, *self._labels), dtype, image, from_z),
            self._variant("generate", self._seeds, dtype, image, from_seeds),
        )

    @property
    def z_from_seeds(self) -> Variant:
        """The variant from seeds to z; see `Source.z_from_seeds`."""
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        return self._variant("sample_z", SEEDS, "float32", z, self._graph_of_z)

    @property
    def _labels(self) -> Specs:
        if self.num_attributes is not None:
            return (TensorSpec(name="labels", dtype="float32", shape=(None, self.num_attributes)),)
        return () if self.num_classes is None else (TensorSpec(name="labels", dtype="int32", shape=(None,)),)

    @property
    def _seeds(self) -> Specs:
        return (*SEEDS, *self._labels)

    def _variant(
        self, signature: str, inputs: Specs, dtype: Dtype, output: TensorSpec, graph: Callable[..., dict[str, Any]]
    ) -> Variant:
        fixed = {f"{signature}_b{batch}": with_batch(inputs, batch) for batch in self.batch_sizes}
        return Variant(signature, dtype, inputs, (output,), graph, fixed)

    def graph_of_seeds(self, seed: Any, index: Any, truncation: Any, *labels: Any) -> dict[str, Any]:
        """Returns image `index[i]` of `seed[i]` as row i, for formats to trace."""
        return self.graph(self._graph_of_z(seed, index, truncation)["z"], *labels)

    def _graph_of_z(self, seed: Any, index: Any, truncation: Any) -> dict[str, Any]:
        import keras
        import tensorflow as tf

        with tf.name_scope(SAMPLING_Z):
            return {"z": latent.normal(seed, index, self.latent_dim, keras.ops) * truncation[:, None]}

    def _rounded(self, graph: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def rounded(*tensors: Any) -> dict[str, Any]:
            return {"image": self.to_uint8(graph(*tensors)["image"])}

        return rounded

    def graph_of_png(self, *seeds: Any) -> dict[str, Any]:
        """Returns PNG files, for formats to trace."""
        import tensorflow as tf

        images = self.to_uint8(self.graph_of_seeds(*seeds)["image"])
        return {"image_bytes": tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)}

    def comparison_inputs(self) -> list[tuple[dict[str, np.ndarray], tuple[int, ...]]]:
        """Returns inputs of at least 64 images: two for each seed, every fourth one truncated."""
        row = np.arange(max(_COMPARED, *self.batch_sizes))
        seed, index = (row // 2).astype(np.int32), (row % 2).astype(np.int32)
        return [(self._inputs(seed, index, np.where(row % 4 == 3, 0.5, 1.0)), self.batch_sizes)]

    def representative_inputs(self) -> Iterator[dict[str, np.ndarray]]:
        """Yields inputs of a seed that is not compared, each class in turn."""
        for i in range(_REPRESENTATIVE):
            yield self._inputs(np.array([_OTHER_SEED], np.int32), np.array([i], np.int32), np.ones(1))

    def quality_inputs(self) -> dict[str, np.ndarray]:
        """Returns inputs of a third seed."""
        index = np.arange(_QUALITY, dtype=np.int32)
        return self._inputs(np.full_like(index, _OTHER_SEED + 1), index, np.ones(_QUALITY))

    def _inputs(self, seed: np.ndarray, index: np.ndarray, truncation: np.ndarray) -> dict[str, np.ndarray]:
        """Returns the inputs of all signatures for images of seeds."""
        truncation = truncation.astype(np.float32)
        z = latent.normal(seed, index, self.latent_dim) * truncation[:, None]
        inputs = {"z": z, "seed": seed, "index": index, "truncation": truncation}
        if self.num_classes is not None:
            # The two images of a seed, next to each other, have different classes.
            inputs["labels"] = ((2 * seed + index) % self.num_classes).astype(np.int32)
        elif self.num_attributes is not None:
            inputs["labels"] = latent.normal(index, seed, self.num_attributes)
        return inputs

    def image_shape_for(self, inputs: dict[str, np.ndarray]) -> Shape:
        """Returns the image shape, which is the same for all inputs."""
        return self.image_shape

    def directions(self) -> dict[str, Directions]:
        """Returns the directions of SeFa and PCA; see `directions_of`."""
        return {} if self.num_attributes else directions_of(self.model, self.latent_dim, self.num_classes)

    def manifest_facts(self) -> dict[str, Any]:
        """Returns the manifest's fields about a generator."""
        classes = self.num_classes
        facts = {"latent_dim": self.latent_dim, "num_classes": classes, "image_shape": self.image_shape}
        return facts | {
            "class_names": self.class_names,
            "num_attributes": self.num_attributes,
            "attribute_names": self.attribute_names,
            "codes": None if self.codes is None else dataclasses.asdict(self.codes),
            "label_range": None if classes is None else (0, classes - 1),
        }


def generator_of(gan: Any) -> Any:
    """Returns the averaged generator of a GAN, or the generator if the GAN keeps no average."""
    averaged = getattr(gan, "ema_generator", None)
    return gan.generator if averaged is None else averaged
