"""Writing of files that are always complete, even if the process is killed."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from keras_gan.typing import PathLike


@contextlib.contextmanager
def atomic_path(path: PathLike) -> Iterator[Path]:
    """Context manager that yields a temporary path and renames it to `path` on success.

    The temporary file has the same name, in a hidden folder, because writers such as Keras choose the format by the
    suffix. After an exception it is removed, and the file at `path` is unchanged.

    Args:
        path: File to write. Its folder is created if it is missing.

    Yields:
        A path beside `path`, which the caller writes.

    Raises:
        FileExistsError: If `path` is a device or a pipe, such as /dev/null, which a file must not replace.

    Example:
    ```python
    with atomic_path("run/facts.json") as temporary:
        temporary.write_text("{}")
    ```
    """
    destination = Path(path)
    if destination.exists() and not (destination.is_file() or destination.is_dir()):
        raise FileExistsError(f"Expected the path of a file. Received: {destination}, which is a device or a pipe")
    destination.parent.mkdir(parents=True, exist_ok=True)
    folder = tempfile.mkdtemp(prefix=f".{destination.name}.", dir=destination.parent)
    temporary = Path(folder) / destination.name
    try:
        yield temporary
        with temporary.open("rb") as written:
            os.fsync(written.fileno())
        temporary.replace(destination)
    finally:
        temporary.unlink(missing_ok=True)
        Path(folder).rmdir()


def append_line(path: PathLike, line: str) -> None:
    """Append a line to a file of lines, in one write, so that a killed process leaves complete lines.

    An incomplete last line, which a full disk may have left, is removed first.

    Args:
        path: File of lines. It and its folder are created if they are missing.
        line: Text without a line break.
    """
    destination = Path(path)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with destination.open("ab+", buffering=0) as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line.encode() + b"\n")
        os.fsync(file.fileno())
