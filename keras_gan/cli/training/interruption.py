"""Signals that end a training between two steps."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt(*_: Any) -> None:
    """Signal handler that raises `KeyboardInterrupt` at once."""
    raise KeyboardInterrupt


@contextmanager
def between_steps() -> Iterator[keras.callbacks.Callback]:
    """Yields a callback that raises `KeyboardInterrupt` after the step in which SIGINT or SIGTERM came.

    Pass it to `fit()` as the last callback. A handler that raises at once would interrupt a step after the update of
    one network, or a destructor, where the exception is lost. The second signal raises at once.
    """
    import keras

    came = False

    def remember(*_: Any) -> None:
        nonlocal came
        came = True
        for one in SIGNALS:
            signal.signal(one, interrupt)

    def end(*_: Any, **__: Any) -> None:
        if came:
            raise KeyboardInterrupt

    before = {one: signal.signal(one, remember) for one in SIGNALS}
    try:
        yield keras.callbacks.LambdaCallback(on_train_batch_end=end, on_epoch_end=end)
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)
