"""A training that is interrupted ends between two steps."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import keras

SIGNALS = (signal.SIGINT, signal.SIGTERM)


def interrupt(*_: Any) -> None:
    """A signal's handler that raises `KeyboardInterrupt` where the program is."""
    raise KeyboardInterrupt


@contextmanager
def between_steps() -> Iterator[keras.callbacks.Callback]:
    """A callback, the last of `fit`, that raises `KeyboardInterrupt` after the step in which SIGINT or SIGTERM came.

    What a signal's handler raises lands wherever Python is: in a step, with one player updated and the other not, or
    in a destructor, where it is lost and the training goes on. The second signal is raised at once all the same.
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
