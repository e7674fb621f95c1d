"""One split of a set of TensorFlow Datasets, as a source of images."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from keras_gan.datasets.batching.feed import Feed, IndexedFeed
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.sources.source import check_no_range
from keras_gan.datasets.tfds.features import image_shape, label_key
from keras_gan.datasets.tfds.records import Records
from keras_gan.typing import Range


@dataclasses.dataclass(frozen=True)
class SplitSource:
    """One split of a set, not read yet.

    Args:
        builder: `tfds.core.DatasetBuilder` of the prepared set.
        split: Name of the split, or a slice such as "train[:1000]".
        number: Number of records to read.
    """

    builder: Any
    split: str
    number: int

    @property
    def name(self) -> str:
        """Name of the set and of the split."""
        return f"{self.builder.info.full_name.rsplit('/', 1)[0]}:{self.split}"

    @property
    def image_shape(self) -> images_lib.StoredShape:
        """(height, width, channels) as stored. Height and width are `None` if the images differ in size."""
        return image_shape(self.builder)

    def records(self, image_size: int | images_lib.Size | None, channels: int | None) -> Records:
        """Returns the records.

        Raises:
            ValueError: If the images differ in size and `image_size` is `None`.
        """
        shape = images_lib.decoded_shape(self.name, self.image_shape, image_size, channels)
        return Records(self.builder, self.split, self.number, shape, image_size, label_key(self.builder) is not None)

    def feed(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> Feed:
        """Returns the images and labels as a feed, which reads from disk if they do not fit in memory."""
        check_no_range(self.name, value_range)
        found = self.records(image_size, channels)
        fits = self.number * math.prod(found.image_shape) <= images_lib.IN_MEMORY
        return IndexedFeed(*found.in_memory()) if fits else found

    def images(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> tuple[images_lib.Images, np.ndarray | None]:
        """Returns the images and their labels. Images that do not fit in memory decoded are kept encoded.

        Raises:
            ValueError: If the images do not fit in memory encoded either.
        """
        check_no_range(self.name, value_range)
        found = self.records(image_size, channels)
        if self.number * math.prod(found.image_shape) <= images_lib.IN_MEMORY:
            return found.in_memory()
        items: list[bytes] = []
        labels: list[int] = []
        size = 0
        for item, label in with_progress_bar(found, self.number, f"Reading {self.name}"):
            size += len(item)
            if size > images_lib.IN_MEMORY:
                raise ValueError(
                    f"The records of {self.name} can only be read in their stored order, so they must fit in memory: "
                    f"expected `limit`, or a folder of images. Received: {self.number} images, of which {len(items)} "
                    f"take {images_lib.IN_MEMORY >> 20} MiB encoded"
                )
            items.append(item)
            labels.append(label)
        classes = np.array(labels, np.int32) if found.has_labels else None
        return LazyImages(self.name, items, found.decode, found.image_shape, classes), classes
