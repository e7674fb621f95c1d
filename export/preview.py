"""Picture of a model's images for its card."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keras_gan.artifacts.pixels import as_float
from keras_gan.export.parity.reference import Reference
from keras_gan.images import over_white, save_grid, to_uint8
from keras_gan.plots import save_plot

_COLUMNS, _ROWS = 8, 2
_WIDEST = 1024  # pixels of a picture of large images


def save_preview(path: Path, reference: Reference) -> None:
    """Writes images of the Keras model: 16 generated ones, or images above their translations.

    Vectors and sequences become points or curves.

    Args:
        path: The PNG file to write.
        reference: Inputs and images of the Keras model.
    """
    case, image_range = reference.largest, reference.source.image_range
    if case.expected.ndim != 4:
        save_plot(path, case.expected, _COLUMNS)
        return
    columns = min(_COLUMNS, max(1, _WIDEST // case.expected.shape[2]))
    if "source" not in case.inputs:
        save_grid(path, _visible(case.expected[: _ROWS * columns], image_range), columns)
        return
    images = _visible(case.expected[:columns], image_range)
    given = _visible(as_float(case.inputs["source"][: len(images)], image_range), image_range)
    shape = np.broadcast_shapes(given.shape, images.shape)
    both = np.concatenate([np.broadcast_to(one, shape) for one in (given, images)])
    save_grid(path, both, len(images), row_titles=("given", "translated"))


def _visible(images: np.ndarray, image_range: tuple[float, float]) -> np.ndarray:
    """Returns images as bytes with one or three channels."""
    pixels = to_uint8(images, image_range)
    if images.shape[-1] == 4:
        return over_white(pixels)
    return pixels if images.shape[-1] == 3 else pixels[..., :1]
