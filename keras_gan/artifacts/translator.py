"""Exported image-to-image generators with one interface for all formats."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gan.artifacts.engines import ArtifactError, Engine
from keras_gan.artifacts.inputs import check_images
from keras_gan.artifacts.loaded_model import LoadedModel
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.pixels import as_float
from keras_gan.images import to_uint8
from keras_gan.typing import Images

# The name of the input that only translators have.
SOURCE = "source"
_DEFAULT_RANGE = (-1.0, 1.0)


class Translator(LoadedModel):
    """An exported generator that translates images without Keras.

    Args:
        engine: Engine that runs the file.
        path: The file.
        manifest: Manifest of the export. Defaults to None, for a file without one.

    Attributes:
        channels: Number of channels of the input images.
        image_channels: Number of channels of the output images.
        size_multiple: Number that must divide the height and width of images; 1 without a manifest.
        image_sizes: Tuple of the (height, width) that the file accepts; None for any size.

    Raises:
        ArtifactError: If the engine's inputs and outputs are not those of a translator.

    Example:
    ```python
    translator = keras_gan.export.load("exported/monet-g/1")
    paintings = translator(photographs)  # uint8 from uint8, float32 in [-1, 1] from floats
    ```
    """

    def __init__(self, engine: Engine, path: Path, manifest: Manifest | None = None) -> None:
        super().__init__(engine, path, manifest)
        inputs, outputs = {spec.name: spec for spec in engine.inputs}, {spec.name: spec for spec in engine.outputs}
        source, image = inputs.get(SOURCE), outputs.get("image")
        fits = len(inputs) == 1 and source is not None and image is not None and source.dtype == image.dtype
        if not fits or source is None or image is None or not len(source.shape) == len(image.shape) == 4:
            raise ArtifactError(
                "Expected a generator from images to images, with the input source and the output image. "
                f"Received: `{path}`, with {', '.join(map(str, (*engine.inputs, *engine.outputs)))}"
            )
        self._dtype = source.dtype
        self._uint8_engine = engine if source.dtype == "uint8" else engine.signature("uint8")
        _, height, width, channels = source.shape
        self.channels: int = channels or 0
        self.image_channels: int = image.shape[3] or 0
        self.image_sizes = engine.image_sizes
        if height is not None and width is not None:
            self.image_sizes = ((height, width),)
        known = None if manifest is None else manifest.translation
        self.size_multiple: int = 1 if known is None else known.size_multiple

    @property
    def image_range(self) -> tuple[float, float]:
        """The smallest and the largest value of float pixels; (-1.0, 1.0) without a manifest."""
        return _DEFAULT_RANGE if self.manifest is None else self.manifest.image_range

    def __call__(self, images: Images) -> np.ndarray:
        """Translates images, all at once.

        Args:
            images: Images of shape (n, height, width, channels), uint8 or floats in `image_range`.

        Returns:
            The translated images, of the same size: uint8 for uint8 images, else float32.

        Raises:
            ValueError: If the images have another shape, type or range, or a size that the file does not support.
        """
        images = check_images(images, self.channels, self.image_range)
        self._check_size(*images.shape[1:3])
        is_uint8 = images.dtype == np.uint8
        if not is_uint8 and self._dtype == "uint8":
            raise ValueError(f"`{self.path}` takes uint8 images only. Received: dtype {images.dtype}")
        if len(images) == 0:
            return np.zeros((0, *images.shape[1:3], self.image_channels), images.dtype)
        if not is_uint8:
            return self._run(self.engine, images)
        if self._uint8_engine is not None:
            return self._run(self._uint8_engine, images)
        return to_uint8(self._run(self.engine, as_float(images, self.image_range)), self.image_range)

    def translate(self, images: Images, batch_size: int = 8) -> np.ndarray:
        """Translates images, batch by batch.

        Args:
            images: Images of shape (n, height, width, channels), uint8 or floats in `image_range`.
            batch_size: Number of images in a batch. Defaults to 8.

        Returns:
            The translated images, as `__call__()` returns them.

        Raises:
            ValueError: As `__call__()`, or if `batch_size` is below 1.
        """
        if batch_size < 1:
            raise ValueError(f"`batch_size` must be at least 1. Received: batch_size={batch_size}")
        images = check_images(images, self.channels, self.image_range)
        return np.concatenate([self(images[i : i + batch_size]) for i in range(0, max(len(images), 1), batch_size)])

    def _run(self, engine: Engine, images: np.ndarray) -> np.ndarray:
        size = _text(images.shape[1:3])
        advice = "Height and width must be divisible by `size_multiple` in the manifest.json of the export"
        try:
            translated = engine.run({SOURCE: images})["image"]
        except Exception as error:
            if self.manifest is not None:
                raise
            raise ValueError(f"`{self.path}` fails on images of {size}: {error}. {advice}") from error
        if translated.shape[:3] != images.shape[:3]:
            raise ValueError(f"`{self.path}` returns {_text(translated.shape[1:3])} for images of {size}. {advice}")
        return translated

    def _check_size(self, height: int, width: int) -> None:
        if self.image_sizes is not None and (height, width) not in self.image_sizes:
            sizes = ", ".join(map(_text, self.image_sizes))
            raise ValueError(
                f"`{self.path}` takes images (height x width) of {sizes} only. Received: {_text((height, width))}"
            )
        if height % self.size_multiple or width % self.size_multiple or not height or not width:
            raise ValueError(
                f"Height and width must be divisible by {self.size_multiple}, and not 0. "
                f"Received: {_text((height, width))}"
            )

    def __repr__(self) -> str:
        sizes = "any" if self.image_sizes is None else ", ".join(map(_text, self.image_sizes))
        return (
            f"Translator(`{self.path}`, channels={self.channels}, image_sizes={sizes}, "
            f"size_multiple={self.size_multiple})"
        )


def _text(size: tuple[int, ...]) -> str:
    return f"{size[0]} x {size[1]}"
