"""Suppression of the log lines of converters. Their errors still reach the user as exceptions."""

from __future__ import annotations

import contextlib
import logging
import os
import threading
import warnings
from collections.abc import Iterator

# Tracing and converting change settings of the whole process, so only one thread at a time may do it.
CONVERSION = threading.RLock()

_LOGGERS = ("absl", "tensorflow", "tf2onnx")


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Context manager that suppresses the log lines of converters: Python's loggers, warnings, and C++'s stderr.

    It affects the whole process, so hold `CONVERSION` around it: only one thread at a time may be inside.

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
    except OSError:  # a program without a console has no standard error
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
