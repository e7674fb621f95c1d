"""Exported models on the command line."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.cli.run import Run
from keras_gan.utils.quiet import quiet

if TYPE_CHECKING:
    from keras_gan.export import Artifact, Translator


def is_keras(path: Path) -> bool:
    """Returns True if `path` is the folder of a run or a .keras file, not an exported model."""
    return path.suffix == ".keras" or (path.is_dir() and Run(path).model.exists())


def refuse_runs(path: Path, command: str, more: str = "", place: str = "exported") -> None:
    """Raises if a path is a run or a .keras file, where a command needs an exported model.

    Args:
        path: Path that the user gave.
        command: Name of the command.
        more: Options to repeat in the command that works. Defaults to "".
        place: Argument of the command that works. Defaults to "exported".

    Raises:
        ValueError: If it is. The message has the commands that export the model first.
    """
    if not (is_keras(path) or (path.is_dir() and Run(path).config.exists())):
        return
    what = "a training run" if path.is_dir() else "a Keras model"
    given = shlex.quote(str(path))
    again = " ".join(filter(None, ("keras-gan", command, place, more)))
    raise ValueError(
        f"Expected exported models. Received: `{path}`, which is {what}. Export it first:\n"
        f"  keras-gan export {given} --output exported\n  {again}"
    )


def load_exported(path: Path, format: str | None) -> Artifact | Translator:
    """Loads an exported model of any kind.

    Args:
        path: Path that `keras_gan.export.load` supports.
        format: Name of the format; None for the first one whose runtime is installed.

    Raises:
        FileNotFoundError: If there is no model.
        ImportError: If the runtime is not installed.
        ValueError: If the format is unknown, or the file is damaged.
    """
    from keras_gan.artifacts.formats import FILES
    from keras_gan.export import load

    if format is not None and format not in FILES:
        raise ValueError(f"--format must be one of {', '.join(FILES)}. Received: {format}")
    try:
        with quiet():  # TensorFlow prints lines for a SavedModel
            return load(path, format)
    except FileNotFoundError as error:
        models = models_in(path)
        hint = f". Choose one of its models: {models}" if models else ", and no gan.keras"
        raise FileNotFoundError(f"{error}{hint}") from error


def models_in(folder: Path) -> str:
    """Returns the model folders in a folder, separated by commas; "" if there are none."""
    from keras_gan.artifacts.versions import models

    return ", ".join(map(str, models(folder))) if folder.is_dir() else ""
