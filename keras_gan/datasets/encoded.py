"""Images that are decoded when they are asked for, because they would not fit in memory decoded."""

from __future__ import annotations

import dataclasses
import math
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np

from keras_gan.datasets import images as images_lib
from keras_gan.datasets.progress import shown
from keras_gan.datasets.skipping import some, warn_skipped
from keras_gan.errors import KerasGANWarning


@dataclasses.dataclass(frozen=True)
class Encoded:
    """Images in files, or encoded in memory.

    One that cannot be decoded is warned of once; whenever it is asked for, the next one of its class takes its place.

    Args:
        name: What to call the set.
        items: The images' paths, or whatever else `decode` takes.
        decode: Makes a uint8 array of an item, or raises `images.Unreadable`.
        image_shape: What each becomes.
        labels: The class of each, or `None`. Defaults to `None`.
    """

    name: str
    items: Sequence[Any]
    decode: Callable[[Any], np.ndarray]
    image_shape: tuple[int, int, int]
    labels: np.ndarray | None = None
    damaged: set[int] = dataclasses.field(default_factory=set)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """(number, height, width, channels)."""
        return (len(self.items), *self.image_shape)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        """Decode the images at `indices`."""
        return np.stack([self._read_near(int(index)) for index in indices])

    def held(self) -> tuple[images_lib.Images, np.ndarray | None]:
        """Return the images and their labels: decoded, if they fit in memory, and without those that cannot be.

        Raises:
            ValueError: If none can be decoded, or one is not of the shape that was expected.
        """
        if math.prod(self.shape) > images_lib.IN_MEMORY:
            self[np.zeros(1, np.int64)]  # what is wrong with all of them is said now, not while training
            return self, self.labels
        decoded = np.empty(self.shape, np.uint8)
        kept: list[int] = []
        damaged: list[str] = []
        with ThreadPool(images_lib.WORKERS) as pool:
            results = pool.imap(self._try, self.items, 8)
            for index, result in enumerate(shown(results, len(self.items), f"Decoding {self.name}")):
                if isinstance(result, images_lib.Unreadable):
                    damaged.append(result.named)
                else:
                    decoded[len(kept)] = result
                    kept.append(index)
        if not kept:
            raise ValueError(f"Expected readable images. Received: {self.name}, of which none is: {some(damaged)}")
        warn_skipped(f"of {len(self.items)} images of {self.name} that cannot be decoded", damaged)
        return decoded[: len(kept)], None if self.labels is None else self.labels[kept]

    def _try(self, item: Any) -> np.ndarray | images_lib.Unreadable:
        try:
            image = self.decode(item)
        except images_lib.Unreadable as error:
            return error
        if image.shape != self.image_shape:
            raise ValueError(f"Expected an image of shape {self.image_shape}. Received: {item} of shape {image.shape}")
        return image

    def _read_near(self, index: int) -> np.ndarray:
        for near in self._replacements(index):
            if near in self.damaged:
                continue
            image = self._try(self.items[near])
            if isinstance(image, np.ndarray):
                return image
            with self.lock:  # batches are read side by side, and one warning is enough
                known = near in self.damaged
                self.damaged.add(near)
            if known:
                continue
            message = f"Skipped an image of {self.name} that cannot be decoded; the next takes its place: {image.named}"
            warnings.warn(message, KerasGANWarning, stacklevel=2)
        raise ValueError(f"Expected a readable image. Received: {self.name}, where none of a class can be decoded")

    def _replacements(self, index: int) -> Iterator[int]:
        number = len(self.items)
        nearby = ((index + step) % number for step in range(number))
        return (near for near in nearby if self.labels is None or self.labels[near] == self.labels[index])
