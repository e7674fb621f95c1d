"""A folder of images, one sub-folder a class if there are classes."""

from __future__ import annotations

import dataclasses
import functools
import math
import os
from multiprocessing.pool import ThreadPool
from pathlib import Path

import numpy as np
from PIL import Image

from keras_gan.datasets import images as images_lib
from keras_gan.datasets.catalogue import DatasetInfo
from keras_gan.datasets.progress import shown

WORKERS = min(8, os.cpu_count() or 1)
GREY_MODES = ("1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L")
TURNED = (5, 6, 7, 8)  # the EXIF orientations that exchange height and width
EXIF_ORIENTATION = 0x0112


@dataclasses.dataclass(frozen=True)
class Folder:
    """The images below a folder, in the order of their paths.

    Args:
        root: The folder.
        paths: The images' paths.
        labels: The class of each, or `None` if any image lies in no class sub-folder.
        class_names: The sub-folders' names, sorted.
        image_shape: (height, width, channels); height and width are `None` where the images differ.
    """

    root: Path
    paths: tuple[Path, ...]
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    image_shape: tuple[int | None, int | None, int]

    def info(self) -> DatasetInfo:
        """Describe the folder."""
        return DatasetInfo(
            name=str(self.root),
            description="a folder of images",
            image_shape=self.image_shape,
            num_images=len(self.paths),
            class_names=self.class_names,
            source=str(self.root),
        )


@dataclasses.dataclass(frozen=True)
class FilesOnDisk:
    """Images too many to hold in memory, decoded when they are asked for.

    Args:
        paths: The images' paths.
        image_shape: What each becomes.
        image_size: See `images.read`.
    """

    paths: tuple[Path, ...]
    image_shape: tuple[int, int, int]
    image_size: int | None

    @property
    def shape(self) -> tuple[int, ...]:
        """(number, height, width, channels)."""
        return (len(self.paths), *self.image_shape)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        """Decode the images at `indices`."""
        return np.stack([self.decode(self.paths[index]) for index in indices])

    def decode(self, path: Path) -> np.ndarray:
        """Decode one image."""
        image = images_lib.read(path, self.image_size, self.image_shape[-1])
        if image.shape != self.image_shape:
            raise ValueError(f"Expected an image of shape {self.image_shape}. Received: {path} of shape {image.shape}")
        return image


def scan(root: Path, limit: int | None = None) -> Folder:
    """Find the images below `root` and read their headers.

    Args:
        root: A folder that exists.
        limit: How many images to keep, evenly spread. Defaults to `None`, all of them.

    Returns:
        The folder.

    Raises:
        ValueError: If it holds no images, or a file that bears an image's name and is none.
    """
    found = _find(root)
    if not found:
        kinds = ", ".join(sorted(images_lib.EXTENSIONS))
        raise ValueError(f"Expected a folder with images in it ({kinds}). Received: {root}")
    classes = [path.relative_to(root).parts[0] if path.parent != root else None for path in found]
    names = () if None in classes else tuple(sorted({name for name in classes if name is not None}))
    numbers = {name: number for number, name in enumerate(names)}
    kept = images_lib.spread(len(found), limit)
    paths = tuple(found[index] for index in kept)
    labels = np.array([numbers[classes[index] or ""] for index in kept], np.int32) if names else None
    with ThreadPool(WORKERS) as pool:
        headers = set(shown(pool.imap(_header, paths, 32), len(paths), f"Looking at {root.name}"))
    sizes, grey = {header[:2] for header in headers}, all(header[2] for header in headers)
    height, width = sizes.pop() if len(sizes) == 1 else (None, None)
    return Folder(root, paths, labels, names, (height, width, 1 if grey else 3))


def open_images(folder: Folder, image_size: int | None, channels: int | None) -> images_lib.Images:
    """Return the folder's images: decoded, if they fit in memory.

    Args:
        folder: What `scan` returned.
        image_size: The height and width to give them, or `None` to keep their own.
        channels: 1 or 3, or `None` for the fewest that lose nothing.

    Returns:
        The images.

    Raises:
        ValueError: If the images differ in size and `image_size` is `None`, or one cannot be decoded.
    """
    height, width, depth = folder.image_shape
    height, width = image_size or height, image_size or width
    if height is None or width is None:
        raise ValueError(
            f"The images in {folder.root} differ in size: expected `image_size`, which each is cropped and resized to. "
            "Received: image_size=None"
        )
    files = FilesOnDisk(folder.paths, (height, width, channels or depth), image_size)
    if math.prod(files.shape) > images_lib.IN_MEMORY:
        return files
    decoded = np.empty(files.shape, np.uint8)
    with ThreadPool(WORKERS) as pool:
        arrays = pool.imap(files.decode, files.paths, 8)
        for index, array in enumerate(shown(arrays, len(files.paths), f"Decoding {folder.root.name}")):
            decoded[index] = array
    return decoded


def _find(root: Path) -> list[Path]:
    found: list[Path] = []
    entered: set[str] = set()
    for place, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:  # a link back to where we have been
            folders.clear()
            continue
        entered.add(real)
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        names = (name for name in files if not name.startswith("."))
        found += [Path(place, name) for name in names if Path(name).suffix.lower() in images_lib.EXTENSIONS]
    return sorted(found, key=functools.partial(_relative, root))


def _relative(root: Path, path: Path) -> str:
    return path.relative_to(root).as_posix()


def _header(path: Path) -> tuple[int, int, bool]:
    try:
        with Image.open(path) as image:
            # Of a PNG this would decode the whole image, and cameras write none.
            turned = image.format != "PNG" and image.getexif().get(EXIF_ORIENTATION) in TURNED
            width, height = reversed(image.size) if turned else image.size
            return height, width, image.mode in GREY_MODES
    except Exception as error:  # what a damaged file raises depends on its format
        raise ValueError(f"Expected a readable image. Received: {path} ({error})") from error
