"""Pairs of images of two domains. A pair is one array, with the channels of x before those of y.

So a crop or a flip is the same for both images.
"""

from __future__ import annotations

import dataclasses
import functools
import os
from pathlib import Path
from typing import Any, Protocol, TypeAlias

import numpy as np

from keras_gan.datasets.catalogue import PACKAGED
from keras_gan.datasets.decoding import images
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.skipped_files import abbreviate, warn_skipped
from keras_gan.datasets.sources.folder import Folder, scan
from keras_gan.datasets.sources.lookup import find
from keras_gan.datasets.sources.source import Source
from keras_gan.typing import Range

Ranges: TypeAlias = tuple[Range | None, Range | None]


class Pairs(Protocol):
    """Interface of pairs that were found but not yet converted to the size asked for."""

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """Name of each domain, and the shape of its images as stored."""

    def images(self, size: images.Size, channels: tuple[int, int], ranges: Ranges = (None, None)) -> images.Images:
        """Returns the pairs, as arrays with the channels of x before those of y."""


@dataclasses.dataclass(frozen=True)
class SideBySidePairs:
    """Images whose left half is x and whose right half is y.

    Args:
        folder: Folder of the images.
    """

    folder: Folder

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """Name and shape of the halves."""
        height, width, channels = self.folder.image_shape
        return [(f"the halves in {self.folder.name}", (height, width and width // 2, channels))]

    def images(self, size: images.Size, channels: tuple[int, int], ranges: Ranges = (None, None)) -> images.Images:
        """Returns the pairs, as arrays with the channels of x before those of y."""
        stated = ranges[0] or ranges[1]
        if None not in ranges and ranges[0] != ranges[1]:
            raise ValueError(
                f"Two halves of one image have one `value_range`. Received: value_range={ranges} for {self.folder.name}"
            )
        options = _scaling(self.folder, stated)
        decode = functools.partial(images.read_halves, image_size=size, channels=channels, **options)
        dtype = np.dtype(np.float32 if options else np.uint8)
        return LazyImages(self.folder.name, self.folder.paths, decode, (*size, sum(channels)), dtype=dtype).load()[0]


@dataclasses.dataclass(frozen=True)
class SameNamePairs:
    """Images of the same name in two folders.

    Args:
        x: Folder of the images of x.
        y: Folder of the images of y.
        paths: Path in `x` and path in `y` of each pair.
    """

    x: Folder
    y: Folder
    paths: tuple[tuple[Path, Path], ...]

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """Name and shape of each domain."""
        return [(folder.name, folder.image_shape) for folder in (self.x, self.y)]

    def images(self, size: images.Size, channels: tuple[int, int], ranges: Ranges = (None, None)) -> images.Images:
        """Returns the pairs, as arrays with the channels of x before those of y."""
        options = [_scaling(folder, stated) for folder, stated in zip((self.x, self.y), ranges, strict=True)]

        def decode(paths: tuple[Path, Path]) -> np.ndarray:
            both = [
                images.read(path, size, depth, **option)
                for path, depth, option in zip(paths, channels, options, strict=True)
            ]
            return np.concatenate(both, axis=-1)

        name = f"{self.x.name} and {self.y.name}"
        dtype = np.dtype(np.float32 if any(options) else np.uint8)
        return LazyImages(name, self.paths, decode, (*size, sum(channels)), dtype=dtype).load()[0]


@dataclasses.dataclass(frozen=True)
class SameOrderPairs:
    """Two packaged sets whose images correspond one by one.

    Args:
        x: Images of x.
        y: Images of y.
    """

    x: Source
    y: Source

    @property
    def domains(self) -> list[tuple[str, images.StoredShape]]:
        """Name and shape of each domain."""
        return [(source.name, source.image_shape) for source in (self.x, self.y)]

    def images(self, size: images.Size, channels: tuple[int, int], ranges: Ranges = (None, None)) -> images.Images:
        """Returns the pairs, as arrays with the channels of x before those of y."""
        found = [
            source.images(size, depth, stated)[0]
            for source, depth, stated in zip((self.x, self.y), channels, ranges, strict=True)
        ]
        both = [images if isinstance(images, np.ndarray) else images[np.arange(images.shape[0])] for images in found]
        return np.concatenate(both, axis=-1)


def _scaling(folder: Folder, stated: Range | None) -> dict[str, Any]:
    """Returns the arguments of `images.read` for a folder with images of more than 8 bits, or with a stated range."""
    used = folder.value_range(stated)
    if used is None:
        return {}
    if stated is None:
        used.log(folder.name)
    return {"value_range": used.values, "deep_only": used.deep_only}


def channels_of(pairs: Pairs, channels: tuple[int | None, int | None]) -> tuple[int, int]:
    """Returns the channels of each side of the pairs: those asked for, or 1 if most images are grey."""
    stored = [min(shape[-1], 3) for _, shape in pairs.domains]
    return channels[0] or stored[0], channels[1] or stored[-1]


def find_pairs(x: str | os.PathLike[str], y: str | os.PathLike[str] | None, split: str, limit: int | None) -> Pairs:
    """Returns the pairs of two names or folders, or of one folder; see `keras_gan.datasets.load_paired`.

    Raises:
        ValueError: If the two have no pairs.
    """
    found = [find(domain) for domain in (x, y) if domain is not None]
    kinds, splits = {each.kind for each in found}, {each.split or split for each in found}
    if kinds == {"folder"} and splits == {"train"}:
        if y is None:
            return SideBySidePairs(scan(Path(found[0].name), limit))
        return match(scan(Path(found[0].name)), scan(Path(found[1].name)), limit)
    if len(found) == 2 and kinds == {"packaged"} and len(splits) == 1:
        first, second = (PACKAGED[each.name] for each in found)
        if second.name in first.info().pairs_with:
            (common,) = splits
            return SameOrderPairs(first.open(common, limit), second.open(common, limit))
    raise ValueError(
        "Expected two folders of images, or two packaged sets that correspond, such as 'emoji/google' and "
        "'emoji/twitter'. One folder is enough if its images hold x on the left and y on the right. "
        f"Received: x={os.fspath(x)!r}, y={y and os.fspath(y)!r}, split={split!r}"
    )


def match(x: Folder, y: Folder, limit: int | None = None) -> SameNamePairs:
    """Pairs the images of the same name in two folders. Their extensions may differ.

    Args:
        x: Folder of the images of x.
        y: Folder of the images of y.
        limit: Largest number of pairs, spread evenly. Defaults to `None`, all pairs.

    Raises:
        ValueError: If no names are the same, or two images in a folder have the same name.
    """
    by_name = _by_name(x), _by_name(y)
    both = [name for name in by_name[0] if name in by_name[1]]
    if not both:
        raise ValueError(
            "Expected images of the same names in two folders. "
            f"Received: {x.name} with {abbreviate(list(by_name[0]))}; {y.name} with {abbreviate(list(by_name[1]))}"
        )
    alone = [str(path) for names in by_name for name, path in names.items() if name not in set(both)]
    warn_skipped("images that have no readable partner of the same name in the other folder", alone)
    kept = [both[index] for index in images.spread(len(both), limit)]
    return SameNamePairs(x, y, tuple((by_name[0][name], by_name[1][name]) for name in kept))


def _by_name(folder: Folder) -> dict[str, Path]:
    by_name: dict[str, Path] = {}
    for path in folder.paths:
        name = path.relative_to(folder.root).with_suffix("").as_posix()
        if name in by_name:
            raise ValueError(
                f"Expected different names of the images in a folder. Received: {by_name[name]} and {path}"
            )
        by_name[name] = path
    return by_name
