"""A GAN's generator as a source: z, and labels if there are classes, to images."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.manifest import Dtype
from keras_gan.artifacts.tensor_spec import SEEDS, Specs, TensorSpec
from keras_gan.export.sources.directions import directions_of
from keras_gan.export.sources.inference import for_inference
from keras_gan.export.sources.source import DRAWING_Z, Source, Variant, with_batch
from keras_gan.latent import Directions

# Images to compare on, and others to quantise by: 100 or so are what LiteRT's guide asks for.
_COMPARED = 64
_REPRESENTATIVE = 128
_JUDGED = 256
_OTHER_SEEDS = 1_000_000


@dataclasses.dataclass(frozen=True, kw_only=True)
class GeneratorSource(Source):
    """A generator to export.

    Args:
        latent_dim: The length of z.
        num_classes: How many classes it draws by label; `None` for no labels.
        image_shape: (height, width, channels).
        **others: As in `Source`. Formats without a dynamic batch are written for `batch_sizes`.
    """

    kind = "generator"

    latent_dim: int
    num_classes: int | None
    image_shape: tuple[int, int, int]

    @classmethod
    def of(cls, gan: Any, batch_sizes: tuple[int, ...], opset: int = 17) -> GeneratorSource:
        """The source that a GAN's generator makes.

        Args:
            gan: A `keras_gan.GAN`, or any object with its `generator`, `latent_dim`, `num_classes`, `image_shape` and
                `image_range`.
            batch_sizes: As in `Source`.
            opset: As in `Source`.

        Returns:
            The source, its model rebuilt if it computed in another precision.
        """
        (height, width, channels), (low, high) = gan.image_shape, gan.image_range
        return cls(
            model=for_inference(generator_of(gan)),
            latent_dim=int(gan.latent_dim),
            num_classes=None if gan.num_classes is None else int(gan.num_classes),
            image_shape=(int(height), int(width), int(channels)),
            image_range=(float(low), float(high)),
            batch_sizes=batch_sizes,
            opset=opset,
        )

    @property
    def variants(self) -> tuple[Variant, ...]:
        """Images from z; images from seeds, z being drawn inside; and PNG files from seeds."""
        # Of a name that ends in _bytes TensorFlow Serving's REST API makes base64.
        png = TensorSpec(name="image_bytes", dtype="string", shape=(None,))
        return (*self._drawing("float32"), self._variant("png", self._seeds, "string", png, self.graph_of_png))

    @property
    def level_variants(self) -> tuple[Variant, ...]:
        """Images from z, and from seeds, in levels."""
        return self._drawing("uint8")

    def _drawing(self, dtype: Dtype) -> tuple[Variant, ...]:
        image = TensorSpec(name="image", dtype=dtype, shape=(None, *self.image_shape))
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        in_levels = dtype == "uint8"
        from_z = self._in_levels(self.graph) if in_levels else self.graph
        from_seeds = self._in_levels(self.graph_of_seeds) if in_levels else self.graph_of_seeds
        return (
            self._variant("serving_default", (z, *self._labels), dtype, image, from_z),
            self._variant("generate", self._seeds, dtype, image, from_seeds),
        )

    @property
    def drawing_z(self) -> Variant:
        """From seeds to z."""
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        return self._variant("draw_z", SEEDS, "float32", z, self._graph_of_z)

    @property
    def _labels(self) -> Specs:
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
        """The function that formats trace for `generate`: row i is image `index[i]` of `seed[i]`."""
        return self.graph(self._graph_of_z(seed, index, truncation)["z"], *labels)

    def _graph_of_z(self, seed: Any, index: Any, truncation: Any) -> dict[str, Any]:
        import keras
        import tensorflow as tf

        with tf.name_scope(DRAWING_Z):
            return {"z": latent.normal(seed, index, self.latent_dim, keras.ops) * truncation[:, None]}

    def _in_levels(self, graph: Callable[..., dict[str, Any]]) -> Callable[..., dict[str, Any]]:
        def in_levels(*tensors: Any) -> dict[str, Any]:
            return {"image": self.levels(graph(*tensors)["image"])}

        return in_levels

    def graph_of_png(self, *seeds: Any) -> dict[str, Any]:
        """The function that formats trace for `png`."""
        import tensorflow as tf

        images = self.levels(self.graph_of_seeds(*seeds)["image"])
        return {"image_bytes": tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)}

    def samples(self) -> list[tuple[dict[str, np.ndarray], tuple[int, ...]]]:
        """64 images or more in each batch size: two images of each seed, each fourth truncated."""
        row = np.arange(max(_COMPARED, *self.batch_sizes))
        seed, index = (row // 2).astype(np.int32), (row % 2).astype(np.int32)
        return [(self._inputs(seed, index, np.where(row % 4 == 3, 0.5, 1.0)), self.batch_sizes)]

    def representative(self) -> Iterator[dict[str, np.ndarray]]:
        """Images of seeds that are not compared, each class in turn."""
        for i in range(_REPRESENTATIVE):
            yield self._inputs(np.array([_OTHER_SEEDS], np.int32), np.array([i], np.int32), np.ones(1))

    def judged(self) -> dict[str, np.ndarray]:
        """Images of yet other seeds."""
        index = np.arange(_JUDGED, dtype=np.int32)
        return self._inputs(np.full_like(index, _OTHER_SEEDS + 1), index, np.ones(_JUDGED))

    def _inputs(self, seed: np.ndarray, index: np.ndarray, truncation: np.ndarray) -> dict[str, np.ndarray]:
        """What any signature takes, for these images of these seeds."""
        truncation = truncation.astype(np.float32)
        z = latent.normal(seed, index, self.latent_dim) * truncation[:, None]
        inputs = {"z": z, "seed": seed, "index": index, "truncation": truncation}
        if self.num_classes is not None:
            # Two images of a seed follow each other: of different classes.
            inputs["labels"] = ((2 * seed + index) % self.num_classes).astype(np.int32)
        return inputs

    def image_shape_for(self, inputs: dict[str, np.ndarray]) -> tuple[int, int, int]:
        """Always the same."""
        return self.image_shape

    def directions(self) -> dict[str, Directions]:
        """Those of SeFa and PCA, where the graph shows the layer that takes z."""
        return directions_of(self.model, self.latent_dim, self.num_classes)

    def facts(self) -> dict[str, Any]:
        """What the manifest tells of a generator."""
        return {"latent_dim": self.latent_dim, "num_classes": self.num_classes, "image_shape": self.image_shape}


def generator_of(gan: Any) -> Any:
    """The network of `gan` whose images people are meant to see: the average, if one is kept."""
    average = getattr(gan, "ema_generator", None)
    return gan.generator if average is None else average
