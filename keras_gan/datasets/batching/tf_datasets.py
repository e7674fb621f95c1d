"""Batches as a `tf.data.Dataset` whose iterations are successive epochs."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from keras_gan.datasets.batching.feed import Feed

if TYPE_CHECKING:
    import tensorflow as tf


def batches(
    feed: Feed, *, batch_size: int, labels: bool, shuffle: bool, seed: int, start_epoch: int
) -> tf.data.Dataset:
    """Returns a dataset whose first iteration is the epoch `start_epoch`, and each further one the next epoch.

    Args:
        feed: Images.
        batch_size: Number of images in a batch.
        labels: Boolean. If true, the dataset yields the labels too.
        shuffle: Boolean. If true, each epoch has another order.
        seed: Seed of the orders.
        start_epoch: Epoch of the first iteration.

    Returns:
        A dataset of float32 images in [-1, 1], or of pairs of such images and labels: int32 classes or float32
        attributes. Vectors and sequences have their own values.
    """
    import tensorflow as tf

    label_dtype = np.float32 if feed.label_shape else np.int32
    is_images = len(feed.image_shape) == 3

    epochs = itertools.count(start_epoch)
    steps = feed.number // batch_size

    def batches_of_items() -> Iterator[tuple[Any, np.ndarray]]:
        pairs = iter(feed.pairs(shuffle, seed, next(epochs)))
        for _ in range(steps):
            items, classes = zip(*itertools.islice(pairs, batch_size), strict=True)
            yield items, np.asarray(classes, label_dtype)

    def to_images(items: tf.Tensor, classes: tf.Tensor) -> Any:
        pixels = tf.numpy_function(feed.decode_batch, [items], feed.dtype)
        shape = (batch_size, *feed.image_shape)
        images = _to_float(pixels, shape) if is_images else tf.ensure_shape(pixels, shape)
        return (images, classes) if labels else images

    signature = (
        tf.TensorSpec((batch_size,), feed.item_dtype),
        tf.TensorSpec((batch_size, *feed.label_shape), label_dtype),
    )
    return _mapped(batches_of_items, signature, steps, to_images)


def pair_batches(
    batch: Callable[[int, int], Sequence[np.ndarray]],
    *,
    steps: int,
    start_epoch: int,
    shapes: tuple[tuple[int, ...], tuple[int, ...]],
    dtypes: Sequence[np.dtype] = (np.dtype(np.uint8),) * 2,
) -> tf.data.Dataset:
    """Returns a dataset of batches (x, y). Its iterations are successive epochs, as those of `batches`.

    Args:
        batch: Function from an epoch and a step to the two arrays of that step.
        steps: Number of steps in an epoch.
        start_epoch: Epoch of the first iteration.
        shapes: Shapes of the two arrays.
        dtypes: Types of the two arrays, uint8 or float32. Defaults to uint8.

    Returns:
        A dataset of pairs of float32 images in [-1, 1].
    """
    import tensorflow as tf

    epochs = itertools.count(start_epoch)

    def steps_of_epoch() -> Iterator[tuple[int, int]]:
        return zip(itertools.repeat(next(epochs)), range(steps), strict=False)

    def to_images(epoch: tf.Tensor, step: tf.Tensor) -> tuple[tf.Tensor, ...]:
        pixels = tf.numpy_function(batch, [epoch, step], [tf.as_dtype(dtype) for dtype in dtypes])
        return tuple(_to_float(part, shape) for part, shape in zip(pixels, shapes, strict=True))

    scalar = tf.TensorSpec((), tf.int64)
    return _mapped(steps_of_epoch, (scalar, scalar), steps, to_images)


def _mapped(generator: Callable[[], Iterator[Any]], signature: Any, steps: int, to_images: Any) -> tf.data.Dataset:
    """Returns the generator's elements through `to_images`: in order, computed in parallel and ahead of time."""
    import tensorflow as tf

    dataset = tf.data.Dataset.from_generator(generator, output_signature=signature)
    dataset = dataset.apply(tf.data.experimental.assert_cardinality(steps))
    return dataset.map(to_images, num_parallel_calls=os.cpu_count(), deterministic=True).prefetch(tf.data.AUTOTUNE)


def _to_float(pixels: tf.Tensor, shape: tuple[int, ...]) -> tf.Tensor:
    import tensorflow as tf

    return tf.cast(tf.ensure_shape(pixels, shape), tf.float32) / 127.5 - 1.0
