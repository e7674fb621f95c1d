"""From a name or a folder to the images it stands for."""

from __future__ import annotations

import dataclasses
import difflib
import os
import re
from pathlib import Path
from typing import Protocol

import numpy as np

from keras_gan.datasets import fashion_mnist, folder, images, pipeline, tfds
from keras_gan.datasets.catalogue import PACKAGED, packaged
from keras_gan.utils.extras import install_hint

_SPLIT = r"[A-Za-z_]\w*(?:\[[^\]]*\])?"
NAME_AND_SPLIT = re.compile(rf"(.+):({_SPLIT}(?:\+{_SPLIT})*)")


class Source(Protocol):
    """Images that have been found and not yet brought to the size asked for."""

    @property
    def name(self) -> str:
        """What to call them."""

    @property
    def image_shape(self) -> images.StoredShape:
        """(height, width, channels) as stored; height and width are `None` where the images differ."""

    def images(
        self, image_size: int | images.Size | None, channels: int | None
    ) -> tuple[images.Images, np.ndarray | None]:
        """Return the images, to be met in any order, and their labels."""

    def feed(self, image_size: int | None, channels: int | None) -> pipeline.Feed:
        """Return the images and labels, to be met epoch by epoch."""


@dataclasses.dataclass(frozen=True)
class Stored:
    """The images of a packaged set.

    Args:
        name: The set's name.
        pixels: The images, uint8 NHWC.
        labels: The class of each, or `None`.
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray | None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        _, height, width, channels = self.pixels.shape
        return height, width, channels

    def images(
        self, image_size: int | images.Size | None, channels: int | None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Return the images, converted, and their labels."""
        return images.convert_all(self.pixels, image_size, channels), self.labels

    def feed(self, image_size: int | None, channels: int | None) -> pipeline.Indexed:
        """Return what to train on."""
        return pipeline.Indexed(*self.images(image_size, channels))


def find(name_or_folder: str | os.PathLike[str]) -> tuple[str, str, str | None]:
    """Tell what a name or a folder stands for.

    Args:
        name_or_folder: See `load`.

    Returns:
        "packaged", "folder" or "tfds"; the name or the folder; and the split, if the name tells one.

    Raises:
        ValueError: If nothing bears that name.
    """
    name, split = os.fspath(name_or_folder), None
    named = isinstance(name_or_folder, str)
    prefixed = named and name.startswith(tfds.PREFIX)
    if not prefixed and not (named and name in PACKAGED) and Path(name).expanduser().is_dir():
        return "folder", str(Path(name).expanduser()), None
    name = name.removeprefix(tfds.PREFIX)
    if named and (parsed := NAME_AND_SPLIT.fullmatch(name)):
        name, split = parsed.groups()
    if named and not prefixed and name in PACKAGED:
        return ("tfds" if name == "fashion_mnist" else "packaged"), name, split
    others = tfds.names()
    if named and (re.split("[/:]", name)[0] in others or (prefixed and not others)):
        return "tfds", name, split
    close = difflib.get_close_matches(name, [*PACKAGED, *others], n=3)
    raise ValueError(
        f"Expected a data set's name or a folder of images. Received: {name!r}. "
        + (f"Did you mean {' or '.join(map(repr, close))}? " if close else "")
        + f"Packaged sets: {', '.join(PACKAGED)}. "
        + ("Others: any name in TensorFlow Datasets." if others else f"For TFDS: {install_hint('data')}.")
    )


def find_and_open(
    name_or_folder: str | os.PathLike[str],
    split: str,
    limit: int | None,
    data_dir: str | os.PathLike[str] | None = None,
    timeout: float = 60.0,
) -> Source:
    """Return the images that a name or a folder stands for; see `load`."""
    kind, name, named_split = find(name_or_folder)
    split = named_split or split
    if kind == "tfds":
        builder = tfds.builder(name, data_dir)
        builder = (fashion_mnist if builder.name == "fashion_mnist" else tfds).prepare(builder, timeout)
        return tfds.part(builder, split, limit)
    if kind == "packaged":
        return read_packaged(name, split, limit)
    _check_split(name, split, ("train",))
    return folder.scan(Path(name), limit)


def read_packaged(name: str, split: str, limit: int | None) -> Stored:
    """Return the images of a packaged set.

    Raises:
        ValueError: If it has no such split.
        ImportError: If the package that holds it is not installed.
    """
    found, about = packaged(name), packaged(name).info()
    _check_split(name, split, about.splits)
    try:
        pixels, labels = found.read() if split == "train" else found.read(split)
    except ModuleNotFoundError as error:
        raise ImportError(f"{name!r} needs {about.source}: {about.install}") from error
    kept = images.spread(len(pixels), limit)
    return Stored(name, pixels[kept], None if labels is None else labels[kept])


def _check_split(name: str, split: str, known: tuple[str, ...]) -> None:
    if split not in known:
        splits = " or ".join(f"split={split!r}" for split in known)
        raise ValueError(f"Expected {splits}, all that {name!r} has. Received: split={split!r}")
