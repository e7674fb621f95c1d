"""`TranslationGrid`: a callback that writes a grid of translated images after each epoch."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_gan.callbacks.epoch_pictures import EpochPictures
from keras_gan.callbacks.model_checks import check_has_method
from keras_gan.images import to_float
from keras_gan.models.translation_model import TranslationModel


class TranslationGrid(EpochPictures):
    """Callback that writes `epoch-0001.png`, `epoch-0002.png`, ... with a column for each image.

    For a `CycleGAN` the rows are x, G(x), F(G(x)), y, F(y) and G(F(y)). For a `Pix2Pix` model they are x, G(x) and the
    true y.

    Args:
        directory: Folder for the pictures. It is created if it is missing.
        x: Images of domain X, (n, height, width, channels), float32 in [-1, 1] or uint8. Held-out images show the
            quality best.
        y: Images of domain Y, as many as `x`. For a `Pix2Pix` model they are the partners of `x`. Defaults to `None`:
            only the rows of x are written.
        every: Number of epochs between two pictures. The last epoch always has one. Defaults to 1.
        animation: Boolean. If `True`, the pictures are joined to `progress.gif` when training ends. Defaults to `True`.
        tensorboard: Folder for a copy of the pictures as TensorBoard events. Defaults to `None`.

    Raises:
        ValueError: If `every` is below 1, or `x` and `y` differ in number.

    Example:
    ```python
    grid = keras_gan.callbacks.TranslationGrid("samples", x=photos[:8], y=monets[:8])
    cyclegan.fit(dataset, epochs=200, callbacks=[grid])
    ```
    """

    def __init__(
        self,
        directory: str | os.PathLike[str],
        x: Any,
        y: Any = None,
        every: int = 1,
        animation: bool = True,
        tensorboard: str | os.PathLike[str] | None = None,
    ) -> None:
        super().__init__(directory, every, animation, tensorboard)
        self.x = to_float(x)
        self.y = None if y is None else to_float(y)
        if self.x.ndim != 4 or len(self.x) == 0 or (self.y is not None and len(self.y) != len(self.x)):
            raise ValueError(
                "`x` must be images of shape (n, height, width, channels), and `y` as many images or None. "
                f"Received: x of shape {self.x.shape}, y of shape {None if self.y is None else self.y.shape}"
            )

    def on_train_begin(self, logs: Any = None) -> None:
        """Check that the model translates images."""
        check_has_method(
            self.model,
            "translate",
            "TranslationGrid works with a keras_gan.CycleGAN or Pix2Pix. For a GAN use keras_gan.callbacks.SampleGrid",
        )
        super().on_train_begin(logs)

    def images_to_show(self) -> tuple[np.ndarray, int]:
        """Return the images and their translations, a column for each image."""
        rows = translated_rows(self.model, self.x, self.y)
        self.row_titles = tuple(rows)
        channels = max(images.shape[-1] for images in rows.values())
        return np.concatenate([np.broadcast_to(i, (*i.shape[:-1], channels)) for i in rows.values()]), len(self.x)


def translated_rows(model: TranslationModel, x: np.ndarray, y: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Return images and their translations there and back, by the titles of their rows.

    Args:
        model: `CycleGAN` or `Pix2Pix`.
        x: Images of X, float32 in [-1, 1].
        y: Images of Y, float32 in [-1, 1]. Defaults to `None`.
    """
    rows = {"x": x, "G(x)": model.translate(x)}
    if "f" in model.generators:
        rows["F(G(x))"] = model.translate(rows["G(x)"], "f")
    if y is not None:
        rows["y"] = y
        if "f" in model.generators:
            rows["F(y)"] = model.translate(y, "f")
            rows["G(F(y))"] = model.translate(rows["F(y)"], "g")
    return rows
