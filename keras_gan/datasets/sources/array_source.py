"""Images that are in memory."""

from __future__ import annotations

import dataclasses

import numpy as np

from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.decoding.images import spread
from keras_gan.datasets.decoding.resizing import Size, convert_all
from keras_gan.datasets.sources.source import check_no_range
from keras_gan.typing import Range


@dataclasses.dataclass(frozen=True)
class ArraySource:
    """Images in memory, with their labels.

    Args:
        name: Name of the set.
        pixels: Images, uint8 NHWC.
        labels: Class of each image, or `None`.
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray | None

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        _, height, width, channels = self.pixels.shape
        return height, width, channels

    def limited(self, limit: int | None) -> ArraySource:
        """Returns a source of at most `limit` of these images, spread evenly."""
        kept = spread(len(self.pixels), limit)
        return ArraySource(self.name, self.pixels[kept], None if self.labels is None else self.labels[kept])

    def images(
        self, image_size: int | Size | None, channels: int | None, value_range: Range | None = None
    ) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the converted images and their labels."""
        check_no_range(self.name, value_range)
        return convert_all(self.pixels, image_size, channels), self.labels

    def feed(
        self, image_size: int | Size | None, channels: int | None, value_range: Range | None = None
    ) -> IndexedFeed:
        """Returns the converted images and their labels as a feed."""
        return IndexedFeed(*self.images(image_size, channels, value_range))
