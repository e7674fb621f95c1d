"""Memory that a version held goes back to the system when the version goes."""

from __future__ import annotations

import ctypes
import os
import sys

_M_MMAP_THRESHOLD = -3  # of glibc's malloc.h
_USUAL = 128 * 1024


def give_back_what_is_freed() -> None:
    """Hold glibc to its first threshold, from which on a block of memory is a mapping of its own.

    It raises the threshold up to 32 MiB as soon as a larger block is freed, a model's weights here; those of the next
    versions then come from its heap, where what is freed lies between what is not. Other C libraries are left alone,
    and who has set `MALLOC_MMAP_THRESHOLD_` is believed.
    """
    if not sys.platform.startswith("linux") or "MALLOC_MMAP_THRESHOLD_" in os.environ:
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_MMAP_THRESHOLD, _USUAL)
