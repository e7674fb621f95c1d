"""Arrays of packaged sets, which are parsed once and then kept in the cache."""

from __future__ import annotations

import hashlib
import importlib.util
import io
import logging
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from keras_gan.errors import KerasGANWarning
from keras_gan.utils.cache import cache_folder, read_cached, write_cached

Arrays = dict[str, np.ndarray]


def parsed_arrays(name: str, files: Iterable[Path], parse: Callable[[], Arrays]) -> Arrays:
    """Returns the arrays of a packaged set, from the cache if its files were parsed before.

    The key is a hash of the files, so changed files are parsed again. A damaged file of the cache is replaced, with a
    `KerasGANWarning`. If the cache cannot be written, the arrays are parsed in each process.

    Args:
        name: Name of the set.
        files: Files that the set is parsed from.
        parse: Function that returns the arrays.
    """
    key = _hash(files)
    path = cache_folder() / "datasets" / f"{name.replace('/', '-')}-{key.hex()[:16]}.npz"
    try:
        return dict(np.load(io.BytesIO(read_cached(path, key)), allow_pickle=False))
    except ValueError:
        message = f"The cached copy of {name!r} in {path} was damaged. The set is parsed again."
        warnings.warn(message, KerasGANWarning, stacklevel=2)
    except OSError:  # not in the cache yet, or not readable
        pass
    arrays = parse()
    content = io.BytesIO()
    np.savez(content, allow_pickle=False, **arrays)
    try:
        write_cached(path, key, content.getvalue())
    except OSError as error:
        logging.getLogger(__name__).info("%r was not cached: %s", name, error)
    return arrays


def file_of(package: str, place: str) -> Path:
    """Returns the path of a file in an installed package, without importing the package.

    Args:
        package: Name of the package.
        place: Path of the file in the folder of the package.

    Raises:
        ModuleNotFoundError: If the package is not installed.
    """
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError(f"No module named {package!r}", name=package)
    return Path(spec.origin).parent / place


def _hash(files: Iterable[Path]) -> bytes:
    found = hashlib.sha256()
    for file in files:
        content = file.read_bytes() if file.is_file() else b""  # `parse` says which file is missing
        found.update(hashlib.sha256(content).digest())
    return found.digest()
