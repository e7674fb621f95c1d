"""Writing files so that a reader, or a killed process, never meets half of one."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path


@contextlib.contextmanager
def atomic_path(path: str | os.PathLike[str]) -> Iterator[Path]:
    """Yield a temporary path beside `path` and rename it into place on success.

    The temporary name keeps the suffixes of `path` (writers such as Keras choose their format by them). On any
    exception the temporary file is removed and what stood at `path` before is untouched.

    Args:
        path: The file to write. Its folder is made if it is missing.

    Yields:
        A path in the same folder, which the caller writes.

    Raises:
        FileExistsError: If a device or a pipe is there, such as /dev/null, which a file would replace.

    Example:
    ```python
    with atomic_path("run/recipe.json") as temporary:
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


def append_line(path: str | os.PathLike[str], line: str) -> None:
    """Append a line to a file of lines, which a killed process leaves whole.

    The line is written at once. What follows the last whole line of the file, of a disk that was full, is cut off.

    Args:
        path: The file, made if it is missing; its folder too.
        line: Text without a line break.
    """
    destination = Path(path)
    destination.parent.mkdir(parents=True, exist_ok=True)
    with destination.open("ab+", buffering=0) as file:
        file.seek(0)
        file.truncate(file.read().rfind(b"\n") + 1)
        file.write(line.encode() + b"\n")
        os.fsync(file.fileno())
