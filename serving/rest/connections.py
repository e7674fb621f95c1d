"""Limits of open connections and of the bytes that wait in them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Any

# Descriptors that the server needs for files and models.
_RESERVED = 128
_MOST = 1000


class BytesInFlight:
    """Limits a sum of bytes. Beyond it, the holder that waits for its client for longest gives its bytes up.

    Args:
        most: Largest sum.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.sum = 0
        self._holders: dict[Any, tuple[int, Callable[[], object] | None]] = {}

    def hold(self, holder: Any, size: int, drop: Callable[[], object] | None) -> None:
        """Sets the bytes of a holder. `drop` makes it give them up, and is None once it waits for the server."""
        self.sum += size - self._holders.get(holder, (0, None))[0]
        self._holders[holder] = (size, drop)
        while self.sum > self.most:
            waiting = [(one, drop) for one, (_, drop) in self._holders.items() if drop is not None]
            if len(self._holders) == 1 or not waiting:
                return
            oldest, give_up = waiting[0]
            self.release(oldest)
            give_up()

    def release(self, holder: Any) -> None:
        """Forgets the bytes of a holder."""
        size, _ = self._holders.pop(holder, (0, None))
        self.sum -= size


class Connections:
    """Limits the number of open connections.

    At the limit, a new connection replaces the one that waits for its client for longest: for headers, for the rest
    of a body or for another request. So a client that only holds connections does not keep others out. `waiting` has
    these connections, the oldest first. `answers` limits the bytes that clients have not read.
    """

    def __init__(self, most: int, answers: BytesInFlight) -> None:
        self.most = most
        self.answers = answers
        self.waiting: dict[Any, None] = {}
        self._open: set[Any] = set()

    def add(self, connection: Any) -> None:
        """Counts a new connection, and makes room for it."""
        self._open.add(connection)
        self.waiting[connection] = None
        if len(self._open) > self.most:
            oldest = next(iter(self.waiting))
            self.remove(oldest)
            oldest.abort()

    def remove(self, connection: Any) -> None:
        """Forgets a connection."""
        self._open.discard(connection)
        self.waiting.pop(connection, None)
        self.answers.release(connection)


def default_connections() -> int:
    """Returns the number of connections to REST and to gRPC each that the limit of open files has room for."""
    if sys.platform == "win32":
        return _MOST
    import resource  # not on Windows

    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return _MOST if soft == resource.RLIM_INFINITY else max(16, min(_MOST, (soft - _RESERVED) // 2))
