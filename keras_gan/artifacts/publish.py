"""Publishing of a finished export in one step, so that a server never reads half of it."""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

from keras_gan.artifacts.errors import VersionExistsError
from keras_gan.artifacts.versions import GREATEST, number_of
from keras_gan.utils.folder_lock import lock_folder

_PREFIX = ".export."
_FOLDER = "version"


@contextlib.contextmanager
def staging(directory: Path) -> Iterator[Path]:
    """Yields an empty temporary folder on the file system of `directory`.

    It first removes the folders of killed processes. A running process holds a lock on its folder.

    Args:
        directory: Folder of the exports. It is made if it is missing, and removed again if nothing was published.

    Yields:
        A folder inside a hidden one. Both are removed afterwards with their content.
    """
    made = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    try:
        _sweep(directory)
        hidden, lock = _hidden_folder(directory)
        try:
            # `mkdtemp` restricts the hidden folder to its owner; the published one has the usual permissions.
            folder = hidden / _FOLDER
            folder.mkdir()
            yield folder
        finally:
            shutil.rmtree(hidden, ignore_errors=True)
            if lock is not None:
                os.close(lock)
    finally:
        for folder in made:
            with contextlib.suppress(OSError):
                folder.rmdir()


def publish(folder: Path, home: Path, version: int | None, stamp: Callable[[int], None]) -> Path:
    """Moves a finished folder to `home/<version>`.

    Args:
        folder: Finished folder, on the file system of `home`.
        home: Folder of all versions. It is made if it is missing.
        version: Number of the version, or None for the next free one, even if others publish at the same time.
        stamp: Function that is called with the number before the move, to write it into the folder.

    Returns:
        The published folder.

    Raises:
        VersionExistsError: If `version` exists, or if no number is left after the last version.
        OSError: If the folder cannot be moved.
    """
    made = not home.exists()
    home.mkdir(parents=True, exist_ok=True)
    try:
        while True:
            number = next_version(home) if version is None else version
            refuse_existing(home, version)
            stamp(number)
            _sync(folder)
            try:
                folder.rename(home / str(number))
            except OSError as error:
                if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                    raise
                continue
            _sync_folder(home)
            _sync_folder(home.parent)
            return home / str(number)
    except BaseException:
        if made:
            with contextlib.suppress(OSError):
                home.rmdir()
        raise


def next_version(home: Path) -> int:
    """Returns the number after the greatest version in `home`, or 1 in an empty folder.

    Args:
        home: Folder of all versions. A file whose name is a number counts, too.

    Raises:
        VersionExistsError: If the greatest version is the last number that a server loads.
    """
    taken = (number_of(entry.name) for entry in home.iterdir())
    last = max((number for number in taken if number is not None), default=0)
    if last == GREATEST:
        raise VersionExistsError(
            f"`version` must be given: no number is left after `{home / str(last)}`. Received: version=None"
        )
    return last + 1


def refuse_existing(home: Path, version: int | None) -> None:
    """Raises `VersionExistsError` if `version` exists."""
    if version is not None and os.path.lexists(home / str(version)):
        raise VersionExistsError(
            f"`version` must not exist: versions are never overwritten. Pass another one, or None for the next. "
            f"Received: version={version}, and `{home / str(version)}` exists"
        )


def _hidden_folder(directory: Path) -> tuple[Path, int | None]:
    """Makes a new folder and locks it; returns the folder and the descriptor of the lock."""
    while True:
        directory.mkdir(parents=True, exist_ok=True)
        # Another export may have failed and removed the directory that it had made. Or it may have started and removed
        # this folder before it was locked.
        with contextlib.suppress(FileNotFoundError):
            hidden = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
            try:
                return hidden, lock_folder(hidden)
            except BlockingIOError:
                continue


def _sweep(directory: Path) -> None:
    """Removes the hidden folders of dead processes, if the system has locks."""
    for hidden in directory.glob(f"{_PREFIX}*") if directory.is_dir() else ():
        # A locked folder belongs to a running process. Others may be gone, or belong to another user.
        with contextlib.suppress(OSError):
            lock = lock_folder(hidden)
            if lock is not None:
                # A folder with other content is not from here.
                if {entry.name for entry in hidden.iterdir()} <= {_FOLDER}:
                    shutil.rmtree(hidden, ignore_errors=True)
                os.close(lock)


def _sync(folder: Path) -> None:
    """Writes all of `folder` to disk, so that it is complete under its new name after a power cut."""
    for parent, _, files in os.walk(folder):
        for name in files:
            _sync_file(Path(parent) / name)
        _sync_folder(Path(parent))


def _sync_file(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # Windows cannot open a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
