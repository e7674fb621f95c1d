"""Training of a GAN that generates images from z."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.config import GANConfig
from keras_gan.config.image_size import size_argument

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
            **self._reading,
            batch_size=self.config.batch_size,
            labels=data.labels,
            limit=data.limit,
            seed=self.config.seed,
            start_epoch=first_epoch,
        )

    @property
    def _reading(self) -> dict[str, Any]:
        """Returns the arguments of `load` that decide how an image is read."""
        data = self.config.data
        values = None if data.value_range is None else (data.value_range[0], data.value_range[1])
        return {"image_size": size_argument(data.image_size), "channels": data.channels, "value_range": values}

    def new_model(
        self, spec: Any, class_names: tuple[str, ...] = (), attribute_names: tuple[str, ...] = ()
    ) -> AdversarialModel:
        """Builds the untrained model for data of an `element_spec`, with the names of their classes or attributes."""
        from keras_gan import presets

        labels = self.config.data.labels
        images = spec[0] if labels else spec
        shape = tuple(images.shape[1:])
        if labels and attribute_names:
            return presets.build(self.config, shape, attribute_names=attribute_names)
        names = class_names if labels else ()
        return presets.build(self.config, shape, len(names) or None, class_names=names)

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """Returns the callback that saves images after each epoch."""
        from keras_gan import callbacks
        from keras_gan.datasets.sources import lookup

        kind, name, _ = lookup.find(self.config.data.name)
        rate = getattr(lookup.open_local(kind, Path(name)), "rate", None) if kind == "folder" else None
        return callbacks.SampleGrid(folder, tensorboard=tensorboard, rate=rate)

    def health(self, log: Path) -> TrainingHealth:
        """Returns the callback that detects failures."""
        from keras_gan import callbacks, datasets

        data, held_out, health = self.config.data.name, self.config.data.held_out, self.config.health
        if held_out is None and ":" not in data and (split := datasets.info(data).test_split):
            held_out = f"{data}:{split}"
        unseen = None if held_out is None else self._held_out_images(held_out)
        return callbacks.TrainingHealth(
            self._training_images(),
            unseen,
            every=health.every,
            rollback=health.rollback,
            log=log,
            epochs=self.config.epochs,
        )

    def _training_images(self) -> Any:
        """Returns up to `COMPARED` shuffled images, with their labels for a class-conditional GAN."""
        import numpy as np

        batches = [
            [part.numpy() for part in (batch if self.config.data.labels else (batch,))]
            for batch in self.load(0).take(-(-COMPARED // self.config.batch_size))
        ]
        parts = tuple(np.concatenate(part)[:COMPARED] for part in zip(*batches, strict=True))
        return parts if self.config.data.labels else parts[0]

    def _held_out_images(self, name: str) -> Any:
        from keras_gan import datasets
        from keras_gan.datasets.sources import lookup

        reading = self._reading
        if lookup.find(name).kind not in ("folder", "file"):
            reading["value_range"] = None  # of sets known by name, which have 8 bits or a range of their own
        images, labels = datasets.load_arrays(name, **reading, limit=COMPARED)
        if self.config.data.labels and labels is None:
            raise ValueError(f"Expected held-out images with labels. Received: {name!r}, a set without labels")
        return (images, labels) if self.config.data.labels else images
