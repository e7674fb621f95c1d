"""Sends a request again, after longer and longer waits."""

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
    """Calls a function of the seconds that are left until it succeeds, and returns its result.

    The server may say how long to wait. Otherwise the wait before retry k is a random time from 0 to
    0.1 * 2**(k - 1) seconds, at most 5. It is random so that many clients do not come back at once. All calls together
    take at most `timeout` seconds. The last error of `call` is raised.
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
