"""Opening what draws images from z, whichever way it was saved."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_gan.cli.exported import is_keras, load_exported
from keras_gan.cli.run import load_model

if TYPE_CHECKING:
    from keras_gan.export import Artifact
    from keras_gan.models.gan import GAN

GeneratorPath = Annotated[
    Path,
    typer.Argument(
        help="A run's folder or a .keras file; or an exported model: its folder, one version's, or a file.",
        show_default=False,
        metavar="MODEL",
    ),
]
FormatOption = Annotated[
    str | None,
    typer.Option(
        "--format",
        help="Of an exported model: onnx, tflite or saved_model, or one of lower precision such as tflite_int8.",
        show_default="any",
    ),
]


def open_generator(path: Path, format: str | None = None) -> GAN | Artifact:
    """Open a GAN, or an exported generator in the runtime of its format.

    Args:
        path: A run's folder, a .keras file, or anything that `keras_gan.export.load` takes.
        format: Of an exported model: "onnx", "tflite" or "saved_model". Defaults to None, the first that can be run.

    Returns:
        What has `generate` and `draw`.

    Raises:
        FileNotFoundError: If there is no model.
        ImportError: If what runs it is not installed.
        ValueError: If it is a model of another kind, or `format` is given for a Keras model.
    """
    if not path.exists() or is_keras(path):
        if format is not None and path.exists():
            raise ValueError(f"--format is for exported models. Received: --format {format} and {path}, a Keras model")
        return load_model(path)
    from keras_gan.export import Artifact

    model = load_exported(path, format)
    if not isinstance(model, Artifact):
        raise ValueError(
            f"{path} must hold a generator that draws from noise. Received: an exported model that translates images: "
            "`keras-gan translate` takes it"
        )
    return model
