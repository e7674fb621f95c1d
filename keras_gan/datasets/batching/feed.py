"""Images that are read epoch by epoch: first as items in order, then decoded batch by batch."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Protocol

import numpy as np

from keras_gan.datasets.batching.epoch_order import epoch_order
from keras_gan.datasets.decoding.images import Images
from keras_gan.typing import Shape


class Feed(Protocol):
    """Interface of images that are read epoch by epoch.

    An item is what stands for an image before it is decoded, such as its index.
    """

    @property
    def number(self) -> int:
        """Number of images."""

    @property
    def image_shape(self) -> Shape:
        """(height, width, channels), (length, channels) of sequences, or (n,) of vectors."""

    @property
    def has_labels(self) -> bool:
        """True if the images have labels."""

    @property
    def dtype(self) -> np.dtype:
        """Type of the images: uint8, or float32 for levels from 0 to 255 that are not rounded.

        Vectors and sequences are float32 and stay as they are.
        """

    @property
    def label_shape(self) -> Shape:
        """Shape of a label: () for the number of a class, (n,) for attributes."""

    @property
    def item_dtype(self) -> Any:
        """NumPy type of an item."""

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[Any, Any]]:
        """Yields the items of one epoch in order, each with its label (0 without labels)."""

    def decode_batch(self, items: np.ndarray) -> np.ndarray:
        """Returns the images of a batch of items, NHWC."""


class IndexedFeed:
    """Feed of images that can be indexed. Its items are indices.

    Args:
        images: Images.
        labels: Class or attributes of each image, or `None`.
    """

    item_dtype = np.int64

    def __init__(self, images: Images, labels: np.ndarray | None) -> None:
        self.images = images
        self.number, *shape = images.shape
        self.image_shape = tuple(shape)
        self.dtype = images.dtype
        self.has_labels = labels is not None
        self.labels = np.zeros(self.number, np.int32) if labels is None else labels
        self.label_shape = self.labels.shape[1:]

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[int, Any]]:
        """Yields each index and its label, in the order of the epoch."""
        order = epoch_order(self.number, seed, epoch) if shuffle else np.arange(self.number)
        return zip(order, self.labels[order], strict=True)

    def decode_batch(self, items: np.ndarray) -> np.ndarray:
        """Returns the images at the indices `items`."""
        return self.images[items]
