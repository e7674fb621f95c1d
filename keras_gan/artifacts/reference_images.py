"""Some images of the Keras generator, saved beside the artifacts for `verify`. Imports no TensorFlow."""

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
# The limit for a file from an unknown source.
_MOST_BYTES = 256 << 20
_EXPECTED = "image"
# `zipfile` raises these for a file that is cut off, encrypted or compressed in another way.
_DAMAGED = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError)


def save_reference(path: Path, cases: Sequence[Case]) -> None:
    """Writes up to 8 images of the first image size and one of each other size.

    There are fewer large images, so that the file stays below about 4 MB.

    Args:
        path: The .npz file to write.
        cases: Inputs and images of the Keras generator. The largest batch at each size is used.
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
    """Reads a file that `save_reference` wrote.

    Args:
        path: The file. It is not trusted: nothing is unpickled, and at most 256 MB are read.

    Returns:
        A case for each image size.

    Raises:
        ArtifactError: If the file is damaged, or has other content.
    """
    cases: dict[str, dict[str, np.ndarray]] = {}
    left = _MOST_BYTES
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
        raise ArtifactError(f"Expected reference images. Received: `{path}`: {error}") from error


def _read(file: IO[bytes], most: int) -> np.ndarray:
    """Reads one array if its header says that it is small enough."""
    if (version := npy.read_magic(file)) != (1, 0):  # headers of other versions may have 4 GB
        raise ValueError(f"arrays of version {version} are not supported")
    shape, in_columns, dtype = npy.read_array_header_1_0(file)
    size = math.prod(shape) * dtype.itemsize
    if dtype.kind not in "fiu" or in_columns or size > most:
        raise ValueError(f"arrays of {dtype} {shape} are not supported")
    content = file.read(size)
    if len(content) < size:
        raise ValueError("an array is cut off")
    return np.frombuffer(content, dtype).reshape(shape)
