"""An exported generator, loaded: the same interface whatever its format."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan import latent
from keras_gan.artifacts.engines import ArtifactError, Engine
from keras_gan.artifacts.inputs import check_labels, check_z
from keras_gan.artifacts.loaded import Loaded
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.pixels import as_float
from keras_gan.artifacts.tensor_spec import SEEDS

# Of images in levels, where no manifest tells another.
_USUAL_RANGE = (-1.0, 1.0)


class Artifact(Loaded):
    """A generator that draws images without Keras.

    Images of a file in integers, whose pixels are uint8, come as floats in `image_range` as those of all others.

    Of `model_generate.onnx`, which draws z itself, `latent_dim` is 0 unless a manifest tells, and there is
    `generate` alone.

    Args:
        engine: What runs it.
        path: The file that the engine opened.
        manifest: Its manifest, if it has one. Defaults to None.

    Attributes:
        draws_z: Whether it takes seeds alone.

    Raises:
        ArtifactError: If the engine's inputs and outputs are not a generator's.

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
        self.draws_z = set(inputs) - {"labels"} == {spec.name for spec in SEEDS}
        if len(shape) != 3 or not (self.draws_z or (len(dims) == 1 and set(inputs) <= {"z", "labels"})):
            raise ArtifactError(
                "Expected a generator, with the input z (and labels) and the output image. "
                f"Received: `{path}`, with {', '.join(map(str, (*engine.inputs, *engine.outputs)))}"
            )
        known = None if manifest is None else manifest.latent_dim
        self.latent_dim: int = dims[0] if dims else known or 0
        self.image_shape: tuple[int, int, int] = (shape[0], shape[1], shape[2])
        self.conditional = "labels" in inputs
        self._in_levels = image is not None and image.dtype == "uint8"

    @property
    def num_classes(self) -> int | None:
        """How many classes it draws by label; `None` for no labels, or if no manifest tells."""
        return None if self.manifest is None else self.manifest.num_classes

    def __call__(self, z: Any, labels: Any = None) -> np.ndarray:
        """Draw the images of given latent vectors.

        Args:
            z: Real numbers (n, latent_dim).
            labels: Integers (n,), or one for all; for a generator with classes. Defaults to None, each class in turn.

        Returns:
            A float32 array (n, height, width, channels).

        Raises:
            ValueError: If `z` or `labels` has the wrong shape or type, or is out of range; or if the file draws z
                itself.
        """
        return self.generate_from_latent(z, labels, sys.maxsize)

    def generate_from_latent(self, z: Any, labels: Any = None, batch_size: int = 64) -> np.ndarray:
        """Draw the images of given latent vectors, some at a time.

        Args:
            z: As in `__call__`.
            labels: As in `__call__`. Defaults to None, each class in turn.
            batch_size: Images drawn at once. Defaults to 64.

        Returns:
            As `__call__`.

        Raises:
            ValueError: As `__call__`, or if `batch_size` is below 1.
        """
        if self.draws_z:
            raise ValueError(f"`{self.path}` takes seeds alone: call `generate`. Received: z")
        return self._run({"z": check_z(z, self.latent_dim)}, labels, batch_size)

    def generate(
        self, n: int, labels: Any = None, seed: int | None = 0, batch_size: int = 64, truncation: float = 1.0
    ) -> np.ndarray:
        """Draw `n` images, those that the Keras GAN's `generate` draws from the same seed.

        Args:
            n: How many.
            labels: As in `__call__`. Defaults to None, each class in turn.
            seed: An integer from 0 to 2**31 - 1, or `None` for other images at each call. Defaults to 0.
            batch_size: Images drawn at once. Defaults to 64.
            truncation: What z is multiplied by; below 1 images are more alike and more typical. Defaults to 1.0.

        Returns:
            A float32 array (n, height, width, channels).

        Raises:
            ValueError: If an argument is out of range.
        """
        if self.draws_z:
            return self._run(latent.seed_rows(n, seed, truncation), labels, batch_size)
        return self._run({"z": latent.sample(n, self.latent_dim, seed, truncation)}, labels, batch_size)

    def _run(self, inputs: dict[str, np.ndarray], labels: Any, batch_size: int) -> np.ndarray:
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        n = len(next(iter(inputs.values())))
        labels = check_labels(labels, n, self.conditional, self.num_classes)
        if labels is not None:
            inputs = {**inputs, "labels": labels}
        batches = [{name: rows[i : i + batch_size] for name, rows in inputs.items()} for i in range(0, n, batch_size)]
        images = [self.engine.run(batch)["image"] for batch in batches]
        if not images:
            return np.zeros((0, *self.image_shape), np.float32)
        drawn = np.concatenate(images)
        return as_float(drawn, self.image_range or _USUAL_RANGE) if self._in_levels else drawn

    def __repr__(self) -> str:
        labels = f", num_classes={self.num_classes}" if self.conditional else ""
        return f"Artifact(`{self.path}`, latent_dim={self.latent_dim}{labels}, image_shape={self.image_shape})"
