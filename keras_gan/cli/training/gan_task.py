"""Training of a GAN that generates images from z."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.config import GANConfig

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_gan.callbacks import TrainingHealth
    from keras_gan.callbacks.epoch_pictures import EpochPictures
    from keras_gan.models.adversarial_model import AdversarialModel

# Images that the detection of failures compares.
COMPARED = 256


class GANTask:
    """Training of a GAN.

    Args:
        config: Config of the training.
    """

    next_command = "keras-gan walk {}"

    def __init__(self, config: GANConfig) -> None:
        self.config = config
        self.title = config.data.name

    def load(self, first_epoch: int) -> tf.data.Dataset:
        """Loads the batches, starting with an epoch."""
        from keras_gan import datasets

        data = self.config.data
        return datasets.load(
            data.name,
            image_size=data.image_size,
            batch_size=self.config.batch_size,
            labels=data.labels,
            limit=data.limit,
            seed=self.config.seed,
            start_epoch=first_epoch,
        )

    def new_model(self, spec: Any) -> AdversarialModel:
        """Builds the untrained model for data of an `element_spec`."""
        from keras_gan import datasets, presets

        data = self.config.data
        images = spec[0] if data.labels else spec
        classes = datasets.info(data.name).num_classes if data.labels else None
        return presets.build(self.config, tuple(images.shape[1:]), classes)

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """Returns the callback that saves images after each epoch."""
        from keras_gan import callbacks

        return callbacks.SampleGrid(folder, tensorboard=tensorboard)

    def health(self, log: Path) -> TrainingHealth:
        """Returns the callback that detects failures."""
        from keras_gan import callbacks, datasets

        data, held_out, health = self.config.data.name, self.config.data.held_out, self.config.health
        if held_out is None and ":" not in data and (split := datasets.info(data).test_split):
            held_out = f"{data}:{split}"
        real = self._images(data, self.config.data.limit)
        unseen = None if held_out is None else self._images(held_out, COMPARED)
        return callbacks.TrainingHealth(real, unseen, every=health.every, rollback=health.rollback, log=log)

    def _images(self, name: str, limit: int | None) -> Any:
        """Loads up to `COMPARED` shuffled images, with their labels for a class-conditional GAN."""
        import numpy as np

        from keras_gan import datasets

        labels = self.config.data.labels
        batches = datasets.load(
            name,
            image_size=self.config.data.image_size,
            batch_size=1,
            labels=labels,
            limit=limit,
            seed=self.config.seed,
        ).take(COMPARED)
        if labels:
            images, classes = zip(*((image.numpy(), label.numpy()) for image, label in batches), strict=True)
            return np.concatenate(images), np.concatenate(classes)
        return np.concatenate([image.numpy() for image in batches])
