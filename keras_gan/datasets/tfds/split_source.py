"""One split of a set of TensorFlow Datasets, as a source of images."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

import numpy as np

from keras_gan.datasets.batching.feed import Feed, IndexedFeed
from keras_gan.datasets.decoding import deep_pixels
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.decoding.value_range import ValueRange, check_stated_range, own_range
from keras_gan.datasets.sources.source import check_no_range
from keras_gan.datasets.tfds.features import deep_values, image_shape, is_deep, label_key
from keras_gan.datasets.tfds.records import Records
from keras_gan.typing import Range

_RANGES: dict[tuple[str, str], ValueRange] = {}  # by the folder of a set and the split


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

    def records(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> Records:
        """Returns the records.

        Raises:
            ValueError: If the images differ in size and `image_size` is `None`, or a range is stated for 8-bit images.
        """
        shape = images_lib.decoded_shape(self.name, self.image_shape, image_size, channels)
        used = self.value_range(value_range)
        if used is not None and not used.stated:
            used.log(self.name)
        values = None if used is None else used.values
        has_labels = label_key(self.builder) is not None
        return Records(self.builder, self.split, self.number, shape, image_size, has_labels, values)

    def value_range(self, stated: Range | None = None) -> ValueRange | None:
        """Returns the values of black and of white, or `None` for images of 8 bits.

        Args:
            stated: Range that the user states. Defaults to `None`: the least and the greatest value of the split
                "train", so that all splits are scaled alike. Of a set without it, those of this split.

        Raises:
            ValueError: If a range is stated for 8-bit images, or is none, or all values are the same.
        """
        if not is_deep(self.builder):
            check_no_range(self.name, stated)
            return None
        if stated is not None:
            return ValueRange(check_stated_range(stated), stated=True, number=self.number)
        split = "train" if "train" in self.builder.info.splits else self.split
        key = str(self.builder.data_path), split
        if key not in _RANGES:
            number = self.builder.info.splits[split].num_examples
            records = Records(self.builder, split, number, (1, 1, 1), None, has_labels=False)
            found = with_progress_bar(records, number, f"Finding the values of {self.builder.info.name}")
            ranges = [deep_pixels.range_of(deep_values(self.builder, encoded)) for encoded, _ in found]
            values = min(low for low, _ in ranges), max(high for _, high in ranges)
            _RANGES[key] = own_range(self.name, values, number)
        return _RANGES[key]

    def feed(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> Feed:
        """Returns the images and labels as a feed, which reads from disk if they do not fit in memory."""
        found = self.records(image_size, channels, value_range)
        fits = self.number * math.prod(found.image_shape) * found.dtype.itemsize <= images_lib.IN_MEMORY
        return IndexedFeed(*found.in_memory()) if fits else found

    def images(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> tuple[images_lib.Images, np.ndarray | None]:
        """Returns the images and their labels. Images that do not fit in memory decoded are kept encoded.

        Raises:
            ValueError: If the images do not fit in memory encoded either.
        """
        found = self.records(image_size, channels, value_range)
        if self.number * math.prod(found.image_shape) * found.dtype.itemsize <= images_lib.IN_MEMORY:
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
        return LazyImages(self.name, items, found.decode, found.image_shape, classes, found.dtype), classes
