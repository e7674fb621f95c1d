"""Batches of images of one or two domains, cropped and flipped at random."""

from __future__ import annotations

import functools
from collections.abc import Sequence

import numpy as np

from keras_gan.datasets.batching.jitter import Jitter
from keras_gan.datasets.decoding.images import Images


class DomainBatches:
    """Batches of images of each domain: a function of the seed, the epoch and the step.

    An epoch is as long as the largest domain. A smaller domain starts again in a new order when it runs out.

    Args:
        domains: Images of each domain, of the size `jitter.load_size`.
        batch_size: Number of images of each domain in a batch.
        jitter: Random crops and flips.
        shuffle: Boolean. If true, each epoch has another order.
        seed: Seed of orders, crops and flips.
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
        self._cached_plans = functools.lru_cache(maxsize=2)(self.plans)

    def plans(self, epoch: int) -> list[tuple[np.ndarray, np.ndarray]]:
        """Returns for each domain the indices of an epoch's images, and the crop and flip of each."""
        planned = []
        for stream, number in enumerate(self.numbers):
            random = np.random.default_rng([self.seed, epoch, stream])
            rounds = range(0, self.number, number)
            orders = [random.permutation(number) if self.shuffle else np.arange(number) for _ in rounds]
            planned.append((np.concatenate(orders)[: self.number], self.jitter.sample(self.number, random)))
        return planned

    def batch(self, epoch: int, step: int) -> list[np.ndarray]:
        """Returns the images of each domain for one step of an epoch."""
        part = slice(step * self.batch_size, (step + 1) * self.batch_size)
        plans = zip(self.domains, self._cached_plans(epoch), strict=True)
        return [self.jitter.apply(images, indices[part], moves[part]) for images, (indices, moves) in plans]
