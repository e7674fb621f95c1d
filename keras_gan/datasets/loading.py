"""The one way in: from a name or a folder to batches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.datasets import folder, pipeline, sources, tfds
from keras_gan.datasets.catalogue import PACKAGED, DatasetInfo, packaged
from keras_gan.datasets.checks import check_at_least

if TYPE_CHECKING:
    import tensorflow as tf


def load(
    name_or_folder: str | os.PathLike[str],
    *,
    image_size: int | None = None,
    channels: int | None = None,
    batch_size: int = 64,
    labels: bool = False,
    split: str = "train",
    shuffle: bool = True,
    seed: int = 0,
    start_epoch: int = 0,
    limit: int | None = None,
    data_dir: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
) -> tf.data.Dataset:
    """Load images as batches to train on.

    The order of an epoch depends on `seed` and the epoch's number alone. The first iteration over the dataset is the
    epoch `start_epoch`, the next iteration the next epoch (a glance at one batch counts as an iteration). So a run
    resumed at epoch E with `start_epoch=E` meets the batches it would have met without the interruption. Each epoch
    leaves out the images that do not fill a batch, other ones each time.

    Args:
        name_or_folder: A packaged set (see `available`), a folder of images, or a TensorFlow Datasets name such as
            "cifar10" or "cycle_gan/horse2zebra" ("tfds:cifar10" where a folder bears the name). In a folder, each
            sub-folder is a class, and files that cannot be decoded are left out with a warning.
        image_size: The height and width of the images, which are cropped to their central square and resized.
            Defaults to `None`, their own.
        channels: 1 for grey, 3 for colour. Defaults to `None`, those of the images.
        batch_size: How many images in a batch. Defaults to 64.
        labels: Whether to give the labels too. Defaults to `False`.
        split: Which part of the set: folders have "train" alone. A split that the name tells, as in
            "emoji/google:test", comes first. Defaults to "train".
        shuffle: Whether to shuffle, anew each epoch. Defaults to `True`.
        seed: A non-negative integer that decides the orders. Defaults to 0.
        start_epoch: The epoch of the first iteration. Defaults to 0.
        limit: Take this many images only, spread evenly over the set (the first ones of a TensorFlow Datasets set,
            which is stored shuffled). Defaults to `None`, all.
        data_dir: Where TensorFlow Datasets keeps its sets. Defaults to `None`, its own default.
        timeout: How many seconds a download may stand still. Defaults to 60.0.

    Returns:
        A `tf.data.Dataset` of float32 images in [-1, 1], shape (batch_size, height, width, channels), or of pairs of
        such images and int32 labels. Its `len` is the number of batches in an epoch.

    Raises:
        ValueError: If an argument is out of range, nothing bears that name, no image can be read, or there are
            fewer images than one batch.
        ImportError: If the set needs a package that is not installed.
        RuntimeError: If a set of TensorFlow Datasets cannot be prepared.

    Example:
    ```python
    dataset = keras_gan.datasets.load("digits", image_size=32, batch_size=64, labels=True)
    real, classes = next(iter(dataset))  # (64, 32, 32, 1), (64,)
    ```
    """
    if channels not in (None, 1, 3):
        raise ValueError(f"`channels` must be 1, 3 or None. Received: channels={channels}")
    check_at_least(1, image_size=image_size, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    source = sources.find_and_open(name_or_folder, split, limit, data_dir, timeout)
    feed = source.feed(image_size, channels)
    if labels and not feed.has_labels:
        raise ValueError(f"Expected {source.name!r} to have labels. Received: labels=True for a set without any")
    if feed.number < batch_size:
        raise ValueError(
            f"Expected at least one batch of {batch_size} images. Received: {feed.number} images in {source.name!r}"
        )
    return pipeline.batches(
        feed, batch_size=batch_size, labels=labels, shuffle=shuffle, seed=seed, start_epoch=start_epoch
    )


def info(name_or_folder: str | os.PathLike[str], *, data_dir: str | os.PathLike[str] | None = None) -> DatasetInfo:
    """Describe a data set without reading or downloading its images.

    Args:
        name_or_folder: See `load`. Of the images in a folder the headers are read.
        data_dir: See `load`. Defaults to `None`.

    Returns:
        A `DatasetInfo`.

    Raises:
        ValueError: If nothing bears that name.
        ImportError: If the set needs TensorFlow Datasets and it is not installed.

    Example:
    ```python
    keras_gan.datasets.info("fashion_mnist").licence  # "MIT (Zalando SE)"
    ```
    """
    kind, name, _ = sources.find(name_or_folder)
    if name in PACKAGED and kind != "folder":
        return packaged(name).info()
    return folder.scan(Path(name)).info() if kind == "folder" else tfds.info(tfds.builder(name, data_dir))
