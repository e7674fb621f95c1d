"""Latency of artifacts on the exporting machine."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

# The time for one batch. A slow model runs three times.
_SECONDS = 0.1
_LEAST_RUNS = 3


def median_milliseconds(run: Callable[[], Any]) -> tuple[float, int]:
    """Times a function that has been called before.

    Args:
        run: Function to time.

    Returns:
        The median in milliseconds, and the number of runs.
    """
    took: list[float] = []
    while len(took) < _LEAST_RUNS or sum(took) < _SECONDS:
        started = time.perf_counter()
        run()
        took.append(time.perf_counter() - started)
    return 1000 * statistics.median(took), len(took)


def machine() -> str:
    """Returns a description of the machine, such as "Linux x86_64, AMD EPYC 7B13, 2 cores"."""
    processor = _processor()
    return ", ".join(
        [f"{platform.system()} {platform.machine()}", *([processor] if processor else []), f"{os.cpu_count()} cores"]
    )


def _processor() -> str:
    """Returns the name of the processor. On Linux, `platform.processor()` does not know it."""
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8", errors="replace").splitlines() if file.is_file() else []
    named = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return named[0] if named else platform.processor()
