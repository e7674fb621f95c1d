"""From images to batches: the order of each epoch, and the `tf.data.Dataset` that follows it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import numpy as np

from keras_gan.datasets.images import Images

if TYPE_CHECKING:
    import tensorflow as tf

T = TypeVar("T")


def epoch_order(number: int, seed: int, epoch: int) -> np.ndarray:
    """Return the order in which epoch `epoch` visits `number` images: a function of its arguments alone."""
    return np.random.default_rng([seed, epoch]).permutation(number)


def shuffled(items: Iterable[T], window: int, seed: int, epoch: int) -> Iterator[T]:
    """Yield `items`, which cannot be indexed, drawing each from a window of the next `window`."""
    random = np.random.default_rng([seed, epoch])
    source = iter(items)
    held = list(itertools.islice(source, window))
    for item in source:
        index = random.integers(len(held))
        yield held[index]
        held[index] = item
    for index in random.permutation(len(held)):
        yield held[index]


class Feed(Protocol):
    """Images that can be met epoch by epoch: first as items, then, a batch at a time, decoded."""

    @property
    def number(self) -> int:
        """How many images there are."""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""

    @property
    def has_labels(self) -> bool:
        """Whether the labels mean anything."""

    @property
    def item_dtype(self) -> Any:
        """NumPy's type of an item."""

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[Any, int]]:
        """Yield the items of one epoch in order, each with its label (0 without labels)."""

    def decode_batch(self, items: np.ndarray) -> np.ndarray:
        """Return the images of a batch of items, uint8."""


class Indexed:
    """Images that can be indexed: the items are indices.

    Args:
        images: The images.
        labels: The label of each, or `None`.
    """

    item_dtype = np.int64

    def __init__(self, images: Images, labels: np.ndarray | None) -> None:
        self.images = images
        self.number, height, width, channels = images.shape
        self.image_shape = (height, width, channels)
        self.has_labels = labels is not None
        self.labels = np.zeros(self.number, np.int32) if labels is None else labels

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[int, int]]:
        """Yield each index and its label, in the order of the epoch."""
        order = epoch_order(self.number, seed, epoch) if shuffle else np.arange(self.number)
        return zip(order, self.labels[order], strict=True)

    def decode_batch(self, items: np.ndarray) -> np.ndarray:
        """Return the images at the indices `items`."""
        return self.images[items]


def batches(
    feed: Feed, *, batch_size: int, labels: bool, shuffle: bool, seed: int, start_epoch: int
) -> tf.data.Dataset:
    """Return the batches of one epoch at each iteration: of `start_epoch` at the first, the next one at the second.

    Args:
        feed: The images.
        batch_size: How many images in a batch.
        labels: Whether to give the labels too.
        shuffle: Whether to shuffle, anew each epoch.
        seed: What the orders depend on, beside the epoch.
        start_epoch: The epoch of the first iteration.

    Returns:
        A dataset of float32 images in [-1, 1], or of such images and int32 labels.
    """
    import tensorflow as tf

    epochs = itertools.count(start_epoch)
    steps = feed.number // batch_size

    def draw() -> Iterator[tuple[Any, np.ndarray]]:
        pairs = iter(feed.pairs(shuffle, seed, next(epochs)))
        for _ in range(steps):
            items, classes = zip(*itertools.islice(pairs, batch_size), strict=True)
            yield items, np.asarray(classes, np.int32)

    def to_images(items: tf.Tensor, classes: tf.Tensor) -> Any:
        pixels = tf.numpy_function(feed.decode_batch, [items], tf.uint8)
        pixels = tf.ensure_shape(pixels, (batch_size, *feed.image_shape))
        images = tf.cast(pixels, tf.float32) / 127.5 - 1.0
        return (images, classes) if labels else images

    signature = (tf.TensorSpec((batch_size,), feed.item_dtype), tf.TensorSpec((batch_size,), tf.int32))
    dataset = tf.data.Dataset.from_generator(draw, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return dataset.map(to_images, num_parallel_calls=os.cpu_count(), deterministic=True).prefetch(tf.data.AUTOTUNE)


def pair_batches(
    batch: Callable[[int, int], Sequence[np.ndarray]],
    *,
    steps: int,
    start_epoch: int,
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
) -> tf.data.Dataset:
    """Return the batches (x, y) of one epoch at each iteration: of `start_epoch` at the first, as `batches` does.

    Args:
        batch: Makes the two uint8 arrays of an epoch and a step.
        steps: How many steps in an epoch.
        start_epoch: The epoch of the first iteration.
        shapes: The shapes of the two arrays.

    Returns:
        A dataset of pairs of float32 images in [-1, 1].
    """
    import tensorflow as tf

    epochs = itertools.count(start_epoch)

    def draw() -> Iterator[tuple[int, int]]:
        return zip(itertools.repeat(next(epochs)), range(steps), strict=False)

    def to_images(epoch: tf.Tensor, step: tf.Tensor) -> tuple[tf.Tensor, ...]:
        pixels = tf.numpy_function(batch, [epoch, step], [tf.uint8] * len(shapes))
        known = (tf.ensure_shape(part, shape) for part, shape in zip(pixels, shapes, strict=True))
        return tuple(tf.cast(part, tf.float32) / 127.5 - 1.0 for part in known)

    scalar = tf.TensorSpec((), tf.int64)
    dataset = tf.data.Dataset.from_generator(draw, output_signature=(scalar, scalar))
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return dataset.map(to_images, num_parallel_calls=os.cpu_count(), deterministic=True).prefetch(tf.data.AUTOTUNE)
