"""`SampleGrid`: a callback that writes a grid of generated images after each epoch."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_gan import plots
from keras_gan.callbacks.epoch_pictures import EpochPictures
from keras_gan.callbacks.model_checks import check_has_method
from keras_gan.utils.class_names import headings

POINTS = 1000  # in a plane


class SampleGrid(EpochPictures):
    """Callback that writes a grid of generated images as `epoch-0001.png`, `epoch-0002.png`, ...

    `epoch-0000.png` shows the untrained generator. All pictures use the same z. So each cell of the grid shows how one
    image changes during training.

    Vectors of two numbers are shown as points in a plane, other vectors and sequences as curves. With `rate`, the
    sequences of the first row are also written as `sample-1.wav`, `sample-2.wav`, ... after each epoch.

    Args:
        directory: Folder for the pictures. It is created if it is missing.
        rows: Number of rows. Defaults to 8.
        columns: Number of columns. Defaults to `None`: one column for each class if the model has classes, and 8
            otherwise. The columns of classes with names have headings.
        seed: Integer that fixes the z. Defaults to 0.
        every: Number of epochs between two pictures. The last epoch always has one. Defaults to 1.
        animation: Boolean. If `True`, the pictures are joined to `progress.gif` when training ends. Defaults to `True`.
        tensorboard: Folder for a copy of the pictures as TensorBoard events. Defaults to `None`.
        rate: Sample rate of audio in Hz, for WAV files. Defaults to `None`, no WAV files.

    Raises:
        ValueError: If `rows`, `columns`, `every` or `rate` is below 1.

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
        rate: int | None = None,
    ) -> None:
        super().__init__(directory, every, animation, tensorboard)
        if rows < 1 or (columns is not None and columns < 1):
            raise ValueError(f"`rows` and `columns` must be at least 1. Received: rows={rows}, columns={columns}")
        if rate is not None and rate < 1:
            raise ValueError(f"`rate` must be at least 1. Received: rate={rate}")
        self.rate = rate
        self.rows = rows
        self.columns = columns
        self.seed = seed

    def on_train_begin(self, logs: Any = None) -> None:
        """Check that the model generates images from z."""
        check_has_method(
            self.model,
            "generate",
            "SampleGrid works with a keras_gan.GAN. For translations use keras_gan.callbacks.TranslationGrid",
        )
        super().on_train_begin(logs)

    def images_to_show(self) -> tuple[np.ndarray, int]:
        """Return the images of the fixed z."""
        kinds = self.model.num_classes or self.model.num_attributes
        columns = self.columns or kinds or 8
        names = headings(self.model.class_names) or self.model.attribute_names
        self.column_titles = names if columns == kinds else ()
        in_plane = self.model.image_shape == (2,)
        number = POINTS if in_plane else self.rows * columns
        self.groups = [i % self.model.num_classes for i in range(number)] if self.model.num_classes else ()
        shown = self.model.generate(number, seed=self.seed)
        if self.rate is not None and shown.ndim == 3:
            for number, sequence in enumerate(shown[:columns], 1):
                plots.save_wav(self.directory / f"sample-{number}.wav", sequence, self.rate)
        return shown, columns
