"""Loads paired images of two domains, as pix2pix trains on."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.datasets.argument_checks import channels_of_both, check_at_least, check_image_size, ranges_of_both
from keras_gan.datasets.batching import tf_datasets
from keras_gan.datasets.batching.domain_batches import DomainBatches
from keras_gan.datasets.batching.jitter import Jitter, final_size
from keras_gan.datasets.sources.pairs import channels_of, find_pairs

if TYPE_CHECKING:
    import tensorflow as tf


def load_paired(
    x: str | os.PathLike[str],
    y: str | os.PathLike[str] | None = None,
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: int | tuple[int | None, int | None] | None = 3,
    value_range: Any = None,
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
    """Loads pairs of images as batches to train a translation from x to y on.

    An epoch visits each pair once, except the last ones if they do not fill a batch. Both images of a pair get the
    same crop and flip. Orders, crops and flips depend only on `seed` and the number of the epoch. Each iteration is
    the next epoch, as in `load`.

    Args:
        x: Folder of images, or a packaged set such as "emoji/google". Without `y`, a folder of images with x in the
            left half and y in the right half.
        y: Folder of images with the same names, or the packaged set that corresponds, such as "emoji/twitter". The
            extensions of the files may differ. Files without a partner are skipped with a warning. Defaults to `None`.
        image_size: Height and width, or one number for squares, divisible by 4. The images are cropped to the largest
            central part of this aspect ratio, and resized. Defaults to `None`, the size of the images, which must all
            have the same size.
        channels: 1 for grey, 3 for colour, `None` for grey if most images are grey, or a pair of these for x and y.
            Transparent parts become white. Defaults to 3.
        value_range: The values of black and of white in images of more than 8 bits; see `load`. For different ranges a
            pair of ranges, for x and y. Defaults to `None`: the least and the greatest value of each domain.
        batch_size: Number of pairs in a batch. Defaults to 1.
        jitter: Boolean. If true, images are resized to 286/256 of their size and cropped at random. Defaults to `True`.
        flip: Boolean. If true, pairs are mirrored left to right with probability 1/2. Defaults to `True`.
        swap: Boolean. If true, x and y are exchanged. Defaults to `False`.
        split: Name of the split of packaged sets. Defaults to "train".
        shuffle: Boolean. If true, each epoch has another random order. Defaults to `True`.
        seed: Non-negative integer, the seed of orders, crops and flips. Defaults to 0.
        start_epoch: Epoch of the first iteration. Defaults to 0.
        limit: Largest number of pairs, spread evenly. Defaults to `None`, all pairs.

    Returns:
        A `tf.data.Dataset` of pairs (x_images, y_images), float32 in [-1, 1], each of shape (batch_size, height, width,
        channels). Its `len` is the number of batches in an epoch.

    Raises:
        ValueError: If an argument is out of range, `x` and `y` have no pairs, or no pair can be read. Also if the
            images differ in size and `image_size` is `None`, or there are fewer pairs than one batch.
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
    asked, ranges = channels_of_both(channels), ranges_of_both(value_range)
    image_size = check_image_size(image_size)
    check_at_least(1, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    pairs = find_pairs(x, y, split, limit)
    moves = Jitter(final_size(image_size, pairs.domains), jitter, flip)
    if swap:
        asked, ranges = asked[::-1], ranges[::-1]
    stored = channels_of(pairs, asked)
    depths = stored[::-1] if swap else stored
    both_images = pairs.images(moves.load_size, stored, ranges)
    epochs = DomainBatches([both_images], batch_size=batch_size, jitter=moves, shuffle=shuffle, seed=seed)
    if not epochs.steps:
        raise ValueError(f"Expected at least one batch of {batch_size} pairs. Received: {epochs.number} pairs")

    def batch(epoch: int, step: int) -> list[np.ndarray]:
        (both,) = epochs.batch(epoch, step)
        first, second = np.split(both, [stored[0]], axis=-1)
        return [second, first] if swap else [first, second]

    x_depth, y_depth = depths
    shapes = (batch_size, *moves.size, x_depth), (batch_size, *moves.size, y_depth)
    return tf_datasets.pair_batches(
        batch, steps=epochs.steps, start_epoch=start_epoch, shapes=shapes, dtypes=[both_images.dtype] * 2
    )
