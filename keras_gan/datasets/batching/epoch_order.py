"""The order in which an epoch visits the images: a function of the seed and the epoch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from typing import TypeVar

import numpy as np

T = TypeVar("T")


def epoch_order(number: int, seed: int, epoch: int) -> np.ndarray:
    """Returns the permutation of `number` images for one epoch."""
    return np.random.default_rng([seed, epoch]).permutation(number)


def window_shuffle(items: Iterable[T], window: int, seed: int, epoch: int) -> Iterator[T]:
    """Yields `items`, which cannot be indexed, each taken at random from a buffer of the next `window`."""
    random = np.random.default_rng([seed, epoch])
    source = iter(items)
    buffer = list(itertools.islice(source, window))
    for item in source:
        index = random.integers(len(buffer))
        yield buffer[index]
        buffer[index] = item
    for index in random.permutation(len(buffer)):
        yield buffer[index]
