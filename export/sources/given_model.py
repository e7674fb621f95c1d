"""Models that `export_generator` takes: those of keras_gan, a Keras generator alone, or the path of a saved model."""

from __future__ import annotations

import dataclasses
import os
import zipfile
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from keras_gan import latent
from keras_gan.typing import Range, Shape
from keras_gan.utils.registration import register_with_keras
from keras_gan.utils.run_files import MODEL

EXPECTED = (
    "`model` must be a keras_gan.GAN, CycleGAN or Pix2Pix, a Keras model from z to images, or the path of a run or of "
    "a .keras file"
)
PROBED = 16
_PARTS = ("generator", "latent_dim", "num_classes", "image_shape", "image_range", "training_record")


@dataclasses.dataclass(frozen=True)
class BareGenerator:
    """A Keras model that generates images from z, without the GAN that it was trained in.

    Args:
        generator: The model.
        latent_dim: Length of z.
        num_classes: Number of classes; None without classes.
        image_shape: (height, width, channels) of the images.
        image_range: Least and greatest pixel value.
    """

    generator: Any
    latent_dim: int
    num_classes: int | None
    image_shape: Shape
    image_range: Range
    class_names: ClassVar[tuple[str, ...]] = ()

    @property
    def name(self) -> str:
        """Name of the Keras model."""
        return str(self.generator.name)

    def training_record(self) -> dict[str, Any]:
        """Returns the facts that the Keras model has."""
        return {
            "model": type(self.generator).__name__,
            "generator": self.name,
            "latent_dim": self.latent_dim,
            "num_classes": self.num_classes,
            "generator_parameters": self.generator.count_params(),
        }


def model_of(given: Any) -> Any:
    """Returns an object with the parts of a model of keras_gan.

    Args:
        given: Model of keras_gan, Keras model from z to images, or path of a run or a `.keras` file.

    Raises:
        ValueError: If it is something else.
        FileNotFoundError: If there is no file.
    """
    if isinstance(given, str | os.PathLike):
        return model_of(_load(Path(given)))
    if hasattr(given, "translators") or all(hasattr(given, part) for part in _PARTS):
        return given
    import keras  # not at the top: without TensorFlow the exporter says which package is missing

    if isinstance(given, keras.Model):
        return _bare(given)
    raise ValueError(f"{EXPECTED}. Received: {type(given).__name__}")


def _load(path: Path) -> Any:
    import keras

    file = path / MODEL if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(f"{EXPECTED}. Received: {path}, where no {file.name} is")
    if file.suffix != ".keras" or not zipfile.is_zipfile(file):
        raise ValueError(f"{EXPECTED}. Received: {path}, which is not a .keras file")
    register_with_keras()
    return keras.models.load_model(file)


def _bare(model: Any) -> BareGenerator:
    inputs = [tuple(one.shape) for one in getattr(model, "inputs", None) or []]
    from_z = 1 <= len(inputs) <= 2 and len(inputs[0]) == 2 and inputs[0][1] is not None
    if not from_z or (len(inputs) == 2 and len(inputs[1]) > 2):
        known = f"inputs of shape {' and '.join(map(str, inputs))}" if inputs else "no inputs, as it is not built"
        raise ValueError(f"{EXPECTED}. Received: the Keras model {model.name!r}, with {known}")
    output = tuple(model.output_shape) if not isinstance(model.output_shape, list) else ()
    if not 2 <= len(output) <= 4 or None in output[1:]:
        raise ValueError(
            "A Keras model from z must return images of a known shape (batch, height, width, channels), or sequences "
            "(batch, length, channels), or vectors (batch, n). "
            f"Received: the Keras model {model.name!r}, with outputs of shape {model.output_shape}"
        )
    classes = None if len(inputs) == 1 else _num_classes(model)
    z = latent.sample(PROBED, inputs[0][1], seed=0)
    labels = [] if classes is None else [np.zeros((PROBED, *inputs[1][1:]), np.int32)]
    least = float(np.min(model([z, *labels] if labels else z, training=False)))
    # A tanh of random z has negative values, a sigmoid never.
    return BareGenerator(model, inputs[0][1], classes, output[1:], (-1.0, 1.0) if least < 0 else (0.0, 1.0))


def _num_classes(model: Any) -> int:
    """Returns the number of classes of a model from [z, labels], from the layers that encode the labels."""
    names = ("input_dim", "num_classes", "num_tokens")  # of Embedding, OneHot and CategoryEncoding
    encoders = [one for one in model.operations if type(one).__name__ in ("Embedding", "OneHot", "CategoryEncoding")]
    sizes = {int(getattr(one, name)) for one in encoders for name in names if getattr(one, name, None)}
    if len(sizes) != 1:
        raise ValueError(
            "The number of classes must be known: export the keras_gan.GAN instead of its generator. "
            f"Received: the Keras model {model.name!r}, where {len(sizes)} numbers of classes were found"
        )
    return sizes.pop()
