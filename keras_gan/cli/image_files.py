"""Which files hold the images that a command reads, and what to call the PNGs that it makes of them."""

from __future__ import annotations

import collections
import dataclasses
import os
from pathlib import Path

from keras_gan.datasets.decoding.images import EXTENSIONS


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """An image to read and the PNG to make of it.

    Args:
        source: The image.
        destination: The PNG.
        name: What to call the image.
    """

    source: Path
    destination: Path
    name: str


@dataclasses.dataclass(frozen=True)
class ImageFiles:
    """What was found.

    Args:
        images: The files with an image's suffix, in the order of their paths.
        others: The names of the other files.
    """

    images: tuple[ImageFile, ...]
    others: tuple[str, ...] = ()


def find(source: Path, output: Path) -> ImageFiles:
    """Find the images to read.

    Hidden files and folders are left out, and so is `output` where it lies within `source`. Images whose PNGs would
    have the same name keep their suffix: photo.jpg.png and photo.webp.png.

    Args:
        source: An image, or a folder of images; its sub-folders count and are mirrored.
        output: The folder for the PNGs; for one image also the name of the PNG.

    Returns:
        The files, one image at least.

    Raises:
        FileNotFoundError: If there is no `source`.
        FileExistsError: If `output` is a file that should be a folder.
        ValueError: If there is no image, or a PNG would take an image's place.
    """
    if not source.exists():
        raise FileNotFoundError(f"Expected an image or a folder of images. Received: {source}, which does not exist")
    one = not source.is_dir()
    as_file = output.suffix.lower() in EXTENSIONS and not output.is_dir()
    if as_file and not (one and output.suffix.lower() == ".png"):
        expected = "a folder, or a name that ends in .png" if one else "a folder, as --input is one"
        raise ValueError(f"--output must be {expected}. Received: {output}")
    if output.exists() and not output.is_dir() and not as_file:
        raise FileExistsError(f"--output must be a folder. Received: {output}, which is a file")
    if one:
        destination = output if as_file else output / f"{source.stem}.png"
        found = ImageFiles((ImageFile(source, destination, str(source)),))
    else:
        if source.resolve() == output.resolve():
            raise ValueError(f"--output must be another folder than --input. Received: {output} for both")
        found = _below(source, output)
    _refuse_to_replace(found)
    return found


def _below(source: Path, output: Path) -> ImageFiles:
    files = _files(source, output.resolve())
    images = [path for path in files if path.suffix.lower() in EXTENSIONS]
    if not images:
        raise ValueError(f"Expected a folder with images in it ({', '.join(sorted(EXTENSIONS))}). Received: {source}")
    return ImageFiles(
        tuple(
            ImageFile(source / path, output / path.with_name(name), path.as_posix())
            for path, name in _names(images).items()
        ),
        tuple(path.as_posix() for path in files if path.suffix.lower() not in EXTENSIONS),
    )


def _files(root: Path, left_out: Path) -> list[Path]:
    """The files below `root`, relative to it."""
    found: list[Path] = []
    entered = {str(left_out)}
    for place, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:  # left out, or a link back to where we have been
            folders.clear()
            continue
        entered.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name).relative_to(root) for name in files if not name.startswith(".")]
    return sorted(found, key=Path.as_posix)


def _names(paths: list[Path]) -> dict[Path, str]:
    """The name of each PNG: the image's with another suffix, or where that is taken by another, with one more."""
    names = {path: f"{path.stem}.png" for path in paths}
    while True:
        # Without regard to case, as on most desktops.
        taken = collections.Counter(str(path.with_name(name)).casefold() for path, name in names.items())
        changed = [
            path
            for path, name in names.items()
            if taken[str(path.with_name(name)).casefold()] > 1 and name != f"{path.name}.png"
        ]
        if not changed:
            return names
        names |= {path: f"{path.name}.png" for path in changed}


def _refuse_to_replace(found: ImageFiles) -> None:
    sources = {image.source.resolve() for image in found.images}
    for image in found.images:
        if image.destination.resolve() in sources:
            raise ValueError(
                f"--output must not put a PNG in the place of an image that is read. Received: {image.destination}"
            )
