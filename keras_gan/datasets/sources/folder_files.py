"""Files of images in a folder and its sub-folders."""

from __future__ import annotations

import functools
import os
from pathlib import Path

from keras_gan.datasets.decoding import deep_pixels
from keras_gan.datasets.decoding.images import EXTENSIONS

SUFFIXES = EXTENSIONS | deep_pixels.NUMPY


def find_images(root: Path) -> list[Path]:
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
    return sorted(found, key=functools.partial(relative_path, root))


def relative_path(root: Path, path: Path) -> str:
    """Returns the path of a file in its folder, with forward slashes on every system."""
    return path.relative_to(root).as_posix()
