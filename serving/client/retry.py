"""Sending a request again, later and later."""

from __future__ import annotations

import itertools
import random
import time
from collections.abc import Callable
from typing import TypeVar

from keras_gan.serving.client.errors import RetryableError

T = TypeVar("T")
FIRST = 0.1
LONGEST = 5.0


def retry(call: Callable[[float], T], timeout: float, retries: int) -> T:
    """Call until it works, `retries` times more at most, within `timeout`.

    The wait before the k-th retry is drawn from 0 to 0.1 * 2**(k - 1) seconds, 5 at most, so that many clients do not
    come back at once; or it is what the server asked for.

    Args:
        call: Takes the seconds that are left.
        timeout: Seconds for all of it.
        retries: How often to try again.

    Returns:
        What `call` returns.

    Raises:
        Exception: What `call` raised; of a `RetryableError` the error in it, when there is no time or retry left.
    """
    deadline = time.monotonic() + timeout
    for attempt in itertools.count():
        try:
            return call(max(deadline - time.monotonic(), 0.001))
        except RetryableError as failed:
            wait = failed.after
            if wait is None:
                wait = random.uniform(0, min(LONGEST, FIRST * 2**attempt))
            if attempt >= retries or time.monotonic() + wait >= deadline:
                raise failed.error from failed.__cause__
        time.sleep(wait)
    raise AssertionError
