"""Data, model and callbacks of a training, for each kind of model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from keras_gan.cli.training.gan_task import GANTask
from keras_gan.cli.training.translation_task import TranslationTask
from keras_gan.config import GANConfig, TrainingConfig
from keras_gan.config.translation import TranslationConfig

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_gan.callbacks import TrainingHealth
    from keras_gan.callbacks.epoch_pictures import EpochPictures
    from keras_gan.models.adversarial_model import AdversarialModel


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

    def new_model(
        self, spec: Any, class_names: tuple[str, ...] = (), attribute_names: tuple[str, ...] = ()
    ) -> AdversarialModel:
        """Builds the untrained model for data of an `element_spec`, with the names of their classes or attributes."""
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
