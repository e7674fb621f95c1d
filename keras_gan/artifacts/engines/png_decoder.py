"""The engine that decodes the PNG files of a signature."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
from PIL import Image

from keras_gan.artifacts.engines import ArtifactError, Engine
from keras_gan.artifacts.pixels import as_float
from keras_gan.artifacts.tensor_spec import TensorSpec

PNG = "image_bytes"


class PngEngine:
    """Runs an engine that returns PNG files, and decodes them to float images.

    Args:
        engine: Engine with the output `image_bytes`.
        image_shape: (height, width, channels) of the images.
        image_range: Values of black and white in the returned images.
    """

    image_sizes: tuple[tuple[int, int], ...] | None = None
    definition = b""

    def __init__(self, engine: Engine, image_shape: tuple[int, int, int], image_range: tuple[float, float]) -> None:
        self._engine = engine
        self.signatures = engine.signatures
        self._shape = image_shape
        self._range = image_range
        self.inputs = engine.inputs
        self.outputs: tuple[TensorSpec, ...] = (TensorSpec(name="image", dtype="float32", shape=(None, *image_shape)),)

    def run(self, inputs: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
        """Runs one batch; see `Engine.run`."""
        images = np.stack([decode_png(png, self._shape) for png in self._engine.run(inputs)[PNG]])
        return {"image": as_float(images, self._range)}

    def signature(self, name: str) -> Engine | None:
        """Returns the engine of another signature; see `Engine.signature`."""
        return self._engine.signature(name)


def decode_png(png: bytes, shape: tuple[int, ...]) -> np.ndarray:
    """Returns the uint8 pixels of a PNG file.

    Args:
        png: Content of the file.
        shape: Expected (height, width, channels).

    Raises:
        ArtifactError: If the image has another shape.
    """
    with Image.open(io.BytesIO(png), formats=["PNG"]) as image:
        if (image.height, image.width, len(image.getbands())) != shape:
            raise ArtifactError(
                f"Expected a PNG file of shape {shape}. Received: {image.height} x {image.width}, {image.mode}"
            )
        return np.asarray(image).reshape(shape)
