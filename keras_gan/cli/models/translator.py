"""Opening of models that translate images, trained and exported ones."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.cli.models.exported import is_keras, load_exported
from keras_gan.cli.run import Run, load_translator
from keras_gan.utils.tiling import Network, Size

if TYPE_CHECKING:
    from keras_gan.export import Translator

# Smaller images are padded to this size, because padding by reflection and normalisation need some pixels.
LEAST_SIZE = 32
# The possible products of a network's strides, for a model without a manifest.
_MULTIPLES = tuple(2**power for power in range(9))


@dataclasses.dataclass(frozen=True)
class OpenTranslator:
    """A network that translates images.

    Args:
        network: Function from uint8 images (n, height, width, channels) to images with values from 0 to 255.
        channels: Number of channels of its input: 1 for grey, 3 for colour.
        size_multiple: Divisor that height and width must have.
        image_sizes: Tuple of the (height, width) that it supports. Defaults to None, any size.
        value_range: The values of black and of white that images of more than 8 bits were trained with. Defaults to
            None, those of 16 bits.
    """

    network: Network
    channels: int
    size_multiple: int
    image_sizes: tuple[Size, ...] | None = None
    value_range: tuple[float, float] | None = None


def open_translator(path: Path, generator: str | None = None, format: str | None = None) -> OpenTranslator:
    """Opens a Keras model, or an exported one in the runtime of its format.

    Args:
        path: Folder of a run, a .keras file, or a path that `keras_gan.export.load` supports.
        generator: Generator of a Keras model: "g" from X to Y, "f" of a CycleGAN from Y to X. Defaults to None, "g".
        format: Format of an exported model. Defaults to None, the first one whose runtime is installed.

    Returns:
        The network. Its images are not rounded, except those of uint8 files.

    Raises:
        FileNotFoundError: If there is no model.
        ImportError: If the runtime is not installed.
        ValueError: If the model is of another kind, or an argument is for another kind of file.
    """
    if not path.exists():
        raise FileNotFoundError(
            f"Expected the folder of a run, a .keras file, or an exported model. Received: {path}, which does not exist"
        )
    keras = is_keras(path)
    if keras and format is not None:
        raise ValueError(
            f"--format must be used with an exported model. Received: --format {format} and {path}, a Keras model. "
            "`keras-gan export` writes the formats"
        )
    if not keras and generator is not None:
        raise ValueError(
            f"--generator must be used with a Keras model. Received: --generator {generator} and {path}, an exported "
            "model. The generators of a CycleGAN are exported to two folders, such as monet-g and monet-f"
        )
    opened, image_channels = _open_keras(path, generator or "g") if keras else _open_exported(path, format)
    if not {opened.channels, image_channels} <= {1, 3}:
        raise ValueError(
            f"Expected a model with 1 channel (grey) or 3 (colour). Received: {path}, from {opened.channels} to "
            f"{image_channels} channels"
        )
    return opened


def _range_of(run: Mapping[str, Any] | None, generator: str) -> tuple[float, float] | None:
    """Returns the range of the source images of a generator, which the config of a run states."""
    data = (run or {}).get("data") or {}
    values = data.get(f"{'y' if generator == 'f' else 'x'}_value_range") or data.get("value_range")
    return (values[0], values[1]) if values else None


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

    network_of_uint8 = _for_uint8(translate, model.image_range)
    config = Run(path).read_config() if path.is_dir() else None
    values = _range_of(None if config is None else config.model_dump(), generator)
    opened = OpenTranslator(network_of_uint8, channels, size_multiple(network) or 1, sizes, values)
    return opened, network.output_shape[-1]


def _open_exported(path: Path, format: str | None) -> tuple[OpenTranslator, int]:
    from keras_gan.export import Translator

    model = load_exported(path, format)
    if not isinstance(model, Translator):
        raise ValueError(
            f"Expected a model that translates images. Received: {path}, an exported generator of images from z"
        )
    rounded = model.engine.inputs[0].dtype == "uint8"
    network = model if rounded else _for_uint8(model, model.image_range)
    multiple = model.size_multiple if model.manifest else _find_multiple(model)
    manifest = model.manifest
    direction = manifest.translation.generator if manifest and manifest.translation else "g"
    values = _range_of(manifest.training.get("run") if manifest else None, direction)
    return OpenTranslator(network, model.channels, multiple, model.image_sizes, values), model.image_channels


def _for_uint8(translate: Network, image_range: tuple[float, float]) -> Network:
    """Wraps a function of floats in `image_range` as one of images from 0 to 255."""
    low, high = image_range
    levels = 255.0 / (high - low)

    def network(images: np.ndarray) -> np.ndarray:
        return (translate(images.astype(np.float32) / levels + low) - low) * levels

    return network


def _find_multiple(model: Translator) -> int:
    """Returns the least multiple that the network supports; 1 if none is found."""
    for multiple in () if model.image_sizes else _MULTIPLES:
        odd = max(LEAST_SIZE // multiple, 1) | 1  # so that the size is no larger power of 2
        try:
            model(np.zeros((1, odd * multiple, (odd + 2) * multiple, model.channels), np.uint8))
        except Exception:  # the runtimes' errors have no common class
            continue
        return multiple
    return 1
