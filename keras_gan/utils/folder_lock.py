"""Lock of a folder, which ends with the process that holds it.

The lock is on the folder itself. So it leaves no file behind, and a killed process never blocks the next one.
The library `filelock` would add Windows, but it locks a file, which would stay in the folder.
"""

from __future__ import annotations

import os
from pathlib import Path

try:
    import fcntl
except ModuleNotFoundError:  # Windows
    fcntl = None  # type: ignore[assignment]


def lock_folder(folder: Path) -> int | None:
    """Locks a folder until the descriptor is closed or the process ends.

    Returns:
        The descriptor, for `os.close`; `None` if the system or the file system does not support locks.

    Raises:
        BlockingIOError: If another process holds the lock.
        FileNotFoundError: If the folder is gone.
    """
    if fcntl is None:
        return None
    descriptor = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # The previous owner of the lock may have removed the folder.
        folder.stat()
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError | FileNotFoundError):
            raise
        return None
    return descriptor
