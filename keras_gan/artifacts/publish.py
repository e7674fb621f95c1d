"""Putting a finished export in its place in one step, so that a server never sees half of it."""

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

try:
    import fcntl
except ModuleNotFoundError:  # Windows has other locks, and leaves a killed export's folder to its user
    fcntl = None  # type: ignore[assignment]

_PREFIX = ".export."
_FOLDER = "version"


@contextlib.contextmanager
def staging(directory: Path) -> Iterator[Path]:
    """Yield an empty folder on the file system of `directory`, which is gone afterwards with all that is still in it.

    What a killed process left of its own is swept away first. A living one holds a lock on its hidden folder.

    Args:
        directory: Where exports go. It is made if it is missing, and removed again if nothing was put into it.

    Yields:
        A folder in a hidden one.
    """
    made = [folder for folder in (directory, *directory.parents) if not folder.exists()]
    try:
        _sweep(directory)
        hidden, lock = _hidden_folder(directory)
        try:
            # The hidden folder is for its owner alone; what is published has the permissions of any new folder.
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
    """Move a finished folder to `home/<version>`.

    Args:
        folder: What to publish, on the file system of `home`.
        home: The folder of all versions. It is made if it is missing.
        version: The number, or `None` for the one after the last, whatever others publish meanwhile.
        stamp: Called with the number before the move, to write it into the folder.

    Returns:
        The published folder.

    Raises:
        VersionExistsError: If `version` is given and taken, or if there is none after the last.
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
    """The number after the greatest that `home` holds, even as a file; 1 if it holds none.

    Raises:
        VersionExistsError: If there is none after it that a server would load.
    """
    taken = (number_of(entry.name) for entry in home.iterdir())
    last = max((number for number in taken if number is not None), default=0)
    if last == GREATEST:
        raise VersionExistsError(
            f"`version` must be given where no number is left after the last. Received: version=None, and "
            f"`{home / str(last)}` exists"
        )
    return last + 1


def refuse_existing(home: Path, version: int | None) -> None:
    """Raise VersionExistsError if `version` is given and taken."""
    if version is not None and os.path.lexists(home / str(version)):
        raise VersionExistsError(
            f"Versions are never overwritten: pass another `version`, or None for the next. "
            f"Received: version={version}, and `{home / str(version)}` exists"
        )


def _hidden_folder(directory: Path) -> tuple[Path, int | None]:
    """A new folder, and the descriptor that holds the lock on it."""
    while True:
        directory.mkdir(parents=True, exist_ok=True)
        # An export that failed meanwhile may have removed the directory that it had made, or one that begins may have
        # swept the folder away before it was locked.
        with contextlib.suppress(FileNotFoundError):
            hidden = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=directory))
            try:
                return hidden, _locked(hidden)
            except BlockingIOError:
                continue


def _sweep(directory: Path) -> None:
    """Remove the hidden folders whose processes are dead."""
    if fcntl is None:
        return
    for hidden in directory.glob(f"{_PREFIX}*") if directory.is_dir() else ():
        # One that is locked is alive; one that is gone, or another user's, is not ours to remove.
        with contextlib.suppress(OSError):
            lock = _locked(hidden)
            if lock is not None:
                # Whatever else is called so is none of ours.
                if {entry.name for entry in hidden.iterdir()} <= {_FOLDER}:
                    shutil.rmtree(hidden, ignore_errors=True)
                os.close(lock)


def _locked(folder: Path) -> int | None:
    """Lock a folder until the descriptor is closed, or its process dies in whatever way.

    Returns:
        The descriptor; `None` where the system, or the file system, has no such locks.

    Raises:
        BlockingIOError: If another holds the lock.
        FileNotFoundError: If the folder is gone.
    """
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Whoever had the lock before may have removed the folder meanwhile.
        folder.stat()
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError | FileNotFoundError):
            raise
        return None
    return descriptor


def _sync(folder: Path) -> None:
    """Have the disk hold all of `folder` before its new name says that it does."""
    for parent, _, files in os.walk(folder):
        for name in files:
            _sync_file(Path(parent) / name)
        _sync_folder(Path(parent))


def _sync_file(path: Path) -> None:
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    if os.name == "nt":  # has no handle on a folder
        return
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
