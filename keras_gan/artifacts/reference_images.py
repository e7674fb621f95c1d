"""A few of the images that Keras drew, kept beside the artifacts for those who check them later. No TensorFlow here."""

from __future__ import annotations

import math
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import numpy as np
from numpy.lib import format as npy

from keras_gan.artifacts.case import Case
from keras_gan.artifacts.errors import ArtifactError

FILENAME = "parity.npz"
_ROWS = 8
_BYTES = 4 << 20
# What is read of a file that may come from anywhere.
_MOST = 256 << 20
_EXPECTED = "image"
# What `zipfile` raises besides, of a file that is cut off, locked or packed in a way of its own.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def save_reference(path: Path, cases: Sequence[Case]) -> None:
    """Keep the largest batch at each image size: up to 8 images of the first size, one of each other.

    Large images are fewer, so that all of them take no more than 4 MB or so.

    Args:
        path: The .npz file to write.
        cases: What Keras was given and what it drew.
    """
    largest: dict[tuple[int, int] | None, Case] = {}
    for case in cases:
        known = largest.get(case.image_size)
        if known is None or len(known.expected) < len(case.expected):
            largest[case.image_size] = case
    arrays: dict[str, np.ndarray] = {}
    for i, case in enumerate(largest.values()):
        given = {**case.inputs, _EXPECTED: case.expected}
        row = sum(array[:1].nbytes for array in given.values())
        rows = max(1, min(_ROWS, _BYTES // row)) if i == 0 else 1
        arrays |= {f"{i}.{name}": np.ascontiguousarray(array[:rows]) for name, array in given.items()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, array in arrays.items():
            with archive.open(f"{name}.npy", "w") as file:
                npy.write_array(file, array, allow_pickle=False)


def load_reference(path: Path) -> tuple[Case, ...]:
    """Read what `save_reference` wrote.

    Args:
        path: The file. It is not trusted: nothing is unpickled, and no more than 256 MB are read.

    Returns:
        A case for each image size.

    Raises:
        ArtifactError: If it is anything else.
    """
    cases: dict[str, dict[str, np.ndarray]] = {}
    left = _MOST
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.namelist():
                number, _, name = member.removesuffix(".npy").partition(".")
                with archive.open(member) as file:
                    array = _read(file, left)
                left -= array.nbytes
                cases.setdefault(number, {})[name] = array
        if not cases:
            raise ValueError("it is empty")
        return tuple(Case(arrays, arrays.pop(_EXPECTED)) for arrays in cases.values())
    except (*_DAMAGED, ValueError, KeyError, OSError) as error:
        raise ArtifactError(f"Expected reference images. Received: `{path}`, of which {error}") from error


def _read(file: IO[bytes], most: int) -> np.ndarray:
    """One array, after a look at how large it says that it is."""
    if (version := npy.read_magic(file)) != (1, 0):  # the others' headers may be of 4 GB
        raise ValueError(f"an array of version {version} is none of ours")
    shape, in_columns, dtype = npy.read_array_header_1_0(file)
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "fiu" or in_columns or size > most:
        raise ValueError(f"an array of {dtype} {shape} is none of ours")
    content = file.read(size)
    if len(content) < size:
        raise ValueError("an array is cut off")
    return np.frombuffer(content, dtype).reshape(shape)
