"""Finds the images that a name or a folder stands for."""

from __future__ import annotations

import difflib
import os
import re
from pathlib import Path
from typing import Literal, NamedTuple

from keras_gan.datasets.catalogue import PACKAGED
from keras_gan.datasets.decoding.deep_pixels import NUMPY
from keras_gan.datasets.sources import folder
from keras_gan.datasets.sources.array_file import ArrayFile, open_array_file
from keras_gan.datasets.sources.float_set import CSV, FloatSet, read_csv
from keras_gan.datasets.sources.folder import Folder
from keras_gan.datasets.sources.source import Source, check_split
from keras_gan.datasets.sources.wav_folder import read_wav_folder, wav_files
from keras_gan.datasets.tfds import builders
from keras_gan.utils.extras import install_hint

FILES = NUMPY | {CSV}
_SPLIT = r"[A-Za-z_]\w*(?:\[[^\]]*\])?"
ARCHIVES = (".zip", ".tar", ".gz", ".tgz", ".bz2", ".xz", ".7z", ".rar")
NAME_AND_SPLIT = re.compile(rf"(.+):({_SPLIT}(?:\+{_SPLIT})*)")


class Reference(NamedTuple):
    """A data set that was found by its name.

    Args:
        kind: Kind of the set.
        name: Name of the set, or the path of the folder or file.
        split: Split that the name ends with, or `None`.
    """

    kind: Literal["packaged", "folder", "file", "tfds"]
    name: str
    split: str | None


def find(name_or_folder: str | os.PathLike[str]) -> Reference:
    """Finds the data set that a name or a folder stands for. Reads no images.

    Args:
        name_or_folder: Name or folder, as `keras_gan.datasets.load` takes it.

    Raises:
        ValueError: If there is no data set of that name.
    """
    name, split = os.fspath(name_or_folder), None
    is_name = isinstance(name_or_folder, str)
    prefixed = is_name and name.startswith(builders.PREFIX)
    if not prefixed and not (is_name and name in PACKAGED) and Path(name).expanduser().is_dir():
        return Reference("folder", str(Path(name).expanduser()), None)
    if not prefixed and Path(name).suffix.lower() in FILES and Path(name).expanduser().is_file():
        return Reference("file", str(Path(name).expanduser()), None)
    name = name.removeprefix(builders.PREFIX)
    if is_name and (parsed := NAME_AND_SPLIT.fullmatch(name)):
        name, split = parsed.groups()
    by_tfds_name = {known.tfds_name: known.name for known in PACKAGED.values() if known.tfds_name}
    if prefixed and name in by_tfds_name:
        return Reference("packaged", by_tfds_name[name], split)
    if is_name and not prefixed and name in PACKAGED:
        return Reference("packaged", name, split)
    others = builders.names()
    if is_name and (re.split("[/:]", name)[0] in others or (prefixed and not others)):
        return Reference("tfds", name, split)
    if Path(name).suffix.lower() in ARCHIVES and Path(name).is_file():
        raise ValueError(f"Expected a folder of images. Received: {name!r}, an archive. Unpack it into a folder first")
    close = difflib.get_close_matches(name, [*PACKAGED, *others], n=3)
    raise ValueError(
        f"Expected the name of a data set, a folder of images or WAV files, a NumPy or a CSV file. Received: {name!r}. "
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
    """Returns the images that a name or a folder stands for; see `keras_gan.datasets.load` for the arguments."""
    kind, name, split_of_name = find(name_or_folder)
    split = split_of_name or split
    if kind == "packaged":
        return PACKAGED[name].open(split, limit, data_dir, timeout)
    if kind == "tfds":
        builder = builders.prepare(builders.builder(name, data_dir), timeout)
        return builders.open_split(builder, split, limit)
    check_split(name, split, ("train",))
    return open_local(kind, Path(name), limit)


def open_local(kind: str, path: Path, limit: int | None = None) -> Folder | ArrayFile | FloatSet:
    """Opens a folder or a file of images, vectors or sequences.

    Args:
        kind: "folder" or "file".
        path: Its path.
        limit: Largest number of images, spread evenly. Defaults to `None`, all.
    """
    if kind == "file":
        return read_csv(path, limit) if path.suffix.lower() == CSV else open_array_file(path, limit)
    return read_wav_folder(path, limit) if wav_files(path) else folder.scan(path, limit)
