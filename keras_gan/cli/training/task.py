"""Data, model and callbacks of a training, for each kind of model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from keras_gan.cli.training.gan_task import GANTask
from keras_gan.cli.training.translation_task import TranslationTask
from keras_gan.config import GANConfig, TrainingConfig
from keras_gan.config.translation import TranslationConfig

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_gan.callbacks import TrainingHealth
    from keras_gan.callbacks.epoch_pictures import EpochPictures
    from keras_gan.models.adversarial_model import AdversarialModel

Config = TypeVar("Config", bound=TrainingConfig)
# Fields of the data that name a set or a folder.
PLACES = ("name", "held_out", "x", "y", "test_x", "test_y")


class Task(Protocol):
    """Training of one kind of model.

    Attributes:
        title: Names of the data.
        next_command: Command to try after the training. "{}" stands for the run's folder.
    """

    title: str
    next_command: str

    def load(self, first_epoch: int) -> tf.data.Dataset:
        """Loads the batches, starting with an epoch."""
        ...

    def new_model(self, spec: Any) -> AdversarialModel:
        """Builds the untrained model for data of an `element_spec`."""
        ...

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """Returns the callback that saves images after each epoch."""
        ...

    def health(self, log: Path) -> TrainingHealth | None:
        """Returns the callback that detects failures, or `None` if there is none for this kind of model."""
        ...


def task_of(config: TrainingConfig) -> Task:
    """Returns the task of a config."""
    if isinstance(config, GANConfig):
        return GANTask(config)
    assert isinstance(config, TranslationConfig)
    return TranslationTask(config)


def resolved(config: Config) -> Config:
    """Returns a config with absolute folders and with the test splits of packaged sets.

    Args:
        config: Config as the user gave it.

    Raises:
        ValueError: If a domain of a translation is missing.
    """
    if isinstance(config, TranslationConfig):
        config.check_data()
    given = {name: getattr(config.data, name, None) for name in PLACES}
    places = {name: absolute(value) for name, value in given.items() if value is not None}
    for domain in ("x", "y"):
        if domain in places and f"test_{domain}" not in places:
            places |= {f"test_{domain}": split for split in [_test_split(places[domain])] if split is not None}
    return config.model_copy(update={"data": config.data.model_copy(update=places)})


def absolute(data: str) -> str:
    """Returns the absolute path of a folder, and other names unchanged, so that a run resumes from any folder."""
    from keras_gan.datasets.catalogue import PACKAGED

    folder = Path(data).expanduser()
    return str(folder.resolve()) if data not in PACKAGED and folder.is_dir() else data


def _test_split(data: str) -> str | None:
    from keras_gan.datasets.catalogue import PACKAGED

    split = PACKAGED[data].info().test_split if data in PACKAGED else None
    return f"{data}:{split}" if split else None
