"""Images that are decoded on demand, because they would not fit in memory decoded."""

from __future__ import annotations

import dataclasses
import math
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np

from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.decoding.skipped_files import abbreviate, warn_skipped
from keras_gan.errors import KerasGANWarning

UINT8 = np.dtype(np.uint8)


@dataclasses.dataclass(frozen=True)
class LazyImages:
    """Images in files, or encoded in memory, that are decoded on demand.

    If an image cannot be decoded, a warning names it once, and the next image of its class takes its place.

    Args:
        name: Name of the set in messages.
        items: Paths of the images, or other objects that `decode` takes.
        decode: Function from an item to an array of `dtype`. It raises `images.Unreadable` for a damaged one.
        image_shape: (height, width, channels) of each decoded image.
        labels: Class of each image, (n,), or attributes, (n, attributes), or `None`. Defaults to `None`.
        dtype: Type of the arrays, uint8 or float32. Defaults to uint8.
    """

    name: str
    items: Sequence[Any]
    decode: Callable[[Any], np.ndarray]
    image_shape: tuple[int, int, int]
    labels: np.ndarray | None = None
    dtype: np.dtype = UINT8
    damaged: set[int] = dataclasses.field(default_factory=set)
    lock: threading.Lock = dataclasses.field(default_factory=threading.Lock, repr=False, compare=False)

    @property
    def shape(self) -> tuple[int, ...]:
        """(number, height, width, channels)."""
        return (len(self.items), *self.image_shape)

    def __getitem__(self, indices: np.ndarray) -> np.ndarray:
        """Decodes the images at `indices`."""
        return np.stack([self._decode_or_replace(int(index)) for index in indices])

    def load(self) -> tuple[images_lib.Images, np.ndarray | None]:
        """Returns the images and their labels, decoded and without the damaged ones if they fit in memory.

        Raises:
            ValueError: If no image can be decoded, or one has another shape than expected.
        """
        if math.prod(self.shape) * self.dtype.itemsize > images_lib.IN_MEMORY:
            self[np.zeros(1, np.int64)]  # an error that all images share is raised now, not during training
            return self, self.labels
        decoded = np.empty(self.shape, self.dtype)
        kept: list[int] = []
        damaged: list[str] = []
        with images_lib.large_images(), ThreadPool(images_lib.WORKERS) as pool:
            results = pool.imap(self._try, self.items, 8)
            for index, result in enumerate(with_progress_bar(results, len(self.items), f"Decoding {self.name}")):
                if isinstance(result, images_lib.Unreadable):
                    damaged.append(result.description)
                else:
                    decoded[len(kept)] = result
                    kept.append(index)
        if not kept:
            raise ValueError(
                f"Expected readable images. Received: only damaged ones in {self.name}: {abbreviate(damaged)}"
            )
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

    def _decode_or_replace(self, index: int) -> np.ndarray:
        for candidate in self._candidates(index):
            if candidate in self.damaged:
                continue
            image = self._try(self.items[candidate])
            if isinstance(image, np.ndarray):
                return image
            with self.lock:  # batches are decoded in parallel, and one warning is enough
                known = candidate in self.damaged
                self.damaged.add(candidate)
            if known:
                continue
            message = f"Skipped a damaged image of {self.name}; the next one takes its place: {image.description}"
            warnings.warn(message, KerasGANWarning, stacklevel=2)
        raise ValueError(f"Expected a readable image of each class. Received: only damaged ones in {self.name}")

    def _candidates(self, index: int) -> Iterator[int]:
        """Yields `index`, then the following images of its class."""
        number = len(self.items)
        following = ((index + step) % number for step in range(number))
        labels = self.labels
        if labels is None or labels.ndim > 1:  # hardly two images have the same attributes
            return following
        return (near for near in following if labels[near] == labels[index])
