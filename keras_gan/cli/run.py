"""The folder of a run: RUN/gan.keras, RUN/recipe.json, RUN/samples/, RUN/history.csv, and what is made of them."""

from __future__ import annotations

import contextlib
import json
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from keras_gan.utils.extras import install_hint
from keras_gan.utils.files import atomic_path

if TYPE_CHECKING:
    from keras_gan.models.adversarial_model import AdversarialModel
    from keras_gan.models.gan import GAN
    from keras_gan.models.translation_model import TranslationModel

ModelPath = Annotated[
    Path, typer.Argument(help="A run's folder, or the .keras file of a model.", show_default=False, metavar="MODEL")
]


class Run:
    """Where a run keeps what.

    Args:
        folder: The folder of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / "gan.keras"
        self.recipe = folder / "recipe.json"
        self.samples = folder / "samples"
        self.history = folder / "history.csv"
        self.health = folder / "health.jsonl"
        self.tensorboard = folder / "tensorboard"
        self.evaluation = folder / "evaluation.json"
        self.neighbours = folder / "neighbours.png"
        self.walk = folder / "walk"
        self.report = folder / "report.html"

    def write_recipe(self, recipe: dict[str, Any]) -> None:
        """Keep the arguments of the run."""
        with atomic_path(self.recipe) as temporary:
            temporary.write_text(json.dumps(recipe, indent=2) + "\n", encoding="utf-8")

    def read_recipe(self) -> dict[str, Any]:
        """The arguments of the run, or none where it was made by a script."""
        if not self.recipe.exists():
            return {}
        try:
            recipe: dict[str, Any] = json.loads(self.recipe.read_text(encoding="utf-8"))
        except ValueError as error:
            raise ValueError(f"{self.recipe} must be the JSON that `keras-gan train` wrote: {error}") from error
        if not isinstance(recipe, dict):
            raise ValueError(
                f"{self.recipe} must be the JSON object that `keras-gan train` wrote. Received: {recipe!r}"
            )
        return recipe

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Keep other processes from training in the folder, until this one lets go or dies.

        Raises:
            FileExistsError: If another process does.
        """
        try:
            import fcntl
        except ImportError:  # on Windows, which has other locks
            yield
            return
        folder = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(folder)
            raise FileExistsError(
                f"Another process trains in {self.folder}: wait for it, or pass another --output"
            ) from None
        except OSError:  # a file system without locks
            pass
        try:
            yield
        finally:
            os.close(folder)

    def remove_unfinished(self) -> None:
        """Take away what a killed process left of files that it was writing."""
        for path in self.folder.glob(".*.*/*"):
            if path.parent.name.startswith(f".{path.name}."):
                path.unlink()
                path.parent.rmdir()


def import_tensorflow() -> None:
    """Import TensorFlow and look for devices without the lines that it prints of its own accord."""
    from keras_gan.utils.quiet import quiet

    try:
        with quiet():
            import tensorflow as tf

            tf.config.list_physical_devices()
    except ModuleNotFoundError as error:
        raise ImportError(
            f"This command needs TensorFlow: {install_hint('tensorflow')} (on a GPU: {install_hint('gpu')})"
        ) from error


def load_trained(path: Path) -> AdversarialModel:
    """Load the model of a run, or of a file, of whatever kind.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If the file is not a model of keras_gan.
    """
    file = Run(path).model if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(
            f"There is no model at {file}. Train one with `keras-gan train --output RUN`, which writes RUN/gan.keras"
        )
    if not zipfile.is_zipfile(file):
        raise ValueError(f"{file} must be a .keras file that `gan.save` wrote; it is damaged, or another kind of file")
    import_tensorflow()
    import keras

    from keras_gan.models.adversarial_model import AdversarialModel
    from keras_gan.utils.registration import register_with_keras

    register_with_keras()  # TensorFlow imported Keras half, before it could know our classes
    try:
        model = keras.models.load_model(file)
    except Exception as error:
        raise ValueError(f"{file} could not be loaded as a Keras model: {error}") from error
    if not isinstance(model, AdversarialModel):
        raise ValueError(f"{file} must hold a keras_gan.GAN, CycleGAN or Pix2Pix. Received: {type(model).__name__}")
    return model


def load_model(path: Path) -> GAN:
    """Load the GAN of a run, or of a file.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If the file is not a GAN that `gan.save` wrote.
    """
    model = load_trained(path)
    from keras_gan.models.gan import GAN

    if not isinstance(model, GAN):
        raise ValueError(
            f"{path} must hold a keras_gan.GAN, which draws from noise. Received: {type(model).__name__}, which "
            "translates images: `keras-gan translate` and `keras-gan export` take it"
        )
    return model


def load_translator(path: Path) -> TranslationModel:
    """Load the model of a run, or of a file, that translates images.

    Raises:
        FileNotFoundError: If there is none.
        ValueError: If the file is not such a model that its `save` wrote.
    """
    model = load_trained(path)
    from keras_gan.models.translation_model import TranslationModel

    if not isinstance(model, TranslationModel):
        raise ValueError(
            f"{path} must hold a keras_gan.CycleGAN or Pix2Pix, which translates images. "
            f"Received: {type(model).__name__}, which draws from noise: `keras-gan sample` takes it"
        )
    return model
