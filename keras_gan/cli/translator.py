"""Opening what translates images, whichever way it was saved."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.cli.exported import is_keras, load_exported
from keras_gan.cli.run import load_translator
from keras_gan.utils.tiling import Network, Size

if TYPE_CHECKING:
    from keras_gan.export import Translator

# Smaller images are continued to this, as padding by reflection and normalising need some pixels to work with.
LEAST_SIZE = 32
# What the strides of a network may come to, where no manifest tells.
_MULTIPLES = tuple(2**power for power in range(9))


@dataclasses.dataclass(frozen=True)
class OpenTranslator:
    """A network from images to images.

    Args:
        network: From uint8 images (n, height, width, channels) to as many, their values from 0 to 255.
        channels: Of the images that it takes: 1 for grey, 3 for colour.
        size_multiple: What it needs height and width to be divisible by.
        image_sizes: The (height, width) that it takes if it takes no others. Defaults to `None`.
    """

    network: Network
    channels: int
    size_multiple: int
    image_sizes: tuple[Size, ...] | None = None


def open_translator(path: Path, generator: str | None = None, format: str | None = None) -> OpenTranslator:
    """Open a Keras model, or an exported one in the runtime of its format.

    Args:
        path: A run's folder, a .keras file, or anything that `keras_gan.export.load` takes.
        generator: Of a Keras model: "g" from X to Y or, of a CycleGAN, "f" from Y to X. Defaults to None, "g".
        format: Of an exported model: "onnx", "tflite" or "saved_model". Defaults to None, the first that can be run.

    Returns:
        The network, in float32 and unrounded where it can be.

    Raises:
        FileNotFoundError: If there is no model.
        ImportError: If what runs it is not installed.
        ValueError: If it is a model of another kind, or an argument is for another kind of file.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"There is no model at {path}: expected a run's folder, a .keras file, or an exported model"
        )
    keras = is_keras(path)
    if keras and format is not None:
        raise ValueError(
            f"--format is for exported models; {path} is a Keras model. Received: --format {format}. "
            "`keras-gan export` writes the formats"
        )
    if not keras and generator is not None:
        raise ValueError(
            "--generator is for Keras models; each generator of a CycleGAN is exported to a folder of its own, such as "
            f"monet-g and monet-f. Received: --generator {generator} and {path}, an exported model"
        )
    opened, drawn = _open_keras(path, generator or "g") if keras else _open_exported(path, format)
    if not {opened.channels, drawn} <= {1, 3}:
        raise ValueError(
            f"Expected a model from and to grey images (1 channel) or colour (3). Received: {path}, from "
            f"{opened.channels} to {drawn} channels"
        )
    return opened


def _open_keras(path: Path, generator: str) -> tuple[OpenTranslator, int]:
    model = load_translator(path)
    if generator not in model.translators:
        raise ValueError(
            f"--generator must be one of {', '.join(model.translators)} for a {type(model).__name__}. "
            f"Received: {generator}"
        )
    from keras_gan.models.size_multiple import size_multiple

    network = model.translators[generator]
    _, height, width, channels = network.input_shape
    sizes = None if height is None or width is None else ((height, width),)

    def translate(images: np.ndarray) -> np.ndarray:
        return model.translate(images, generator)

    levels = _in_levels(translate, model.image_range)
    return OpenTranslator(levels, channels, size_multiple(network) or 1, sizes), network.output_shape[-1]


def _open_exported(path: Path, format: str | None) -> tuple[OpenTranslator, int]:
    from keras_gan.export import Translator

    model = load_exported(path, format)
    if not isinstance(model, Translator):
        raise ValueError(
            f"Expected a model that translates images. Received: {path}, an exported generator that draws from noise"
        )
    # A uint8 file rounds what it returns, which is the best that it can do.
    rounded = model.engine.inputs[0].dtype == "uint8"
    network = model if rounded else _in_levels(model, model.image_range)
    multiple = model.size_multiple if model.manifest else _find_multiple(model)
    return OpenTranslator(network, model.channels, multiple, model.image_sizes), model.image_channels


def _in_levels(translate: Network, image_range: tuple[float, float]) -> Network:
    """The network for images from 0 to 255 of one for floats in `image_range`."""
    low, high = image_range
    levels = 255.0 / (high - low)

    def network(images: np.ndarray) -> np.ndarray:
        return (translate(images.astype(np.float32) / levels + low) - low) * levels

    return network


def _find_multiple(model: Translator) -> int:
    """The least multiple whose sizes the network keeps; 1 if none is found."""
    for multiple in () if model.image_sizes else _MULTIPLES:
        odd = max(LEAST_SIZE // multiple, 1) | 1  # so that a multiple of more will not do
        try:
            model(np.zeros((1, odd * multiple, (odd + 2) * multiple, model.channels), np.uint8))
        except Exception:  # the runtimes' errors have no class in common
            continue
        return multiple
    return 1
