"""Which images of one or two domains each step of each epoch meets, and how they are moved."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from keras_gan.datasets.images import Images
from keras_gan.datasets.jitter import Jitter


class Epochs:
    """Batches of images of each domain: a function of the epoch and the step alone.

    An epoch is as long as the longest domain; a shorter one starts anew, in a new order, when it runs out.

    Args:
        domains: The images of each, of the size `jitter.load_size`.
        batch_size: How many images of each domain in a batch.
        jitter: How they are moved.
        shuffle: Whether to shuffle.
        seed: What orders and moves depend on, beside the epoch.
    """

    def __init__(self, domains: Sequence[Images], *, batch_size: int, jitter: Jitter, shuffle: bool, seed: int) -> None:
        self.domains = domains
        self.batch_size = batch_size
        self.jitter = jitter
        self.shuffle = shuffle
        self.seed = seed
        self.numbers = [images.shape[0] for images in domains]
        self.number = max(self.numbers)
        self.steps = self.number // batch_size
        self._plans = functools.lru_cache(maxsize=2)(self.plans)

    def plans(self, epoch: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Return, for each domain, the index and the move of each image of an epoch."""
        planned = []
        for stream, number in enumerate(self.numbers):
            random = np.random.default_rng([self.seed, epoch, stream])
            laps = range(0, self.number, number)
            orders = [random.permutation(number) if self.shuffle else np.arange(number) for _ in laps]
            planned.append((np.concatenate(orders)[: self.number], self.jitter.draw(self.number, random)))
        return planned

    def batch(self, epoch: int, step: int) -> list[np.ndarray]:
        """Return the images of each domain that the step `step` of an epoch meets, uint8."""
        part = slice(step * self.batch_size, (step + 1) * self.batch_size)
        plans = zip(self.domains, self._plans(epoch), strict=True)
        return [self.jitter.take(images, indices[part], moves[part]) for images, (indices, moves) in plans]
