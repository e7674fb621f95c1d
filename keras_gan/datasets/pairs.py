"""Images of two domains that correspond, held as one image each: the channels of x, then those of y.

So a crop or a flip moves both alike.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from pathlib import Path
from typing import Protocol

import numpy as np

from keras_gan.datasets import images, sources
from keras_gan.datasets.encoded import Encoded
from keras_gan.datasets.folder import Folder, scan
from keras_gan.datasets.skipping import some, warn_skipped


class Pairs(Protocol):
    """Pairs that have been found and not yet brought to the size asked for."""

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """The name of each domain and the shape of its images as stored; see `final_size`."""

    def images(self, size: images.Size, channels: tuple[int, int]) -> images.Images:
        """Return the pairs."""


@dataclasses.dataclass(frozen=True)
class SideBySide:
    """Images whose left half is x and whose right half is y.

    Args:
        folder: The images.
    """

    folder: Folder

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """The name and the shape of the halves."""
        height, width, channels = self.folder.image_shape
        return [(f"the halves in {self.folder.name}", (height, width and width // 2, channels))]

    def images(self, size: images.Size, channels: tuple[int, int]) -> images.Images:
        """Return the pairs."""
        decode = functools.partial(images.read_halves, image_size=size, channels=channels)
        return Encoded(self.folder.name, self.folder.paths, decode, (*size, sum(channels))).held()[0]


@dataclasses.dataclass(frozen=True)
class SameNames:
    """Images of the same names in two folders.

    Args:
        x: One folder.
        y: The other.
        paths: The path in `x` and the path in `y` of each pair.
    """

    x: Folder
    y: Folder
    paths: tuple[tuple[Path, Path], ...]

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """The name and the shape of each domain."""
        return [(folder.name, folder.image_shape) for folder in (self.x, self.y)]

    def images(self, size: images.Size, channels: tuple[int, int]) -> images.Images:
        """Return the pairs."""

        def decode(paths: tuple[Path, Path]) -> np.ndarray:
            both = [images.read(path, size, depth) for path, depth in zip(paths, channels, strict=True)]
            return np.concatenate(both, axis=-1)

        name = f"{self.x.name} and {self.y.name}"
        return Encoded(name, self.paths, decode, (*size, sum(channels))).held()[0]


@dataclasses.dataclass(frozen=True)
class SameOrder:
    """Two packaged sets whose images correspond one by one.

    Args:
        x: One set.
        y: The other.
    """

    x: sources.Stored
    y: sources.Stored

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """The name and the shape of each domain."""
        return [(source.name, source.image_shape) for source in (self.x, self.y)]

    def images(self, size: images.Size, channels: tuple[int, int]) -> images.Images:
        """Return the pairs."""
        both = [source.images(size, depth)[0] for source, depth in zip((self.x, self.y), channels, strict=True)]
        return np.concatenate(both, axis=-1)


def find_pairs(x: str | os.PathLike[str], y: str | os.PathLike[str] | None, split: str, limit: int | None) -> Pairs:
    """Return the pairs that two names or folders stand for, or one folder; see `load_paired`.

    Raises:
        ValueError: If these are not such as have pairs, or there are no pairs.
    """
    found = [sources.find(domain) for domain in (x, y) if domain is not None]
    kinds, splits = {kind for kind, _, _ in found}, {named or split for _, _, named in found}
    sets = {name.rpartition("/")[0] for _, name, _ in found}
    if kinds == {"folder"} and splits == {"train"}:
        if y is None:
            return SideBySide(scan(Path(found[0][1]), limit))
        return match(scan(Path(found[0][1])), scan(Path(found[1][1])), limit)
    if y is not None and kinds == {"packaged"} and len(splits) == 1 and len(sets) == 1 and "" not in sets:
        return SameOrder(*(sources.read_packaged(name, named or split, limit) for _, name, named in found))
    raise ValueError(
        "Expected two folders of images, two parts of a packaged set such as 'emoji/google' and 'emoji/twitter', or "
        f"one folder of images that hold x on their left and y on their right. Received: x={os.fspath(x)!r}, "
        f"y={y and os.fspath(y)!r}, split={split!r}"
    )


def match(x: Folder, y: Folder, limit: int | None = None) -> SameNames:
    """Pair the images that bear the same name below two folders, whatever their extensions.

    Args:
        x: One folder.
        y: The other.
        limit: How many pairs to keep, evenly spread. Defaults to `None`, all of them.

    Raises:
        ValueError: If no names are the same, or two images of a folder bear one name.
    """
    by_name = _by_name(x), _by_name(y)
    both = [name for name in by_name[0] if name in by_name[1]]
    if not both:
        raise ValueError(
            f"Expected images of the same names in two folders. Received: {x.name} with {some(list(by_name[0]))}; "
            f"{y.name} with {some(list(by_name[1]))}"
        )
    alone = [str(path) for names in by_name for name, path in names.items() if name not in set(both)]
    warn_skipped("images without a readable one of the same name in the other folder", alone)
    kept = [both[index] for index in images.spread(len(both), limit)]
    return SameNames(x, y, tuple((by_name[0][name], by_name[1][name]) for name in kept))


def _by_name(folder: Folder) -> dict[str, Path]:
    by_name: dict[str, Path] = {}
    for path in folder.paths:
        name = path.relative_to(folder.root).with_suffix("").as_posix()
        if name in by_name:
            raise ValueError(f"Expected one image of a name in a folder. Received: {by_name[name]} and {path}")
        by_name[name] = path
    return by_name
