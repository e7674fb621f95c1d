"""PNG files as the images that they are, for those who want arrays of any artifact."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from keras_gan.artifacts.engines import ArtifactError, Engine, TensorSpec
from keras_gan.artifacts.pixels import as_float

PNG = "image_bytes"


class PngEngine:
    """An engine whose signature gives PNG files, which this one decodes.

    Args:
        engine: With the output `image_bytes`.
        image_shape: (height, width, channels) of its images.
        image_range: The values of black and of white that they should get.
    """

    image_sizes: tuple[tuple[int, int], ...] | None = None

    def __init__(self, engine: Engine, image_shape: tuple[int, int, int], image_range: tuple[float, float]) -> None:
        self._engine = engine
        self._shape = image_shape
        self._range = image_range
        self.inputs = engine.inputs
        self.outputs: tuple[TensorSpec, ...] = (TensorSpec(name="image", dtype="float32", shape=(None, *image_shape)),)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Run one batch; see `Engine.run`."""
        images = np.stack([decoded(png, self._shape) for png in self._engine.run(inputs)[PNG]])
        return {"image": as_float(images, self._range)}

    def signature(self, name: str) -> Engine | None:
        """That of the engine; see `Engine.signature`."""
        return self._engine.signature(name)


def decoded(png: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """The uint8 pixels of a PNG file.

    Raises:
        ArtifactError: If its image is not of `shape`, (height, width, channels).
    """
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        if (image.height, image.width, len(image.getbands())) != shape:
            raise ArtifactError(
                f"Expected a PNG of {shape}. Received: one of {image.height} x {image.width}, {image.mode}"
            )
        return np.asarray(image).reshape(shape)
