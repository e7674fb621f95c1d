"""The one way in: from a name or a folder to batches."""

from __future__ import annotations

import difflib
import math
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from keras_gan.datasets import fashion_mnist, folder, images, pipeline, tfds
from keras_gan.datasets.catalogue import PACKAGED, DatasetInfo, packaged

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
            sub-folder is a class.
        image_size: The height and width of the images, which are cropped to their central square and resized.
            Defaults to `None`, their own.
        channels: 1 for grey, 3 for colour. Defaults to `None`, those of the images.
        batch_size: How many images in a batch. Defaults to 64.
        labels: Whether to give the labels too. Defaults to `False`.
        split: Which part of the set: packaged sets and folders have "train" alone. Defaults to "train".
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
        ValueError: If an argument is out of range, nothing bears that name, an image cannot be read, or there are
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
    _check_at_least(1, image_size=image_size, batch_size=batch_size, limit=limit)
    _check_at_least(0, seed=seed, start_epoch=start_epoch)
    kind, name = _find(name_or_folder)
    feed: pipeline.Feed
    if kind == "tfds":
        feed = _open_tfds(name, data_dir, timeout, split=split, image_size=image_size, channels=channels, limit=limit)
    elif split != "train":
        raise ValueError(f"Expected split='train', the only one that {name!r} has. Received: split={split!r}")
    elif kind == "folder":
        found = folder.scan(Path(name), limit)
        feed = pipeline.Indexed(folder.open_images(found, image_size, channels), found.labels)
    else:
        pixels, classes = _read_packaged(name)
        kept = images.spread(len(pixels), limit)
        pixels = images.convert_all(pixels[kept], image_size, channels)
        feed = pipeline.Indexed(pixels, None if classes is None else classes[kept])
    if labels and not feed.has_labels:
        raise ValueError(f"Expected {name!r} to have labels. Received: labels=True for a set without any")
    if feed.number < batch_size:
        raise ValueError(
            f"Expected at least one batch of {batch_size} images. Received: {feed.number} images in {name!r}"
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
    kind, name = _find(name_or_folder)
    if name in PACKAGED and kind != "folder":
        return packaged(name).info()
    return folder.scan(Path(name)).info() if kind == "folder" else tfds.info(tfds.builder(name, data_dir))


def _find(name_or_folder: str | os.PathLike[str]) -> tuple[str, str]:
    """Return "packaged", "folder" or "tfds", and the name or the folder."""
    name = os.fspath(name_or_folder)
    named = isinstance(name_or_folder, str)
    prefixed = named and name.startswith(tfds.PREFIX)
    if named and name in PACKAGED:
        return ("tfds" if name == "fashion_mnist" else "packaged"), name
    if not prefixed and Path(name).expanduser().is_dir():
        return "folder", str(Path(name).expanduser())
    name = name.removeprefix(tfds.PREFIX)
    others = tfds.names()
    if named and (re.split("[/:]", name)[0] in others or (prefixed and not others)):
        return "tfds", name
    close = difflib.get_close_matches(name, [*PACKAGED, *others], n=3)
    raise ValueError(
        f"Expected a data set's name or a folder of images. Received: {name!r}. "
        + (f"Did you mean {' or '.join(map(repr, close))}? " if close else "")
        + f"Packaged sets: {', '.join(PACKAGED)}. "
        + ("Others: any name in TensorFlow Datasets." if others else "For TFDS: pip install 'keras-gan[data]'.")
    )


def _read_packaged(name: str) -> tuple[np.ndarray, np.ndarray | None]:
    module = packaged(name)
    try:
        return module.read()
    except ImportError as error:
        about = module.info()
        raise ImportError(f"{name!r} needs {about.source}: {about.install}") from error


def _open_tfds(
    name: str,
    data_dir: str | os.PathLike[str] | None,
    timeout: float,
    *,
    split: str,
    image_size: int | None,
    channels: int | None,
    limit: int | None,
) -> pipeline.Feed:
    builder = tfds.builder(name, data_dir)
    builder = (fashion_mnist if builder.name == "fashion_mnist" else tfds).prepare(builder, timeout)
    records = tfds.records(builder, split, image_size, channels, limit)
    if records.number * math.prod(records.image_shape) > images.IN_MEMORY:
        return records
    return pipeline.Indexed(*records.in_memory())


def _check_at_least(least: int, **values: int | None) -> None:
    for name, value in values.items():
        if value is not None and value < least:
            raise ValueError(f"`{name}` must be at least {least}. Received: {name}={value}")
