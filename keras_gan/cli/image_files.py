"""The image files that a command reads, and the names of the PNGs that it writes."""

from __future__ import annotations

import collections
import dataclasses
import os
from pathlib import Path

from keras_gan.datasets.decoding.images import EXTENSIONS


@dataclasses.dataclass(frozen=True)
class ImageFile:
    """An image to read, and the PNG to write.

    Args:
        source: Path of the image.
        destination: Path of the PNG.
        name: Name of the image for messages.
    """

    source: Path
    destination: Path
    name: str


@dataclasses.dataclass(frozen=True)
class ImageFiles:
    """The files of an input folder.

    Args:
        images: Files with the suffix of an image, in the order of their paths.
        others: Names of the other files.
    """

    images: tuple[ImageFile, ...]
    others: tuple[str, ...] = ()


def find_images(source: Path, output: Path) -> ImageFiles:
    """Find the images to read.

    Hidden files and folders are skipped. So is `output`, if it lies within `source`. Images whose PNGs would have the
    same name keep their suffix: photo.jpg.png and photo.webp.png.

    Args:
        source: Image, or folder of images with any sub-folders.
        output: Folder for the PNGs. For one image also the path of the PNG.

    Returns:
        The files, with at least one image.

    Raises:
        FileNotFoundError: If `source` does not exist.
        FileExistsError: If `output` must be a folder and is a file.
        ValueError: If there is no image, or a PNG would replace an image that is read.
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
            raise ValueError(f"--output must not be the folder of --input. Received: {output} for both")
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


def _files(root: Path, skipped: Path) -> list[Path]:
    """The paths of the files below `root`, relative to it."""
    found: list[Path] = []
    entered = {str(skipped)}
    for place, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(place)
        if real in entered:  # skipped, or a link to a folder that was visited
            folders.clear()
            continue
        entered.add(real)
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [Path(place, name).relative_to(root) for name in files if not name.startswith(".")]
    return sorted(found, key=Path.as_posix)


def _names(paths: list[Path]) -> dict[Path, str]:
    """The name of each PNG: photo.png for photo.jpg, or photo.jpg.png where two images share a name."""
    names = {path: f"{path.stem}.png" for path in paths}
    while True:
        # Most desktops ignore the case of names.
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
            raise ValueError(f"--output must not replace an image that is read. Received: {image.destination}")
