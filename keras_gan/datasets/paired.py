"""Images of two domains that correspond, as pix2pix learns from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.datasets import pipeline
from keras_gan.datasets.checks import check_at_least, check_channels
from keras_gan.datasets.epochs import Epochs
from keras_gan.datasets.jitter import Jitter, final_size
from keras_gan.datasets.pairs import find_pairs

if TYPE_CHECKING:
    import tensorflow as tf


def load_paired(
    x: str | os.PathLike[str],
    y: str | os.PathLike[str] | None = None,
    *,
    image_size: int | None = None,
    channels: int | tuple[int, int] = 3,
    batch_size: int = 1,
    jitter: bool = True,
    flip: bool = True,
    swap: bool = False,
    split: str = "train",
    shuffle: bool = True,
    seed: int = 0,
    start_epoch: int = 0,
    limit: int | None = None,
) -> tf.data.Dataset:
    """Load pairs of images that correspond as batches to translate from x to y.

    An epoch meets each pair once, less those that do not fill a batch; both of a pair are cropped and mirrored alike.
    The order of an epoch, and the crops, depend on `seed` and the epoch's number alone, and iterations count epochs,
    as with `load`.

    Args:
        x: A folder of images, or a part of a packaged set ("emoji/google"). Without `y`, a folder of images that hold
            x on their left half and y on their right half.
        y: A folder with images of the same names (their extensions may differ; those without a partner are left out
            with a warning), or the set's other part ("emoji/twitter"). Defaults to `None`.
        image_size: The height and width of the images, divisible by 4. The images are cropped to their central square
            and resized. Defaults to `None`, their own, which must be the same for all.
        channels: 1 for grey, 3 for colour; or such a number for each domain. Defaults to 3.
        batch_size: How many pairs in a batch. Defaults to 1.
        jitter: Whether to resize the images to 286/256 of their size and to crop them at random. Defaults to `True`.
        flip: Whether to mirror pairs, left to right, by chance. Defaults to `True`.
        swap: Whether to exchange x and y. Defaults to `False`.
        split: Which part of a packaged set. Defaults to "train".
        shuffle: Whether to shuffle, anew each epoch. Defaults to `True`.
        seed: A non-negative integer that decides orders, crops and flips. Defaults to 0.
        start_epoch: The epoch of the first iteration. Defaults to 0.
        limit: Take this many pairs only, spread evenly. Defaults to `None`, all.

    Returns:
        A `tf.data.Dataset` of pairs (x_images, y_images), float32 in [-1, 1], each of shape (batch_size, height, width,
        channels). Its `len` is the number of batches in an epoch.

    Raises:
        ValueError: If an argument is out of range, `x` and `y` have no pairs, the images differ in size and
            `image_size` is `None`, no pair can be read, or there are fewer pairs than one batch.
        ImportError: If a set needs a package that is not installed.

    Example:
    ```python
    train = keras_gan.datasets.load_paired("sketches", "photos", image_size=256)
    facades = keras_gan.datasets.load_paired("facades/train", image_size=256, swap=True)  # labels, on the right, are x
    test = keras_gan.datasets.load_paired(
        "emoji/google", "emoji/twitter", split="test", jitter=False, flip=False, shuffle=False
    )
    ```
    """
    depths = check_channels(channels)
    check_at_least(1, image_size=image_size, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    pairs = find_pairs(x, y, split, limit)
    moved = Jitter(final_size(image_size, pairs.domains), jitter, flip)
    stored = depths[::-1] if swap else depths
    epochs = Epochs(
        [pairs.images(moved.load_size, stored)], batch_size=batch_size, jitter=moved, shuffle=shuffle, seed=seed
    )
    if not epochs.steps:
        raise ValueError(f"Expected at least one batch of {batch_size} pairs. Received: {epochs.number} pairs")

    def batch(epoch: int, step: int) -> list[np.ndarray]:
        (both,) = epochs.batch(epoch, step)
        first, second = np.split(both, [stored[0]], axis=-1)
        return [second, first] if swap else [first, second]

    x_depth, y_depth = depths
    shapes = (batch_size, *moved.size, x_depth), (batch_size, *moved.size, y_depth)
    return pipeline.pair_batches(batch, steps=epochs.steps, start_epoch=start_epoch, shapes=shapes)
