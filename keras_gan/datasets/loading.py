"""Loads the images of a name or a folder as batches."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from keras_gan.datasets.argument_checks import check_at_least, check_channels, check_image_size
from keras_gan.datasets.batching import tf_datasets
from keras_gan.datasets.catalogue import PACKAGED
from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.sources import lookup
from keras_gan.datasets.sources.source import Source
from keras_gan.datasets.tfds import builders

if TYPE_CHECKING:
    import tensorflow as tf


def load(
    name_or_folder: str | os.PathLike[str],
    *,
    image_size: int | tuple[int, int] | None = None,
    channels: int | None = None,
    value_range: tuple[float, float] | None = None,
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
            each sub-folder is a class, unless `dataset.json` or `labels.csv` has the labels. Files that cannot be
            decoded are skipped with a warning. Also a NumPy file: `.npy` with images (n, height, width) or (n, height,
            width, channels), or `.npz` with such `images` and integer `labels`. Vectors come from a CSV file or a NumPy
            array (n, length). Sequences come from a folder of WAV files, or from an array (n, length, channels) called
            `sequences` in a `.npz` file. Labels of several numbers are attributes.
        image_size: Height and width, or one number for squares. The images are cropped to the largest central part of
            this aspect ratio, and resized. The length of sequences, whose centre is cropped. Defaults to `None`, the
            size of the images.
        channels: 1 for grey, 3 for colour, 4 for colour with transparency. Defaults to `None`, the channels of most
            images.
        value_range: The values of black and of white in images of more than 8 bits: 16-bit PNG and TIFF, float TIFF and
            NumPy files. Values outside are clipped. Defaults to `None`: the least and the greatest value in the whole
            set, which a log line states.
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
        `labels=True` it yields pairs of such images and int32 classes, or float32 attributes (batch_size, attributes).
        Vectors and sequences have their own shapes and values. Its `len` is the number of batches in an epoch, its
        `class_names` or `attribute_names` are the names of the labels.

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
    image_size = check_image_size(image_size)
    check_at_least(1, batch_size=batch_size, limit=limit)
    check_at_least(0, seed=seed, start_epoch=start_epoch)
    source = lookup.find_and_open(name_or_folder, split, limit, data_dir, timeout)
    reason: str | None = getattr(source, "no_labels", None)
    if labels and reason:
        raise ValueError(f"Expected {source.name!r} to have labels. Received: no labels, because {reason}")
    feed = source.feed(image_size, channels, value_range)
    if labels and not feed.has_labels:
        raise ValueError(f"Expected {source.name!r} to have labels. Received: labels=True for a set without labels")
    if feed.number < batch_size:
        raise ValueError(
            f"`batch_size` must be at most the number of images, {feed.number} in {source.name!r}. "
            f"Received: batch_size={batch_size}"
        )
    dataset = tf_datasets.batches(
        feed, batch_size=batch_size, labels=labels, shuffle=shuffle, seed=seed, start_epoch=start_epoch
    )
    dataset.class_names = _class_names(source, name_or_folder, data_dir)
    dataset.attribute_names = getattr(source, "attribute_names", ())
    return dataset


def _class_names(
    source: Source, name: str | os.PathLike[str], data_dir: str | os.PathLike[str] | None
) -> tuple[str, ...]:
    known: tuple[str, ...] | None = getattr(source, "class_names", None)
    return info(name, data_dir=data_dir).class_names if known is None else known


def info(name_or_folder: str | os.PathLike[str], *, data_dir: str | os.PathLike[str] | None = None) -> DatasetInfo:
    """Describes a data set without decoding or downloading its images.

    The headers of the images in a folder are read. The classes of a folder are those of its `dataset.json` or
    `labels.csv`, or its sub-folders, sorted as people do: 2 before 10.

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
    if kind in ("file", "folder"):
        return lookup.open_local(kind, Path(name)).info()
    return builders.info(builders.builder(name, data_dir))
