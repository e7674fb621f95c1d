"""Base class of callbacks that write a picture after each epoch."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import keras
import numpy as np

from keras_gan import images, plots
from keras_gan.errors import KerasGANWarning


class EpochPictures(keras.callbacks.Callback):
    """Base class for callbacks that write `epoch-0001.png`, `epoch-0002.png`, ... and an animation of them.

    `epoch-0000.png` shows the untrained model. Subclasses implement `images_to_show`. A picture that cannot be made
    does not stop the training: the callback warns once.

    Args:
        directory: Folder for the pictures. It is created if it is missing.
        every: Number of epochs between two pictures. The last epoch always has one. Defaults to 1.
        animation: Boolean. If `True`, the pictures are joined to `progress.gif` when training ends. Defaults to `True`.
        tensorboard: Folder for a copy of the pictures as TensorBoard events. Defaults to `None`.

    Raises:
        ValueError: If `every` is below 1.
    """

    row_titles: tuple[str, ...] = ()
    column_titles: tuple[str, ...] = ()
    groups: Sequence[int] = ()

    def __init__(
        self,
        directory: str | os.PathLike[str],
        every: int = 1,
        animation: bool = True,
        tensorboard: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        if every < 1:
            raise ValueError(f"`every` must be at least 1. Received: every={every}")
        self.directory = Path(directory)
        self.every = every
        self.animation = animation
        self.tensorboard = tensorboard
        self.latest: Path | None = None
        self._writer: Any = None
        self._epoch = 0
        self._failed = False

    def images_to_show(self) -> tuple[np.ndarray, int]:
        """Return the images of the next picture and the number of its columns.

        Returns:
            Float32 images (n, height, width, channels) in the model's `image_range`, sequences or vectors, and the
            number of columns.
        """
        raise NotImplementedError

    def on_train_begin(self, logs: Any = None) -> None:
        """Create the folder, and the picture of the model if it is untrained."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.tensorboard is not None:
            import tensorflow as tf

            self._writer = tf.summary.create_file_writer(str(self.tensorboard))
        if int(self.model.g_optimizer.iterations.numpy()) == 0:
            self._write(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write a picture, every `every` epochs."""
        self._epoch = epoch + 1
        if self._epoch % self.every == 0:
            self._write(self._epoch)

    def on_train_end(self, logs: Any = None) -> None:
        """Write the picture of the last epoch, if it is missing, and the animation."""
        if self._epoch % self.every:
            self._write(self._epoch)
        self.save_animation()
        if self._writer is not None:
            self._writer.close()

    def save_animation(self) -> None:
        """Join the pictures so far to `progress.gif`, also after an interruption."""
        pictures = sorted(self.directory.glob("epoch-*.png"))
        if self.animation and len(pictures) > 1:
            self._try(lambda: images.save_animation(self.directory / "progress.gif", pictures, seconds=0.25))

    def _try(self, make: Callable[[], None]) -> None:
        """Call a function that makes a picture. Warn once if it fails."""
        try:
            make()
        except Exception as error:
            if not self._failed:
                warnings.warn(
                    f"{type(self).__name__} could not make a picture, and the training goes on without it: {error}",
                    KerasGANWarning,
                    stacklevel=2,
                )
            self._failed = True

    def _write(self, epoch: int) -> None:
        self._try(lambda: self._write_picture(epoch))

    def _write_picture(self, epoch: int) -> None:
        shown, columns = self.images_to_show()
        path = self.directory / f"epoch-{epoch:04d}.png"
        if shown.ndim == 4:
            images.save_grid(
                path, shown, columns, self.model.image_range, self.row_titles, column_titles=self.column_titles
            )
        else:
            plots.save_plot(path, shown, columns, self.groups)
        self.latest = path
        if self._writer is not None:
            import tensorflow as tf

            of_images = shown.ndim == 4
            picture = images.grid(shown, columns, self.model.image_range) if of_images else plots.plot(shown, columns)
            with self._writer.as_default():
                tf.summary.image("samples", picture[None], step=epoch)
            self._writer.flush()
