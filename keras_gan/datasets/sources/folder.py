"""Folders of images. A file beside the images or their sub-folders have the classes, if there are any."""

from __future__ import annotations

import collections
import dataclasses
import functools
import hashlib
import logging
import os
from collections.abc import Sequence
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import NamedTuple

import numpy as np
from PIL import Image

from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.decoding import deep_pixels
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.decoding.skipped_files import abbreviate, warn_skipped
from keras_gan.datasets.decoding.value_range import ValueRange, check_stated_range, choose_range
from keras_gan.datasets.sources.label_file import find_label_file, natural
from keras_gan.typing import Range
from keras_gan.utils.pictures import has_opacity

TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange height and width
EXIF_ORIENTATION = 0x0112
SUFFIXES = images_lib.EXTENSIONS | deep_pixels.NUMPY
CHANNELS = {1: "grey", 3: "colour", 4: "colour with transparency"}

logger = logging.getLogger("keras_gan.datasets")


class Header(NamedTuple):
    """Facts in the header of an image file.

    Args:
        height: Height in pixels.
        width: Width in pixels.
        channels: 1 for grey, 3 for colour, 4 for colour with transparency.
        deep: True for pixels of more than 8 bits.
    """

    height: int
    width: int
    channels: int
    deep: bool


@dataclasses.dataclass(frozen=True)
class Folder:
    """Images in a folder and its sub-folders, in the order of their paths.

    Args:
        root: Path of the folder.
        paths: Paths of the images.
        labels: Class of each image, or `None` without classes.
        class_names: Name of each class, in order. Names of sub-folders are sorted as people do: 2 before 10.
        image_shape: (height, width, channels). Height and width are `None` if the images differ in size. The channels
            are those of most images.
        channel_counts: Number of images with 1, 3 and 4 channels, by the number of channels.
        deep: Number of images of more than 8 bits.
        all_paths: Paths of all readable images, if there is a limit also of those above it.
        all_labels: Class of each of them, or `None`.
        no_labels: Reason why there are no labels.
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

    @property
    def name(self) -> str:
        """Path of the folder."""
        return str(self.root)

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of images of each class in the whole folder."""
        if self.all_labels is None:
            return ()
        return tuple(np.bincount(self.all_labels, minlength=len(self.class_names)).tolist())

    def fingerprint(self) -> str:
        """Returns the SHA-256 of the path and the size of each image, and of its label."""
        digest = hashlib.sha256()
        for index, path in enumerate(self.all_paths):
            label = "" if self.all_labels is None else self.all_labels[index]
            digest.update(f"{_relative(self.root, path)}\0{path.stat().st_size}\0{label}\n".encode())
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
    found = _find(root)
    if not found:
        kinds = ", ".join(sorted(SUFFIXES))
        raise ValueError(f"Expected a folder with images ({kinds}). Received: {root}")
    classes = _classes(root, found)
    found = [path for path in found if path not in classes.unlabelled]
    selected = [found[index] for index in images_lib.spread(len(found), limit)]
    with images_lib.large_images(), ThreadPool(images_lib.WORKERS) as pool:
        results = with_progress_bar(pool.imap(_header, selected, 32), len(selected), f"Reading {root.name}")
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
    )


@dataclasses.dataclass(frozen=True)
class Classes:
    """Classes of the images in a folder.

    Args:
        root: Path of the folder.
        names: Name of each class. Empty without classes.
        labels: Class of each image by its path. Defaults to none.
        unlabelled: Images that a file with labels does not list. Defaults to none.
        reason: Reason why there are no classes. Defaults to "".
        from_file: True if a file has the labels. Defaults to `False`.
    """

    root: Path
    names: tuple[str, ...]
    labels: dict[Path, int] = dataclasses.field(default_factory=dict)
    unlabelled: frozenset[Path] = frozenset()
    reason: str = ""
    from_file: bool = False

    def of(self, paths: Sequence[Path] | dict[Path, Header]) -> np.ndarray | None:
        """Returns the class of each image, or `None` without classes."""
        return np.array([self.labels[path] for path in paths], np.int32) if self.names else None

    def without(self, damaged: dict[Path, images_lib.Unreadable]) -> Classes:
        """Returns the classes of the images that can be read: damaged files make no class."""
        if not damaged or self.from_file:
            return self
        return _classes(self.root, [path for path in _find(self.root) if path not in damaged])


def _classes(root: Path, found: list[Path]) -> Classes:
    """Returns the classes of images, from a file with labels or from their sub-folders."""
    relative = {_relative(root, path): path for path in found}
    file = find_label_file(root, list(relative))
    if file is not None:
        if not file.class_names:
            return Classes(root, (), reason=f"{file.path} states that there are none", from_file=True)
        labels = {relative[name]: label for name, label in file.labels.items()}
        rest = [name for name, path in relative.items() if path not in labels]
        warn_skipped(f"images without a label in {file.path}", rest)
        return Classes(root, file.class_names, labels, frozenset(relative[name] for name in rest), from_file=True)
    at_top = [path for path in found if path.parent == root]
    folders = {path: path.relative_to(root).parts[0] for path in found if path.parent != root}
    if at_top:
        reason = "its images are in no sub-folders, and it has neither dataset.json nor labels.csv"
        if folders:
            names = sorted(set(folders.values()), key=natural)
            reason = (
                f"{len(at_top)} of its images are at its top, such as {at_top[0].name}, and {len(folders)} in "
                f"sub-folders, such as {names[0]}. Move each image into the sub-folder of its class, or write "
                f"labels.csv"
            )
        return Classes(root, (), reason=reason)
    names = sorted(set(folders.values()), key=natural)
    numbers = {name: number for number, name in enumerate(names)}
    return Classes(root, tuple(names), {path: numbers[name] for path, name in folders.items()})


def log_mixed_channels(folder: Folder) -> None:
    """Logs how many images of a folder of grey and colour images are converted."""
    if len(folder.channel_counts) > 1:
        logger.warning("%s: %s", folder.name, describe_channels(folder.channel_counts, folder.image_shape[-1]))


def describe_channels(counts: dict[int, int], used: int) -> str:
    """Returns a sentence with the number of images of each kind, and the kind that all are converted to."""
    kinds = ", ".join(f"{count} {CHANNELS[channels]}" for channels, count in counts.items())
    return f"{kinds} {'image' if sum(counts.values()) == 1 else 'images'}, all read as {CHANNELS[used]}"


def _find(root: Path) -> list[Path]:
    """Returns the paths of the images, without hidden files. Follows links."""
    found: list[Path] = []
    entered: set[str] = set()
    for place, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:  # a link to a parent folder would be followed for ever
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names = (name for name in files if not name.startswith("."))
        found += [Path(place, name) for name in names if Path(name).suffix.lower() in SUFFIXES]
    return sorted(found, key=functools.partial(_relative, root))


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _header(path: Path) -> Header | images_lib.Unreadable:
    try:
        if path.suffix.lower() in deep_pixels.NUMPY:
            array = deep_pixels.image_of_array(deep_pixels.read_array(path))
            height, width, channels = array.shape
            return Header(height, width, channels, array.dtype != np.uint8)
        with Image.open(path) as image:
            # Reading the EXIF data of a PNG decodes the whole image, and cameras do not write PNG.
            turned = image.format != "PNG" and image.getexif().get(EXIF_ORIENTATION) in TURNED
            width, height = reversed(image.size) if turned else image.size
            if deep_pixels.is_deep(image):
                return Header(height, width, deep_pixels.deep_channels(image), True)
            grey = image.mode in images_lib.GREY_MODES
            return Header(height, width, 1 if grey else 4 if has_opacity(image) else 3, False)
    except Exception as error:  # what a damaged file raises depends on its format
        return images_lib.Unreadable(str(path), error)
