"""Images of two domains without pairs, as CycleGAN learns from."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from keras_gan.datasets import pipeline, sources
from keras_gan.datasets.checks import check_at_least, check_channels
from keras_gan.datasets.epochs import Epochs
from keras_gan.datasets.jitter import Jitter, final_size

if TYPE_CHECKING:
    import tensorflow as tf


def load_unpaired(
    x: str | os.PathLike[str],
    y: str | os.PathLike[str],
    *,
    image_size: int | None = None,
    channels: int | tuple[int, int] = 3,
    batch_size: int = 1,
    jitter: bool = True,
    flip: bool = True,
    shift: bool = False,
    split: str = "train",
    shuffle: bool = True,
    seed: int = 0,
    start_epoch: int = 0,
    limit: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
) -> tf.data.Dataset:
    """Load the images of two domains as batches to translate between.

    An epoch meets each image of the larger domain once, less those that do not fill a batch, and goes through the
    smaller one as often as that takes, in a new order each time. Which images meet, and how they are cropped and
    mirrored, depends on `seed` and the epoch's number alone, and iterations count epochs, as with `load`.

    Args:
        x: A packaged set ("emoji/google"), a folder of images, or a TensorFlow Datasets name. A split may follow
            after a colon: "cycle_gan/horse2zebra:trainA".
        y: The other domain.
        image_size: The height and width of the images, divisible by 4. The images are cropped to their central square
            and resized. Defaults to `None`, their own, which must be the same for all.
        channels: 1 for grey, 3 for colour; or such a number for each domain. Defaults to 3.
        batch_size: How many images of each domain in a batch. Defaults to 1.
        jitter: Whether to resize the images to 286/256 of their size and to crop them at random. Defaults to `True`.
        flip: Whether to mirror images, left to right, by chance. Defaults to `True`.
        shift: Whether to move the images by up to a sixth of their size over white ground instead of cropping them: for
            single things on white, such as emoji or products, where a discriminator would else learn how near to the
            border each domain draws. Defaults to `False`.
        split: Which part of each set whose name tells none. Defaults to "train".
        shuffle: Whether to shuffle, anew each epoch. Defaults to `True`.
        seed: A non-negative integer that decides orders, crops and flips. Defaults to 0.
        start_epoch: The epoch of the first iteration. Defaults to 0.
        limit: Take this many images of each domain only, as `load` does. Defaults to `None`, all.
        data_dir: Where TensorFlow Datasets keeps its sets. Defaults to `None`, its own default.
        timeout: How many seconds a download may stand still. Defaults to 60.0.

    Returns:
        A `tf.data.Dataset` of pairs (x_images, y_images), float32 in [-1, 1], each of shape (batch_size, height, width,
        channels). Its `len` is the number of batches in an epoch.

    Raises:
        ValueError: If an argument is out of range, nothing bears a name, the images differ in size and `image_size` is
            `None`, no image of a domain can be read, or there are fewer images than one batch.
        ImportError: If a set needs a package that is not installed.
        RuntimeError: If a set of TensorFlow Datasets cannot be prepared.

    Example:
    ```python
    train = keras_gan.datasets.load_unpaired("emoji/google", "emoji/twitter", batch_size=4)
    horses, zebras = "cycle_gan/horse2zebra:trainA", "cycle_gan/horse2zebra:trainB"
    train = keras_gan.datasets.load_unpaired(horses, zebras, image_size=256)
    test = keras_gan.datasets.load_unpaired("photos", "monets", image_size=256, jitter=False, flip=False, shuffle=False)
    ```
    """
    depths = check_channels(channels)
    check_at_least(1, image_size=image_size, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    found = [sources.find_and_open(domain, split, limit, data_dir, timeout) for domain in (x, y)]
    moved = Jitter(final_size(image_size, [(each.name, each.image_shape) for each in found]), jitter, flip, shift)
    domains = [source.images(moved.load_size, depth)[0] for source, depth in zip(found, depths, strict=True)]
    epochs = Epochs(domains, batch_size=batch_size, jitter=moved, shuffle=shuffle, seed=seed)
    if not epochs.steps:
        told = " and ".join(f"{number} in {each.name}" for each, number in zip(found, epochs.numbers, strict=True))
        raise ValueError(f"Expected at least one batch of {batch_size} images. Received: {told}")
    x_depth, y_depth = depths
    shapes = (batch_size, *moved.size, x_depth), (batch_size, *moved.size, y_depth)
    return pipeline.pair_batches(epochs.batch, steps=epochs.steps, start_epoch=start_epoch, shapes=shapes)
