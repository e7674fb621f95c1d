"""Exported models on the command line."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.cli.run import Run
from keras_gan.utils.quiet import quiet

if TYPE_CHECKING:
    from keras_gan.export import Artifact, Translator


def is_keras(path: Path) -> bool:
    """Whether `path` is a run's folder or a .keras file, and not an exported model."""
    return path.suffix == ".keras" or (path.is_dir() and Run(path).model.exists())


def load_exported(path: Path, format: str | None) -> Artifact | Translator:
    """Load an exported model of any kind.

    Args:
        path: Anything that `keras_gan.export.load` takes.
        format: "onnx", "tflite" or "saved_model". Defaults to None, the first that can be run.

    Raises:
        FileNotFoundError: If there is no model.
        ImportError: If what runs it is not installed.
        ValueError: If the format is unknown, or the file is damaged.
    """
    from keras_gan.artifacts.engines import FILES
    from keras_gan.export import load

    if format is not None and format not in FILES:
        raise ValueError(f"--format must be one of {', '.join(FILES)}. Received: {format}")
    try:
        with quiet():  # TensorFlow's lines, if this is a SavedModel
            return load(path, format)
    except FileNotFoundError as error:
        models = models_in(path)
        hint = f". Give one of the models in it: {models}" if models else ", and no gan.keras"
        raise FileNotFoundError(f"{error}{hint}") from error


def models_in(folder: Path) -> str:
    """The folders of models in a folder, with commas between; "" if there are none."""
    from keras_gan.artifacts.versions import models

    return ", ".join(map(str, models(folder))) if folder.is_dir() else ""
