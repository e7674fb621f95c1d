"""Returns freed memory to the system."""

from __future__ import annotations

import ctypes
import os
import sys

_M_MMAP_THRESHOLD = -3  # in glibc's malloc.h
_THRESHOLD = 128 * 1024


def return_freed_memory() -> None:
    """Keeps glibc's mmap threshold at 128 KiB, so that the weights of an unloaded version go back to the system.

    By default glibc raises the threshold up to 32 MiB when a large block is freed. The weights of later versions then
    stay in its heap. Other C libraries, and a threshold set by `MALLOC_MMAP_THRESHOLD_`, are left alone.
    """
    if not sys.platform.startswith("linux") or "MALLOC_MMAP_THRESHOLD_" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _THRESHOLD)
