"""The folder of what can be computed again, and files in it whose damage is detected."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import platformdirs

from keras_gan.utils.files import atomic_path

VARIABLE = "KERAS_GAN_CACHE"
DIGEST = hashlib.sha256().digest_size


def cache_folder() -> Path:
    """Returns the folder that the environment variable KERAS_GAN_CACHE names, or the default of the platform."""
    named = os.environ.get(VARIABLE)
    return Path(named).expanduser() if named else platformdirs.user_cache_path("keras_gan", appauthor=False)


def read_cached(path: Path, key: bytes) -> bytes:
    """Returns the content of a file that `write_cached` wrote, and marks the file as used.

    Args:
        path: File of the cache.
        key: Key that the content was written with.

    Raises:
        OSError: If the file cannot be read. `FileNotFoundError` if there is none.
        ValueError: If the file is damaged, or was written with another key.
    """
    stored = path.read_bytes()
    digest, content = stored[:DIGEST], stored[DIGEST:]
    if hashlib.sha256(key + content).digest() != digest:
        raise ValueError(f"{path} is damaged")
    os.utime(path)
    return content


def write_cached(path: Path, key: bytes, content: bytes) -> None:
    """Write a file of the cache, completely or not at all.

    Args:
        path: File of the cache.
        key: Key that `read_cached` must be given.
        content: Content to keep.

    Raises:
        OSError: If the file cannot be written.
    """
    with atomic_path(path) as temporary:
        temporary.write_bytes(hashlib.sha256(key + content).digest() + content)
