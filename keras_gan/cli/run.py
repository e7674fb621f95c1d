"""Folder of a run, with RUN/gan.keras, RUN/config.yaml, RUN/samples/ and RUN/history.csv."""

from __future__ import annotations

import contextlib
import os
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from keras_gan import pretrained
from keras_gan.cli.models.packaged import PACKAGED_HELP
from keras_gan.utils.extras import install_hint
from keras_gan.utils.folder_lock import lock_folder
from keras_gan.utils.run_files import MODEL

if TYPE_CHECKING:
    from keras_gan.config import TrainingConfig
    from keras_gan.models.adversarial_model import AdversarialModel
    from keras_gan.models.gan import GAN
    from keras_gan.models.translation_model import TranslationModel

ModelPath = Annotated[
    Path,
    typer.Argument(
        help="Folder of a run, or .keras file of a model. " + PACKAGED_HELP, show_default=False, metavar="MODEL"
    ),
]


class Run:
    """Paths of the files in the folder of a run.

    Args:
        folder: Folder of the run.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.model = folder / MODEL
        self.config = folder / "config.yaml"
        self.data = folder / "data.json"
        self.samples = folder / "samples"
        self.history = folder / "history.csv"
        self.health = folder / "health.jsonl"
        self.health_summary = folder / "health_summary.json"
        self.tensorboard = folder / "tensorboard"
        self.evaluation = folder / "evaluation.json"
        self.neighbours = folder / "neighbours.png"
        self.walk = folder / "walk"
        self.report = folder / "report.html"

    def read_config(self) -> TrainingConfig | None:
        """Returns the config that the run was started with; `None` if a script made the run.

        Raises:
            ConfigError: If the file is not a config.
        """
        from keras_gan import config

        return config.load(self.config) if self.config.exists() else None

    @contextlib.contextmanager
    def alone(self) -> Iterator[None]:
        """Locks the folder, so that no other process trains in it.

        Raises:
            FileExistsError: If another process trains in the folder.
        """
        try:
            lock = lock_folder(self.folder.resolve())
        except BlockingIOError:
            raise FileExistsError(
                f"Another process trains in {self.folder}. Wait for it, or pass another --output"
            ) from None
        try:
            yield
        finally:
            if lock is not None:
                os.close(lock)

    def remove_unfinished(self) -> None:
        """Deletes the temporary files of a killed process."""
        for path in self.folder.glob(".*.*/*"):
            if path.parent.name.startswith(f".{path.name}."):
                path.unlink()
                path.parent.rmdir()


def import_tensorflow() -> None:
    """Imports TensorFlow and initialises its devices without the lines that it logs.

    Raises:
        ImportError: If TensorFlow is not installed.
    """
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
    """Loads a model of any kind.

    Args:
        path: Folder of a run, a `.keras` file, or the name of a GAN of the package.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not a model of keras_gan.
    """
    if pretrained.find(path) is not None:
        import_tensorflow()
        packaged: AdversarialModel = pretrained.load(path)
        return packaged
    file = Run(path).model if path.is_dir() else path
    if not file.exists():
        raise FileNotFoundError(
            f"There is no model at {file}. Train one with `keras-gan train --output RUN`, which writes RUN/gan.keras"
        )
    if not zipfile.is_zipfile(file):
        raise ValueError(f"Expected a .keras file that `gan.save` wrote. Received: {file}, damaged or of another kind")
    import_tensorflow()
    import keras

    from keras_gan.models.adversarial_model import AdversarialModel
    from keras_gan.utils.registration import register_with_keras

    register_with_keras()  # while TensorFlow imports Keras, our classes cannot be registered
    try:
        model = keras.models.load_model(file)
    except Exception as error:
        raise ValueError(f"{file} could not be loaded as a Keras model: {error}") from error
    if not isinstance(model, AdversarialModel):
        raise ValueError(f"{file} must hold a keras_gan.GAN, CycleGAN or Pix2Pix. Received: {type(model).__name__}")
    return model


def load_model(path: Path) -> GAN:
    """Loads a GAN.

    Args:
        path: Folder of a run, or a `.keras` file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not a GAN.
    """
    model = load_trained(path)
    from keras_gan.models.gan import GAN

    if not isinstance(model, GAN):
        raise ValueError(
            f"{path} must hold a keras_gan.GAN, which generates images from z. Received: {type(model).__name__}, "
            "which translates images. Use `keras-gan translate` or `keras-gan export`"
        )
    return model


def load_translator(path: Path) -> TranslationModel:
    """Loads a model that translates images.

    Args:
        path: Folder of a run, or a `.keras` file.

    Raises:
        FileNotFoundError: If there is no such file.
        ValueError: If the file is not a model that translates images.
    """
    model = load_trained(path)
    from keras_gan.models.translation_model import TranslationModel

    if not isinstance(model, TranslationModel):
        raise ValueError(
            f"{path} must hold a keras_gan.CycleGAN or Pix2Pix, which translates images. "
            f"Received: {type(model).__name__}, which generates images from z. Use `keras-gan sample`"
        )
    return model
