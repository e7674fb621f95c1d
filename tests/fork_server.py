"""New processes that have imported TensorFlow already, as its import takes 6 seconds of processor time.

A fork server imports it once and forks for each call. What has to run before TensorFlow is imported needs a process of
its own instead.
"""

from __future__ import annotations

import contextlib
import functools
import io
import multiprocessing
import sys
import textwrap
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.context import BaseContext
from pathlib import Path
from typing import Any


@functools.cache
def context() -> BaseContext:
    """The context whose processes have imported TensorFlow, but have run nothing of it."""
    if "forkserver" not in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("spawn")
    found = multiprocessing.get_context("forkserver")
    found.set_forkserver_preload(["tensorflow"])
    return found


def call(function: Callable[..., Any], *arguments: Any) -> Any:
    """Calls a function of a module in a new process."""
    with ProcessPoolExecutor(1, mp_context=context()) as process:
        return process.submit(function, *arguments).result()


def run(script: str, *arguments: Any) -> str:
    """Runs a script in a new process, and returns what it printed."""
    return call(_run, textwrap.dedent(script), list(map(str, arguments)))


def _run(script: str, arguments: list[str]) -> str:
    sys.argv = ["script", *arguments]
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(script, "script", "exec"), {"__name__": "__main__"})
    return printed.getvalue()


def processor_seconds() -> float:
    """Processor time of the server and of its processes that have ended, on Linux."""
    from multiprocessing import forkserver

    pid = getattr(forkserver._forkserver, "_forkserver_pid", None)
    if pid is None:
        return 0.0
    try:
        ticks = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[11:15]
    except FileNotFoundError:
        return 0.0
    return sum(map(int, ticks)) / 100
