"""Keeping the converters' own chatter off the screen: what matters of it reaches the user in an exception."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator

# Tracing and converting change settings of the whole process: one thread at a time.
CONVERSION = threading.RLock()

_LOGGERS = ("absl", "tensorflow", "tf2onnx")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Silence the converters: Python's loggers and warnings, and what their C++ writes to the standard error.

    It acts on the whole process, so one thread at a time may be inside.

    Example:
    ```python
    with quiet():
        converter.convert()
    ```
    """
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), _native_stderr_to_null():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


@contextlib.contextmanager
def _native_stderr_to_null() -> Iterator[None]:
    try:
        kept = os.dup(2)
    except OSError:  # a program without a console has no standard error to silence
        yield
        return
    null = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(null, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(null)
