"""The records of a prepared TensorFlow Datasets set: found, read and decoded."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np

from keras_gan.datasets import images as images_lib
from keras_gan.datasets.encoded import Encoded
from keras_gan.datasets.pipeline import Feed, Indexed, shuffled
from keras_gan.datasets.progress import shown

WINDOW = 1 << 28  # the shuffling window holds the encoded images that this many decoded bytes come from


@dataclasses.dataclass(frozen=True)
class Records:
    """The records of one split, read from the disk in the order they are stored in.

    Args:
        builder: The set, prepared.
        split: Which part of it.
        number: How many records to read.
        image_shape: What `decode` makes of each image.
        image_size: See `images.read`.
        has_labels: Whether the records have a label.
    """

    builder: Any
    split: str
    number: int
    image_shape: tuple[int, int, int]
    image_size: int | images_lib.Size | None
    has_labels: bool
    item_dtype = np.bytes_

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[bytes, int]]:
        """Yield each encoded image and its label, in the order of the epoch."""
        window = max(1, WINDOW // math.prod(self.image_shape))
        return shuffled(self, window, seed, epoch) if shuffle else self

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Yield each image, still encoded, and its label (0 without labels)."""
        import tensorflow_datasets as tfds

        image, label = image_key(self.builder), label_key(self.builder)
        records = self.builder.as_dataset(split=self.split, decoders={image: tfds.decode.SkipDecoding()})
        for batch in records.take(self.number).batch(256).as_numpy_iterator():
            encoded = batch[image]
            yield from zip(encoded, batch[label] if label else itertools.repeat(0), strict=False)

    def decode(self, encoded: bytes) -> np.ndarray:
        """Decode one image."""
        return images_lib.read(encoded, self.image_size, self.image_shape[-1], f"an image of {self.builder.info.name}")

    def decode_batch(self, encoded: np.ndarray) -> np.ndarray:
        """Decode a batch of images."""
        return np.stack([self.decode(image) for image in encoded])

    def in_memory(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return all images, decoded, and their labels."""
        images = np.empty((self.number, *self.image_shape), np.uint8)
        labels = np.empty(self.number, np.int32)

        def store(indexed: tuple[int, tuple[bytes, int]]) -> None:
            index, (image, labels[index]) = indexed
            images[index] = self.decode(image)

        with ThreadPool(images_lib.WORKERS) as pool:
            done = pool.imap_unordered(store, enumerate(self), 64)
            for _ in shown(done, self.number, f"Decoding {self.builder.info.name}"):
                pass
        return images, labels if self.has_labels else None


@dataclasses.dataclass(frozen=True)
class Part:
    """One split of a set, not yet read.

    Args:
        builder: The set, prepared.
        split: Which part of it.
        number: How many records to read.
    """

    builder: Any
    split: str
    number: int

    @property
    def name(self) -> str:
        """The names of the set and of the split."""
        return f"{self.builder.info.full_name.rsplit('/', 1)[0]}:{self.split}"

    @property
    def image_shape(self) -> images_lib.StoredShape:
        """(height, width, channels) as stored; height and width are `None` where the images differ."""
        return image_shape(self.builder)

    def records(self, image_size: int | images_lib.Size | None, channels: int | None) -> Records:
        """Return the records.

        Raises:
            ValueError: If the images differ in size and `image_size` is `None`.
        """
        shape = images_lib.decoded_shape(self.name, self.image_shape, image_size, channels)
        return Records(self.builder, self.split, self.number, shape, image_size, label_key(self.builder) is not None)

    def feed(self, image_size: int | None, channels: int | None) -> Feed:
        """Return what to train on: records that are read anew each epoch, if they do not fit in memory decoded."""
        found = self.records(image_size, channels)
        fits = self.number * math.prod(found.image_shape) <= images_lib.IN_MEMORY
        return Indexed(*found.in_memory()) if fits else found

    def images(
        self, image_size: int | images_lib.Size | None, channels: int | None
    ) -> tuple[images_lib.Images, np.ndarray | None]:
        """Return the images, which are held encoded if they do not fit in memory decoded, and their labels.

        Raises:
            ValueError: If they do not fit in memory encoded either.
        """
        found = self.records(image_size, channels)
        if self.number * math.prod(found.image_shape) <= images_lib.IN_MEMORY:
            return found.in_memory()
        items: list[bytes] = []
        labels: list[int] = []
        size = 0
        for item, label in shown(found, self.number, f"Reading {self.name}"):
            size += len(item)
            if size > images_lib.IN_MEMORY:
                raise ValueError(
                    f"The records of {self.name} can be read in their own order alone, so they must fit in memory: "
                    f"expected `limit`, or a folder of images. Received: {self.number} images, {len(items)} of which "
                    f"take {images_lib.IN_MEMORY >> 20} MiB encoded"
                )
            items.append(item)
            labels.append(label)
        classes = np.array(labels, np.int32) if found.has_labels else None
        return Encoded(self.name, items, found.decode, found.image_shape, classes), classes


def image_shape(builder: Any) -> images_lib.StoredShape:
    """Return (height, width, channels) as stored; height and width are `None` where the images differ."""
    height, width, channels = builder.info.features[image_key(builder)].shape
    return height, width, 1 if channels in (1, 2) else 3


def image_key(builder: Any) -> str:
    """Return the name of the feature that holds the images.

    Raises:
        ValueError: If there is none.
    """
    import tensorflow_datasets as tfds

    key = _feature(builder, tfds.features.Image, "image")
    if key is None:
        raise ValueError(f"Expected a set of images. Received: {builder.name!r} of {sorted(builder.info.features)}")
    return key


def label_key(builder: Any) -> str | None:
    """Return the name of the feature that holds the classes, or `None`."""
    import tensorflow_datasets as tfds

    return _feature(builder, tfds.features.ClassLabel, "label")


def _feature(builder: Any, kind: type, preferred: str) -> str | None:
    # A subclass of Image (a segmentation mask, say) is not the picture.
    keys = [key for key, feature in builder.info.features.items() if type(feature) is kind]
    return preferred if preferred in keys else next(iter(keys), None)
