"""Loads the images of a name or a folder as batches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.datasets.argument_checks import check_at_least, check_channels
from keras_gan.datasets.batching import tf_datasets
from keras_gan.datasets.catalogue import PACKAGED
from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.sources import folder, lookup
from keras_gan.datasets.tfds import builders

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
    """Loads images as batches to train on.

    The order of an epoch depends only on `seed` and the number of the epoch. The first iteration over the dataset is
    epoch `start_epoch`, and each further iteration is the next epoch. To read a single batch is an iteration too.
    So a run that is resumed at epoch E with `start_epoch=E` gets the same batches as an uninterrupted run.

    The last images of an epoch are skipped if they do not fill a batch. They are other images in each epoch.

    Args:
        name_or_folder: Packaged set (see `available`), folder of images, or name of TensorFlow Datasets such as
            "cifar10" or "cycle_gan/horse2zebra". Write "tfds:cifar10" if a folder has the same name. In a folder,
            each sub-folder is a class. Files that cannot be decoded are skipped with a warning.
        image_size: Height and width of the images, which are cropped to their central square and resized.
            Defaults to `None`, the size of the images.
        channels: 1 for grey, 3 for colour. Defaults to `None`, the channels of the images.
        batch_size: Number of images in a batch. Defaults to 64.
        labels: Boolean. If true, the dataset yields the labels too. Defaults to `False`.
        split: Name of the split. Folders have only "train". A split in the name, as in "emoji/google:test", takes
            precedence. Defaults to "train".
        shuffle: Boolean. If true, each epoch has another random order. Defaults to `True`.
        seed: Non-negative integer, the seed of the orders. Defaults to 0.
        start_epoch: Epoch of the first iteration. Defaults to 0.
        limit: Largest number of images, spread evenly over the set. A set of TensorFlow Datasets is stored shuffled,
            and its first images are used. Defaults to `None`, all images.
        data_dir: Folder of TensorFlow Datasets. Defaults to `None`, the default of TensorFlow Datasets.
        timeout: Number of seconds without progress after which a download is given up. Defaults to 60.0.

    Returns:
        A `tf.data.Dataset` of float32 images in [-1, 1], shape (batch_size, height, width, channels). With
        `labels=True` it yields pairs of such images and int32 labels. Its `len` is the number of batches in an epoch.

    Raises:
        ValueError: If an argument is out of range, no data set has that name, or no image can be read. Also if there
            are fewer images than one batch.
        ImportError: If the set needs a package that is not installed.
        RuntimeError: If a set of TensorFlow Datasets cannot be prepared.

    Example:
    ```python
    dataset = keras_gan.datasets.load("digits", image_size=32, batch_size=64, labels=True)
    real, classes = next(iter(dataset))  # (64, 32, 32, 1), (64,)
    ```
    """
    check_channels(channels)
    check_at_least(1, image_size=image_size, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    source = lookup.find_and_open(name_or_folder, split, limit, data_dir, timeout)
    feed = source.feed(image_size, channels)
    if labels and not feed.has_labels:
        raise ValueError(f"Expected {source.name!r} to have labels. Received: labels=True for a set without labels")
    if feed.number < batch_size:
        raise ValueError(
            f"Expected at least one batch of {batch_size} images. Received: {feed.number} images in {source.name!r}"
        )
    return tf_datasets.batches(
        feed, batch_size=batch_size, labels=labels, shuffle=shuffle, seed=seed, start_epoch=start_epoch
    )


def info(name_or_folder: str | os.PathLike[str], *, data_dir: str | os.PathLike[str] | None = None) -> DatasetInfo:
    """Describes a data set without decoding or downloading its images.

    The headers of the images in a folder are read. The classes of a folder are its sub-folders, sorted as text.

    Args:
        name_or_folder: Name of a data set or path of a folder; see `load`.
        data_dir: Folder of TensorFlow Datasets. Defaults to `None`, the default of TensorFlow Datasets.

    Returns:
        A `DatasetInfo`.

    Raises:
        ValueError: If no data set has that name.
        ImportError: If the set needs TensorFlow Datasets and it is not installed.

    Example:
    ```python
    keras_gan.datasets.info("fashion_mnist").licence  # "MIT (Zalando SE)"
    ```
    """
    kind, name, _ = lookup.find(name_or_folder)
    if kind == "packaged":
        return PACKAGED[name].info()
    return folder.scan(Path(name)).info() if kind == "folder" else builders.info(builders.builder(name, data_dir))
