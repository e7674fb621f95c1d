"""A picture of what the generator draws, after each epoch, always from the same noise."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import keras

from keras_gan import images


class SampleGrid(keras.callbacks.Callback):
    """Write a grid of images from fixed z as `epoch-0001.png`, `epoch-0002.png`, ...; `epoch-0000.png` is untrained.

    The z never change, so a place in the grid can be followed from picture to picture, and in `progress.gif`.

    Args:
        directory: Where the pictures go; made if it is missing.
        rows: Rows of the grid. Defaults to 8.
        columns: Columns of the grid. Of a model with `num_classes` each column shows one class, so that many is the
            default; else 8.
        seed: Fixes the z. Defaults to 0.
        every: Epochs from one picture to the next; the last epoch always gives one. Defaults to 1.
        animation: Join the pictures to `progress.gif` when training ends. Defaults to `True`.
        tensorboard: A folder for TensorBoard's images as well, or `None`. Defaults to `None`.

    Raises:
        ValueError: If `rows`, `columns` or `every` is below 1.

    Example:
    ```python
    gan.fit(dataset, epochs=20, callbacks=[keras_gan.callbacks.SampleGrid("samples")])
    ```
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        rows: int = 8,
        columns: int | None = None,
        seed: int = 0,
        every: int = 1,
        animation: bool = True,
        tensorboard: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__()
        if rows < 1 or every < 1 or (columns is not None and columns < 1):
            raise ValueError(
                "`rows`, `columns` and `every` must be at least 1. "
                f"Received: rows={rows}, columns={columns}, every={every}"
            )
        self.directory = Path(directory)
        self.rows = rows
        self.columns = columns
        self.seed = seed
        self.every = every
        self.animation = animation
        self.tensorboard = tensorboard
        self.latest: Path | None = None
        self._writer: Any = None
        self._epoch = 0

    def on_train_begin(self, logs: Any = None) -> None:
        """Make the folder, and the picture of the untrained generator if training starts from nothing."""
        self.directory.mkdir(parents=True, exist_ok=True)
        if self.tensorboard is not None:
            import tensorflow as tf

            self._writer = tf.summary.create_file_writer(str(self.tensorboard))
        if int(self.model.g_optimizer.iterations) == 0:
            self._write(0)

    def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
        """Write the epoch's picture."""
        self._epoch = epoch + 1
        if self._epoch % self.every == 0:
            self._write(self._epoch)

    def on_train_end(self, logs: Any = None) -> None:
        """Write the last picture if it is missing, and the animation."""
        if self._epoch % self.every:
            self._write(self._epoch)
        pictures = sorted(self.directory.glob("epoch-*.png"))
        if self.animation and len(pictures) > 1:
            images.save_animation(self.directory / "progress.gif", pictures, seconds=0.25)
        if self._writer is not None:
            self._writer.close()

    def _write(self, epoch: int) -> None:
        columns = self.columns or self.model.num_classes or 8
        drawn = self.model.generate(self.rows * columns, seed=self.seed)
        self.latest = self.directory / f"epoch-{epoch:04d}.png"
        images.save_grid(self.latest, drawn, columns, self.model.image_range)
        if self._writer is not None:
            import tensorflow as tf

            picture = images.grid(drawn, columns, self.model.image_range)
            with self._writer.as_default():
                tf.summary.image("samples", picture[None], step=epoch)
            self._writer.flush()
