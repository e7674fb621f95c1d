"""Exported generators with one interface for all formats."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.engines import ArtifactError, Engine
from keras_gan.artifacts.inputs import check_labels, check_z
from keras_gan.artifacts.loaded_model import LoadedModel
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.pixels import as_float
from keras_gan.artifacts.tensor_spec import SEEDS
from keras_gan.typing import ArrayLike, Labels, Shape

# For uint8 images without a manifest.
_DEFAULT_RANGE = (-1.0, 1.0)


class Artifact(LoadedModel):
    """An exported generator that generates images without Keras.

    All formats return floats in `image_range`. Images of a uint8 file are converted.

    `model_generate.onnx` samples z itself, from seeds. It supports `generate()` only, and its `latent_dim` is 0
    without a manifest.

    Args:
        engine: Engine that runs the file.
        path: The file.
        manifest: Manifest of the export. Defaults to None, for a file without one.

    Attributes:
        takes_seeds: True for a file that samples z itself.
        latent_dim: Length of z.
        image_shape: (height, width, channels) of the images, (length, channels) of sequences, (n,) of vectors.
        conditional: True for a generator with labels.
        num_attributes: Number of attributes; None for a generator without them.

    Raises:
        ArtifactError: If the engine's inputs and outputs are not those of a generator.

    Example:
    ```python
    artifact = keras_gan.export.load("exported/digits/1")
    images = artifact.generate(16, seed=7)
    ```
    """

    def __init__(self, engine: Engine, path: Path, manifest: Manifest | None = None) -> None:
        super().__init__(engine, path, manifest)
        inputs, outputs = {spec.name: spec for spec in engine.inputs}, {spec.name: spec for spec in engine.outputs}
        image, z = outputs.get("image"), inputs.get("z")
        shape = () if image is None else tuple(size for size in image.shape[1:] if size is not None)
        dims = () if z is None else tuple(size for size in z.shape[1:] if size is not None)
        self.takes_seeds = set(inputs) - {"labels"} == {spec.name for spec in SEEDS}
        if not 1 <= len(shape) <= 3 or not (self.takes_seeds or (len(dims) == 1 and set(inputs) <= {"z", "labels"})):
            raise ArtifactError(
                "Expected a generator, with the input z (and labels) and the output image. "
                f"Received: `{path}`, with {', '.join(map(str, (*engine.inputs, *engine.outputs)))}"
            )
        known = None if manifest is None else manifest.latent_dim
        self.latent_dim: int = dims[0] if dims else known or 0
        self.image_shape: Shape = shape
        self.conditional = "labels" in inputs
        of_label = inputs["labels"].shape if "labels" in inputs else ()
        self.num_attributes: int | None = of_label[1] if len(of_label) == 2 else None
        self._returns_uint8 = image is not None and image.dtype == "uint8"

    @property
    def num_classes(self) -> int | None:
        """The number of classes; None for a generator without classes, and without a manifest."""
        return None if self.manifest is None else self.manifest.num_classes

    @property
    def class_names(self) -> tuple[str, ...]:
        """The name of each class; empty if the manifest states none."""
        return () if self.manifest is None else self.manifest.class_names

    @property
    def attribute_names(self) -> tuple[str, ...]:
        """The name of each attribute; empty if the manifest states none."""
        return () if self.manifest is None else self.manifest.attribute_names

    @property
    def codes(self) -> latent.Codes | None:
        """The codes at the start of z; None if the manifest states none."""
        found = None if self.manifest is None else self.manifest.codes
        return None if found is None else latent.Codes(found.categorical, found.continuous)

    def __call__(self, z: ArrayLike, labels: Labels = None) -> np.ndarray:
        """Generates the images of given latent vectors, all at once.

        Args:
            z: Real numbers of shape (n, latent_dim).
            labels: Integers or names of shape (n,), or one for all images, for a generator with classes.
                Defaults to None, each class in turn.

        Returns:
            A float32 array (n, height, width, channels).

        Raises:
            ValueError: If `z` or `labels` has the wrong shape or type or is out of range, or if the file samples z
                itself.
        """
        return self.generate_from_latent(z, labels, sys.maxsize)

    def generate_from_latent(self, z: ArrayLike, labels: Labels = None, batch_size: int = 64) -> np.ndarray:
        """Generates the images of given latent vectors, batch by batch.

        Args:
            z: Real numbers of shape (n, latent_dim).
            labels: Integers or names of shape (n,), or one of them. Defaults to None, each class in turn.
            batch_size: Number of images in a batch. Defaults to 64.

        Returns:
            A float32 array (n, height, width, channels).

        Raises:
            ValueError: As `__call__()`, or if `batch_size` is below 1.
        """
        if self.takes_seeds:
            raise ValueError(f"`{self.path}` takes seeds only: call `generate()`. Received: z")
        return self._run({"z": check_z(z, self.latent_dim)}, labels, batch_size)

    def generate(
        self, n: int, labels: Labels = None, seed: int | None = 0, batch_size: int = 64, truncation: float = 1.0
    ) -> np.ndarray:
        """Generates `n` images from a seed. `GAN.generate()` returns the same images from this seed.

        Args:
            n: Number of images.
            labels: Integers or names of shape (n,), or one of them. Defaults to None, each class in turn.
            seed: Integer from 0 to 2**31 - 1, or None for a random one. Defaults to 0.
            batch_size: Number of images in a batch. Defaults to 64.
            truncation: Number that z is multiplied by. Below 1, images are more typical and vary less. Defaults to 1.0.

        Returns:
            A float32 array (n, height, width, channels).

        Raises:
            ValueError: If an argument is out of range.
        """
        if self.takes_seeds:
            return self._run(latent.seed_rows(n, seed, truncation), labels, batch_size)
        return self._run({"z": latent.sample(n, self.latent_dim, seed, truncation)}, labels, batch_size)

    def _run(self, inputs: dict[str, np.ndarray], labels: Labels, batch_size: int) -> np.ndarray:
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        n = len(next(iter(inputs.values())))
        valid_labels = check_labels(
            labels, n, self.conditional, self.num_classes, self.class_names, self.num_attributes, self.attribute_names
        )
        if valid_labels is not None:
            inputs = {**inputs, "labels": valid_labels}
        batches = [{name: rows[i : i + batch_size] for name, rows in inputs.items()} for i in range(0, n, batch_size)]
        images = [self.engine.run(batch)["image"] for batch in batches]
        if not images:
            return np.zeros((0, *self.image_shape), np.float32)
        joined = np.concatenate(images)
        return as_float(joined, self.image_range or _DEFAULT_RANGE) if self._returns_uint8 else joined

    def __repr__(self) -> str:
        labels = f", num_classes={self.num_classes}" if self.conditional else ""
        return f"Artifact(`{self.path}`, latent_dim={self.latent_dim}{labels}, image_shape={self.image_shape})"
