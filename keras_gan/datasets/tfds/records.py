"""Records of a prepared set of TensorFlow Datasets, read in their stored order and decoded."""

from __future__ import annotations

import dataclasses
import itertools
import math
from collections.abc import Iterable, Iterator
from multiprocessing.pool import ThreadPool
from typing import Any

import numpy as np

from keras_gan.datasets.batching.epoch_order import window_shuffle
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.progress import with_progress_bar
from keras_gan.datasets.tfds.features import deep_values, image_key, label_key
from keras_gan.typing import Range

WINDOW = 1 << 28  # size of the shuffle buffer in bytes of decoded images, though it holds encoded ones


@dataclasses.dataclass(frozen=True)
class Records:
    """Feed of the records of one split, which are read from disk in each epoch.

    Args:
        builder: `tfds.core.DatasetBuilder` of the prepared set.
        split: Name of the split, or a slice such as "train[:1000]".
        number: Number of records to read.
        image_shape: (height, width, channels) of each decoded image.
        image_size: New height and width, as one number or two, or `None` to keep those of the images.
        has_labels: True if the records have labels.
        value_range: The values of black and of white, for images of 16 bits or of floats. Defaults to `None`, for
            images of 8 bits.
    """

    builder: Any
    split: str
    number: int
    image_shape: tuple[int, int, int]
    image_size: int | images_lib.Size | None
    has_labels: bool
    value_range: Range | None = None
    item_dtype = np.bytes_
    label_shape = ()

    @property
    def dtype(self) -> np.dtype:
        """uint8, or float32 for images of more than 8 bits."""
        return np.dtype(np.uint8 if self.value_range is None else np.float32)

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[bytes, int]]:
        """Yields each encoded image and its label, in the order of the epoch."""
        window = max(1, WINDOW // math.prod(self.image_shape))
        return window_shuffle(self, window, seed, epoch) if shuffle else self

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Yields each encoded image and its label (0 without labels)."""
        import tensorflow_datasets as tfds

        image, label = image_key(self.builder), label_key(self.builder)
        records = self.builder.as_dataset(split=self.split, decoders={image: tfds.decode.SkipDecoding()})
        for batch in records.take(self.number).batch(256).as_numpy_iterator():
            encoded = batch[image]
            yield from zip(encoded, batch[label] if label else itertools.repeat(0), strict=False)

    def decode(self, encoded: bytes) -> np.ndarray:
        """Decodes one image."""
        name, channels = f"an image of {self.builder.info.name}", self.image_shape[-1]
        if self.value_range is None:
            return images_lib.read(encoded, self.image_size, channels, name)
        try:
            return images_lib.scale(deep_values(self.builder, encoded), self.value_range, self.image_size, channels)
        except Exception as error:  # what a damaged record raises depends on its format
            raise images_lib.Unreadable(name, error) from error

    def decode_batch(self, encoded: np.ndarray) -> np.ndarray:
        """Decodes a batch of images."""
        return np.stack([self.decode(image) for image in encoded])

    def in_memory(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns all images, decoded, and their labels."""
        images = np.empty((self.number, *self.image_shape), self.dtype)
        labels = np.empty(self.number, np.int32)

        def store(indexed: tuple[int, tuple[bytes, int]]) -> None:
            index, (image, labels[index]) = indexed
            images[index] = self.decode(image)

        with ThreadPool(images_lib.WORKERS) as pool:
            done = pool.imap_unordered(store, enumerate(self), 64)
            for _ in with_progress_bar(done, self.number, f"Decoding {self.builder.info.name}"):
                pass
        return images, labels if self.has_labels else None
