"""A picture of what the generator draws, after each epoch, always from the same noise."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_gan.callbacks.epoch_pictures import EpochPictures
from keras_gan.callbacks.model_checks import check_can


class SampleGrid(EpochPictures):
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
        super().__init__(directory, every, animation, tensorboard)
        if rows < 1 or (columns is not None and columns < 1):
            raise ValueError(f"`rows` and `columns` must be at least 1. Received: rows={rows}, columns={columns}")
        self.rows = rows
        self.columns = columns
        self.seed = seed

    def on_train_begin(self, logs: Any = None) -> None:
        """See that the model draws from noise, and begin."""
        check_can(
            self.model,
            "generate",
            "SampleGrid shows what a keras_gan.GAN draws; keras_gan.callbacks.TranslationGrid shows translations",
        )
        super().on_train_begin(logs)

    def draw(self) -> tuple[np.ndarray, int]:
        """The images of the fixed z."""
        columns = self.columns or self.model.num_classes or 8
        return self.model.generate(self.rows * columns, seed=self.seed), columns
