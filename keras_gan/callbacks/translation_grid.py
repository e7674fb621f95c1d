"""A picture of the same images translated, after each epoch."""

from __future__ import annotations

import os
from typing import Any

import numpy as np

from keras_gan.callbacks.epoch_pictures import EpochPictures
from keras_gan.callbacks.model_checks import check_can
from keras_gan.images import to_float
from keras_gan.models.translation_model import TranslationModel


class TranslationGrid(EpochPictures):
    """Write `epoch-0001.png`, ... with a column for each image: x, G(x), F(G(x)), and the same from y.

    Of a `Pix2Pix` model, which has no F, the rows are x, G(x) and the true y.

    Args:
        directory: Where the pictures go; made if it is missing.
        x: Images of X, (n, height, width, channels), float32 in [-1, 1] or uint8; held-out ones tell most.
        y: Images of Y; of a `Pix2Pix` model those that belong to `x`. Defaults to `None`: only x is shown.
        every: Epochs from one picture to the next; the last epoch always gives one. Defaults to 1.
        animation: Join the pictures to `progress.gif` when training ends. Defaults to `True`.
        tensorboard: A folder for TensorBoard's images as well, or `None`. Defaults to `None`.

    Raises:
        ValueError: If `every` is below 1, or `x` and `y` are not as many images.

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
                "`x` must hold images, (n, height, width, channels), and `y` as many or be None. "
                f"Received: x of shape {self.x.shape}, y of shape {None if self.y is None else self.y.shape}"
            )

    def on_train_begin(self, logs: Any = None) -> None:
        """See that the model translates images, and begin."""
        check_can(
            self.model,
            "translate",
            "TranslationGrid shows what a keras_gan.CycleGAN or Pix2Pix makes of images; "
            "keras_gan.callbacks.SampleGrid shows what a GAN draws",
        )
        super().on_train_begin(logs)

    def draw(self) -> tuple[np.ndarray, int]:
        """The images and their translations, a column each."""
        rows = translated_rows(self.model, self.x, self.y)
        self.row_titles = tuple(rows)
        colours = max(images.shape[-1] for images in rows.values())
        return np.concatenate([np.broadcast_to(i, (*i.shape[:-1], colours)) for i in rows.values()]), len(self.x)


def translated_rows(model: TranslationModel, x: np.ndarray, y: np.ndarray | None = None) -> dict[str, np.ndarray]:
    """Images and their translations there and back, by what they are called.

    Args:
        model: A `CycleGAN` or a `Pix2Pix`.
        x: Float32 images of X in [-1, 1].
        y: Of Y. Defaults to `None`.
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
