"""Folders of images. A file beside the images or their sub-folders have the classes, if there are any."""

from __future__ import annotations

import collections
import dataclasses
import functools
import hashlib
import logging
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np

from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.dataset_info import DatasetInfo, count_classes
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.image_header import read_header
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.decoding.skipped_files import abbreviate, warn_skipped
from keras_gan.datasets.decoding.value_range import ValueRange, check_stated_range, choose_range
from keras_gan.datasets.sources.folder_classes import classes_of
from keras_gan.datasets.sources.folder_files import SUFFIXES, find_images, relative_path
from keras_gan.typing import Range

CHANNELS = {1: "grey", 3: "colour", 4: "colour with transparency"}

logger = logging.getLogger("keras_gan.datasets")


@dataclasses.dataclass(frozen=True)
class Folder:
    """Images in a folder and its sub-folders, in the order of their paths.

    Args:
        root: Path of the folder.
        paths: Paths of the images.
        labels: Class of each image, int32 (n,), or attributes, float32 (n, attributes), or `None`.
        class_names: Name of each class, in order. Names of sub-folders are sorted as people do: 2 before 10.
        image_shape: (height, width, channels). Height and width are `None` if the images differ in size. The channels
            are those of most images.
        channel_counts: Number of images with 1, 3 and 4 channels, by the number of channels.
        deep: Number of images of more than 8 bits.
        all_paths: Paths of all readable images, if there is a limit also of those above it.
        all_labels: Class or attributes of each of them, or `None`.
        no_labels: Reason why there are no labels.
        attribute_names: Name of each attribute, if the labels are vectors of attributes. Defaults to none.
    """

    root: Path
    paths: tuple[Path, ...]
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    image_shape: images_lib.StoredShape
    channel_counts: dict[int, int]
    deep: int
    all_paths: tuple[Path, ...]
    all_labels: np.ndarray | None
    no_labels: str = ""
    attribute_names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Path of the folder."""
        return str(self.root)

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of images of each class in the whole folder."""
        return count_classes(self.all_labels, self.class_names)

    def fingerprint(self) -> str:
        """Returns the SHA-256 of the path and the size of each image, and of its label."""
        digest = hashlib.sha256()
        for index, path in enumerate(self.all_paths):
            label = "" if self.all_labels is None else self.all_labels[index]
            digest.update(f"{relative_path(self.root, path)}\0{path.stat().st_size}\0{label}\n".encode())
        return digest.hexdigest()

    def info(self) -> DatasetInfo:
        """Describes the folder."""
        return DatasetInfo(
            name=self.name,
            description="a folder of images",
            image_shape=self.image_shape,
            num_images=len(self.paths),
            class_names=self.class_names,
            class_counts=self.class_counts,
            attribute_names=self.attribute_names,
            source=self.name,
        )

    def value_range(self, stated: Range | None = None) -> ValueRange | None:
        """Returns the values of black and of white, or `None` if all images have 8 bits and no range is stated.

        The range of the whole folder is used, also with a limit. So it is the same in each run.

        Args:
            stated: Range that the user states. Defaults to `None`: the least and the greatest value of all images of
                more than 8 bits.

        Raises:
            ValueError: If `stated` is not a range, or all values are the same.
        """
        if stated is not None:
            return ValueRange(check_stated_range(stated), stated=True, number=self.deep, deep_only=self.deep > 0)
        return choose_range(self.name, self.all_paths) if self.deep else None

    def images(
        self,
        image_size: int | images_lib.Size | None,
        channels: int | None,
        value_range: Range | None = None,
    ) -> tuple[images_lib.Images, np.ndarray | None]:
        """Returns the images and their labels, decoded if they fit in memory.

        Args:
            image_size: New height and width, as one number or two, or `None` to keep those of the images.
            channels: 1, 3 or 4, or `None` for those of most images.
            value_range: The values of black and of white in images of more than 8 bits. Defaults to `None`: the least
                and the greatest value in the folder.

        Raises:
            ValueError: If the images differ in size and `image_size` is `None`, or none can be decoded.
        """
        shape = images_lib.decoded_shape(self.name, self.image_shape, image_size, channels)
        used = self.value_range(value_range)
        if channels is None:
            log_mixed_channels(self)
        if used is None:
            decode = functools.partial(images_lib.read, image_size=image_size, channels=shape[-1])
            return LazyImages(self.name, self.paths, decode, shape, self.labels).load()
        if value_range is None:
            used.log(self.name)
        decode = functools.partial(
            images_lib.read,
            image_size=image_size,
            channels=shape[-1],
            value_range=used.values,
            deep_only=used.deep_only,
        )
        return LazyImages(self.name, self.paths, decode, shape, self.labels, np.dtype(np.float32)).load()

    def feed(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> IndexedFeed:
        """Returns the images and their labels as a feed."""
        return IndexedFeed(*self.images(image_size, channels, value_range))


def scan(root: Path, limit: int | None = None) -> Folder:
    """Finds the images in a folder and reads their headers. Skips files whose header cannot be read.

    Args:
        root: Path of an existing folder.
        limit: Largest number of files to read, spread evenly. Defaults to `None`, all files.

    Raises:
        ValueError: If the folder holds no readable image, or a file with labels has another layout.
    """
    found = find_images(root)
    if not found:
        kinds = ", ".join(sorted(SUFFIXES))
        raise ValueError(f"Expected a folder with images ({kinds}). Received: {root}")
    classes = classes_of(root, found)
    found = [path for path in found if path not in classes.unlabelled]
    selected = [found[index] for index in images_lib.spread(len(found), limit)]
    with images_lib.large_images(), ThreadPool(images_lib.WORKERS) as pool:
        results = with_progress_bar(pool.imap(read_header, selected, 32), len(selected), f"Reading {root.name}")
        headers = dict(zip(selected, results, strict=True))
    damaged = {path: header for path, header in headers.items() if isinstance(header, images_lib.Unreadable)}
    readable = {path: header for path, header in headers.items() if not isinstance(header, images_lib.Unreadable)}
    names = [error.description for error in damaged.values()]
    if not readable:
        raise ValueError(f"Expected a folder with readable images. Received: {root}, with {abbreviate(names)}")
    warn_skipped(f"of {len(headers)} files in {root} that cannot be read as images", names)
    whole = [path for path in found if path not in damaged]
    classes = classes.without(damaged)
    sizes = {header[:2] for header in readable.values()}
    height, width = sizes.pop() if len(sizes) == 1 else (None, None)
    counts = collections.Counter(header.channels for header in readable.values())
    channels = max(counts, key=lambda depth: (counts[depth], depth))
    return Folder(
        root,
        tuple(readable),
        classes.of(readable),
        classes.names,
        (height, width, channels),
        dict(sorted(counts.items())),
        sum(header.deep for header in readable.values()),
        tuple(whole),
        classes.of(whole),
        classes.reason,
        classes.attribute_names,
    )


def log_mixed_channels(folder: Folder) -> None:
    """Logs how many images of a folder of grey and colour images are converted."""
    if len(folder.channel_counts) > 1:
        logger.warning("%s: %s", folder.name, describe_channels(folder.channel_counts, folder.image_shape[-1]))


def describe_channels(counts: dict[int, int], used: int) -> str:
    """Returns a sentence with the number of images of each kind, and the kind that all are converted to."""
    kinds = ", ".join(f"{count} {CHANNELS[channels]}" for channels, count in counts.items())
    return f"{kinds} {'image' if sum(counts.values()) == 1 else 'images'}, all read as {CHANNELS[used]}"
