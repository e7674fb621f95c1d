"""A GAN's generator as a source: z, and labels if there are classes, to images."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

import numpy as np

from keras_gan import latent
from keras_gan.export.directions import directions_of
from keras_gan.export.inference import for_inference
from keras_gan.export.manifest import Dtype
from keras_gan.export.source import Source, Specs, Variant, with_batch
from keras_gan.latent import Directions
from keras_gan.serving.engines.specs import TensorSpec

# The signatures that draw z themselves take one of each for an image.
_DRAWN_FROM = (("seed", "int32"), ("index", "int32"), ("truncation", "float32"))


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
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        seeds = tuple(TensorSpec(name=name, dtype=dtype, shape=(None,)) for name, dtype in _DRAWN_FROM)
        labels = () if self.num_classes is None else (TensorSpec(name="labels", dtype="int32", shape=(None,)),)
        image = TensorSpec(name="image", dtype="float32", shape=(None, *self.image_shape))
        # Of a name that ends in _bytes TensorFlow Serving's REST API makes base64.
        png = TensorSpec(name="image_bytes", dtype="string", shape=(None,))
        from_z = self._variant("serving_default", (z, *labels), image, self.graph)
        from_seeds = self._variant("generate", (*seeds, *labels), image, self.graph_of_seeds)
        return from_z, from_seeds, self._variant("png", (*seeds, *labels), png, self.graph_of_png)

    def _variant(
        self, signature: str, inputs: Specs, output: TensorSpec, graph: Callable[..., dict[str, Any]]
    ) -> Variant:
        dtype: Dtype = "string" if output.dtype == "string" else "float32"
        fixed = {f"{signature}_b{batch}": with_batch(inputs, batch) for batch in self.batch_sizes}
        return Variant(signature, dtype, inputs, (output,), graph, fixed)

    def graph_of_seeds(self, seed: Any, index: Any, truncation: Any, *labels: Any) -> dict[str, Any]:
        """The function that formats trace for `generate`: row i is image `index[i]` of `seed[i]`."""
        import keras

        z = latent.normal(seed, index, self.latent_dim, keras.ops)
        return self.graph(z * truncation[:, None], *labels)

    def graph_of_png(self, *seeds: Any) -> dict[str, Any]:
        """The function that formats trace for `png`."""
        import tensorflow as tf

        images = self.levels(self.graph_of_seeds(*seeds)["image"])
        return {"image_bytes": tf.map_fn(tf.io.encode_png, images, fn_output_signature=tf.string)}

    def samples(self) -> list[dict[str, np.ndarray]]:
        """The same seeds, two images of each, and their z at each batch size; each fourth is truncated."""
        samples = []
        for batch in self.batch_sizes:
            row = np.arange(batch)
            seed, index = (row // 2).astype(np.int32), (row % 2).astype(np.int32)
            truncation = np.where(row % 4 == 3, 0.5, 1.0).astype(np.float32)
            z = latent.normal(seed, index, self.latent_dim) * truncation[:, None]
            inputs = {"z": z, "seed": seed, "index": index, "truncation": truncation}
            if self.num_classes is not None:
                inputs["labels"] = (row % self.num_classes).astype(np.int32)
            samples.append(inputs)
        return samples

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
