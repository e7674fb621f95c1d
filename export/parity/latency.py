"""How long an artifact takes, on the machine that exports it."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# For one batch; a slow model is timed three times.
_SECONDS = 0.1
_LEAST_RUNS = 3


def median_milliseconds(run: Callable[[], Any]) -> tuple[float, int]:
    """Time what has been run before, and is warm.

    Args:
        run: What to time.

    Returns:
        The median in milliseconds, and of how many runs it is.
    """
    took: list[float] = []
    while len(took) < _LEAST_RUNS or sum(took) < _SECONDS:
        started = time.perf_counter()
        run()
        took.append(time.perf_counter() - started)
    return 1000 * statistics.median(took), len(took)


def machine() -> str:
    """The machine in a few words, such as "Linux x86_64, AMD EPYC 7B13, 2 cores"."""
    processor = _processor()
    return ", ".join(
        [f"{platform.system()} {platform.machine()}", *([processor] if processor else []), f"{os.cpu_count()} cores"]
    )


def _processor() -> str:
    """Its name where Linux tells it, as Python's own `platform.processor` does not there."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
