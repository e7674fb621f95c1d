"""Training of a CycleGAN or a pix2pix model."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from keras_gan.config import CycleGANConfig, Pix2PixConfig, TrainingConfig
from keras_gan.config.cyclegan import UnpairedData
from keras_gan.config.image_size import size_argument
from keras_gan.config.translation import TranslationConfig

if TYPE_CHECKING:
    import tensorflow as tf

    from keras_gan.callbacks.epoch_pictures import EpochPictures
    from keras_gan.models.adversarial_model import AdversarialModel

# Held-out images in the pictures of a translation.
SHOWN = 8


class TranslationTask:
    """Training of a model that translates images.

    Args:
        config: Config of the training.
    """

    next_command = "keras-gan translate {} --input DIR --output DIR"

    def __init__(self, config: TranslationConfig) -> None:
        self.config = config
        self.title = " and ".join(name for name in (config.data.x, config.data.y) if name is not None)

    def load(self, first_epoch: int) -> tf.data.Dataset:
        """Loads the batches, starting with an epoch."""
        from keras_gan import datasets

        data = self.config.data
        options: dict[str, Any] = {**self._reading, "limit": data.limit}
        options |= {"jitter": data.jitter, "flip": data.flip, "batch_size": self.config.batch_size}
        options |= {"seed": self.config.seed, "start_epoch": first_epoch}
        if isinstance(self.config, Pix2PixConfig):
            return datasets.load_paired(str(data.x), data.y, **options)
        if isinstance(data, UnpairedData):
            options["shift"] = data.shift
        return datasets.load_unpaired(str(data.x), str(data.y), **options)

    @property
    def _reading(self) -> dict[str, Any]:
        """Returns the arguments of the loaders that decide how an image is read."""
        data = self.config.data
        stated = self._of("x", "value_range"), self._of("y", "value_range")
        ranges = tuple(None if one is None else (one[0], one[1]) for one in stated)
        return {
            "image_size": size_argument(data.image_size),
            "channels": (self._of("x", "channels"), self._of("y", "channels")),
            "value_range": None if ranges == (None, None) else ranges,
        }

    def _of(self, domain: str, field: str) -> Any:
        """Returns a field of a domain, or else that of both. Halves of one image have that of X."""
        own = getattr(self.config.data, f"{domain}_{field}")
        both = getattr(self.config.data, field)
        halves = self.config.data.y is None and domain == "y"
        return own or both or (getattr(self.config.data, f"x_{field}") if halves else None)

    def new_model(
        self, spec: Any, class_names: tuple[str, ...] = (), attribute_names: tuple[str, ...] = ()
    ) -> AdversarialModel:
        """Builds the untrained model for data of an `element_spec`. It has no labels."""
        from keras_gan import presets

        x, y = (tuple(one.shape[1:]) for one in spec)
        return presets.build(self.config, x, output_channels=y[-1])

    def pictures(self, folder: Path, tensorboard: Path | None) -> EpochPictures:
        """Returns the callback that saves translated images after each epoch."""
        from keras_gan import callbacks

        x, y = self.held_out(SHOWN)
        n = min(len(x), len(y))
        return callbacks.TranslationGrid(folder, x[:n], y[:n], tensorboard=tensorboard)

    def health(self, log: Path) -> None:
        """Returns `None`: failures of translation models are not detected."""

    @property
    def holds_out(self) -> bool:
        """`True` if there are images that the model is not trained on."""
        return self.config.data.test_x is not None

    def held_out(self, limit: int | None = None, paired: bool = False) -> tuple[Any, Any]:
        """Loads held-out images of X and Y, or training images if none are held out.

        Args:
            limit: Largest number of images of each domain. Defaults to `None`, all.
            paired: Load pairs only, which folders show by equal names. Pix2pix always does. Defaults to `False`.
        """
        import numpy as np

        from keras_gan import datasets

        data = self.config.data
        reading = self._reading
        options: dict[str, Any] = {"limit": limit, "batch_size": 1, "shuffle": False}
        x, y = data.test_x or data.x, data.test_y or data.y
        if data.test_x and not data.test_y and not data.y:
            y = None  # one folder of images side by side
        if isinstance(self.config, Pix2PixConfig) or paired:
            pairs = datasets.load_paired(str(x), y, jitter=False, flip=False, **reading, **options)
            found_x, found_y = zip(*((a.numpy(), b.numpy()) for a, b in pairs), strict=True)
            return np.concatenate(found_x), np.concatenate(found_y)
        ranges = reading["value_range"] or (None, None)
        of_x, of_y = (
            datasets.load(
                str(name), image_size=reading["image_size"], channels=channels or 3, value_range=values, **options
            )
            for name, channels, values in zip((x, y), reading["channels"], ranges, strict=True)
        )
        return np.concatenate([images.numpy() for images in of_x]), np.concatenate([images.numpy() for images in of_y])


def for_evaluation(
    config: TrainingConfig | None, x: str | None, y: str | None, image_size: int | list[int] | None
) -> TranslationConfig:
    """Returns a config whose held-out images are those to evaluate on.

    Args:
        config: Config of the run, or `None` for an exported model.
        x: Images of X instead of the run's.
        y: Images of Y instead of the run's.
        image_size: Size in pixels, as one number or two, instead of the run's.

    Raises:
        ValueError: If only one of `x` and `y` is given.
    """
    from keras_gan.cli.training.data_places import absolute

    known = config if isinstance(config, TranslationConfig) else CycleGANConfig()
    if (x is None) != (y is None) and known.data.y:
        raise ValueError(f"--x and --y must be given together. Received: x={x}, y={y}")
    given = {"test_x": x and absolute(x), "test_y": y and absolute(y), "image_size": image_size}
    changed = {name: value for name, value in given.items() if value is not None}
    return known.model_copy(update={"data": known.data.model_copy(update=changed)})


def are_pairs(config: TranslationConfig) -> bool:
    """Returns `True` if the images of X and Y are known to correspond, as those of pix2pix and of packaged sets."""
    from keras_gan.datasets.catalogue import PACKAGED

    if isinstance(config, Pix2PixConfig):
        return True
    data = config.data
    names = [str(place).partition(":") for place in (data.test_x or data.x, data.test_y or data.y)]
    (x, _, split_x), (y, _, split_y) = names
    return split_x == split_y and x in PACKAGED and y in PACKAGED[x].info().pairs_with
