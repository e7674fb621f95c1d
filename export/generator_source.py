"""A GAN's generator as a source: z, and labels if there are classes, to images."""

from __future__ import annotations

import dataclasses
from typing import Any

import numpy as np

from keras_gan import latent
from keras_gan.export.inference import for_inference
from keras_gan.export.source import Source, Variant, with_batch
from keras_gan.serving.engines.specs import TensorSpec

_SEED = 0


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
        """One, in float32."""
        z = TensorSpec(name="z", dtype="float32", shape=(None, self.latent_dim))
        labels = TensorSpec(name="labels", dtype="int32", shape=(None,))
        inputs = (z,) if self.num_classes is None else (z, labels)
        return (
            Variant(
                dtype="float32",
                inputs=inputs,
                outputs=(TensorSpec(name="image", dtype="float32", shape=(None, *self.image_shape)),),
                graph=self.graph,
                fixed={f"serving_default_b{batch}": with_batch(inputs, batch) for batch in self.batch_sizes},
            ),
        )

    def samples(self) -> list[dict[str, np.ndarray]]:
        """The same z and labels at each batch size, as far as it goes."""
        samples = []
        for batch in self.batch_sizes:
            inputs = {"z": latent.sample(batch, self.latent_dim, _SEED)}
            if self.num_classes is not None:
                inputs["labels"] = (np.arange(batch) % self.num_classes).astype(np.int32)
            samples.append(inputs)
        return samples

    def image_shape_for(self, inputs: dict[str, np.ndarray]) -> tuple[int, int, int]:
        """Always the same."""
        return self.image_shape

    def facts(self) -> dict[str, Any]:
        """What the manifest tells of a generator."""
        return {"latent_dim": self.latent_dim, "num_classes": self.num_classes, "image_shape": self.image_shape}


def generator_of(gan: Any) -> Any:
    """The network of `gan` whose images people are meant to see: the average, if one is kept."""
    average = getattr(gan, "ema_generator", None)
    return gan.generator if average is None else average
