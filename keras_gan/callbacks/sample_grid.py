"""`SampleGrid`: a callback that writes a grid of generated images after each epoch."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_gan.callbacks.epoch_pictures import EpochPictures
from keras_gan.callbacks.model_checks import check_has_method
from keras_gan.utils.class_names import headings


class SampleGrid(EpochPictures):
    """Callback that writes a grid of generated images as `epoch-0001.png`, `epoch-0002.png`, ...

    `epoch-0000.png` shows the untrained generator. All pictures use the same z. So each cell of the grid shows how one
    image changes during training.

    Args:
        directory: Folder for the pictures. It is created if it is missing.
        rows: Number of rows. Defaults to 8.
        columns: Number of columns. Defaults to `None`: one column for each class if the model has classes, and 8
            otherwise. The columns of classes with names have headings.
        seed: Integer that fixes the z. Defaults to 0.
        every: Number of epochs between two pictures. The last epoch always has one. Defaults to 1.
        animation: Boolean. If `True`, the pictures are joined to `progress.gif` when training ends. Defaults to `True`.
        tensorboard: Folder for a copy of the pictures as TensorBoard events. Defaults to `None`.

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
        super().__init__(directory, every, animation, tensorboard)
        if rows < 1 or (columns is not None and columns < 1):
            raise ValueError(f"`rows` and `columns` must be at least 1. Received: rows={rows}, columns={columns}")
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
        columns = self.columns or self.model.num_classes or 8
        self.column_titles = headings(self.model.class_names) if columns == self.model.num_classes else ()
        return self.model.generate(self.rows * columns, seed=self.seed), columns
