"""Folders of images, with one sub-folder a class if there are classes."""

from __future__ import annotations

import dataclasses
import functools
import os
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.decoding.skipped_files import abbreviate, warn_skipped

GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L")
TURNED = (5, 6, 7, 8)  # EXIF orientations that exchange height and width
EXIF_ORIENTATION = 0x0112


@dataclasses.dataclass(frozen=True)
class Folder:
    """Images in a folder and its sub-folders, in the order of their paths.

    Args:
        root: Path of the folder.
        paths: Paths of the images.
        labels: Class of each image, or `None` if an image lies in no sub-folder.
        class_names: Names of the sub-folders, sorted as text.
        image_shape: (height, width, channels). Height and width are `None` if the images differ in size.
    """

    root: Path
    paths: tuple[Path, ...]
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    image_shape: images_lib.StoredShape

    @property
    def name(self) -> str:
        """Path of the folder."""
        return str(self.root)

    def info(self) -> DatasetInfo:
        """Describes the folder."""
        return DatasetInfo(
            name=self.name,
            description="a folder of images",
            image_shape=self.image_shape,
            num_images=len(self.paths),
            class_names=self.class_names,
            source=self.name,
        )

    def images(
        self, image_size: int | images_lib.Size | None, channels: int | None
    ) -> tuple[images_lib.Images, np.ndarray | None]:
        """Returns the images and their labels, decoded if they fit in memory.

        Args:
            image_size: New height and width, as one number or two, or `None` to keep those of the images.
            channels: 1 or 3, or `None` for 1 if all images are grey and 3 otherwise.

        Raises:
            ValueError: If the images differ in size and `image_size` is `None`, or none can be decoded.
        """
        shape = images_lib.decoded_shape(self.name, self.image_shape, image_size, channels)
        decode = functools.partial(images_lib.read, image_size=image_size, channels=shape[-1])
        return LazyImages(self.name, self.paths, decode, shape, self.labels).load()

    def feed(self, image_size: int | None, channels: int | None) -> IndexedFeed:
        """Returns the images and their labels as a feed."""
        return IndexedFeed(*self.images(image_size, channels))


def scan(root: Path, limit: int | None = None) -> Folder:
    """Finds the images in a folder and reads their headers. Skips files whose header cannot be read.

    Args:
        root: Path of an existing folder.
        limit: Largest number of files to read, spread evenly. Defaults to `None`, all files.

    Raises:
        ValueError: If the folder holds no readable image.
    """
    found = _find(root)
    if not found:
        kinds = ", ".join(sorted(images_lib.EXTENSIONS))
        raise ValueError(f"Expected a folder with images ({kinds}). Received: {root}")
    selected = [found[index] for index in images_lib.spread(len(found), limit)]
    with ThreadPool(images_lib.WORKERS) as pool:
        results = with_progress_bar(pool.imap(_header, selected, 32), len(selected), f"Reading {root.name}")
        headers = dict(zip(selected, results, strict=True))
    damaged = {path: header for path, header in headers.items() if isinstance(header, images_lib.Unreadable)}
    readable = {path: header for path, header in headers.items() if not isinstance(header, images_lib.Unreadable)}
    names = [error.description for error in damaged.values()]
    if not readable:
        raise ValueError(f"Expected a folder with readable images. Received: {root}, with {abbreviate(names)}")
    warn_skipped(f"of {len(headers)} files in {root} that cannot be read as images", names)
    class_names, labels = _classes(root, [path for path in found if path not in damaged], list(readable))
    sizes, grey = {header[:2] for header in readable.values()}, all(header[2] for header in readable.values())
    height, width = sizes.pop() if len(sizes) == 1 else (None, None)
    return Folder(root, tuple(readable), labels, class_names, (height, width, 1 if grey else 3))


def _classes(root: Path, found: list[Path], kept: list[Path]) -> tuple[tuple[str, ...], np.ndarray | None]:
    """Returns the names of the classes of the images `found`, and the class of each image of `kept`."""
    if any(path.parent == root for path in found):
        return (), None
    names = sorted({path.relative_to(root).parts[0] for path in found})
    numbers = {name: number for number, name in enumerate(names)}
    return tuple(names), np.array([numbers[path.relative_to(root).parts[0]] for path in kept], np.int32)


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
        found += [Path(place, name) for name in names if Path(name).suffix.lower() in images_lib.EXTENSIONS]
    return sorted(found, key=functools.partial(_relative, root))


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _header(path: Path) -> tuple[int, int, bool] | images_lib.Unreadable:
    try:
        with Image.open(path) as image:
            # Reading the EXIF data of a PNG decodes the whole image, and cameras do not write PNG.
            turned = image.format != "PNG" and image.getexif().get(EXIF_ORIENTATION) in TURNED
            width, height = reversed(image.size) if turned else image.size
            return height, width, image.mode in GREY_MODES
    except Exception as error:  # what a damaged file raises depends on its format
        return images_lib.Unreadable(str(path), error)
