"""Joining of minibatches, so that each discriminator update of a step gets one of its own."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from keras_gan.models.data_check import split_batch
from keras_gan.typing import ArrayLike, Config, Data, Tensor


def for_fit(data: Data, size: int, k: int, kwargs: Config) -> tuple[tf.data.Dataset, Config]:
    """Returns a data set whose batches hold k minibatches each, and the arguments of `fit` that belong to it.

    Args:
        data: A data set of minibatches, images, or (images, labels).
        size: Number of images in a minibatch, for arrays.
        k: Number of minibatches in a batch, at least 2.
        kwargs: Arguments of `fit`. For arrays this function carries out `shuffle` and `validation_split` itself.

    Raises:
        ValueError: If the data do not fill one batch, or have another type.
    """
    if isinstance(data, tf.data.Dataset):
        batches = join(data, k)
        if batches.cardinality() == 0:
            raise ValueError(
                f"One step with d_steps={k} takes {k} batches. Received: a data set of {data.cardinality()} batches"
            )
        return batches, kwargs
    images, labels = split_batch(data)
    if not hasattr(images, "shape"):
        raise ValueError(
            "With d_steps > 1 `x` must be a tf.data.Dataset or an array. "
            f"Received: {type(images).__name__}, d_steps={k}"
        )
    kwargs = dict(kwargs)
    shuffle = bool(kwargs.pop("shuffle", True))
    held_out = kwargs.pop("validation_split", 0.0)
    if held_out and kwargs.get("validation_data") is None:  # as Keras does: the last images, before shuffling
        n = int(len(images) * (1 - held_out))
        kwargs["validation_data"] = (images[n:], None if labels is None else labels[n:])
        images, labels = images[:n], None if labels is None else labels[:n]
    return of_arrays(images, labels, size, k, shuffle), kwargs


def join(dataset: tf.data.Dataset, k: int) -> tf.data.Dataset:
    """Returns a data set of batches that join k batches each. Skips a last group of fewer batches.

    Args:
        dataset: Batches of images, or tuples of batches.
        k: Number of batches to join.
    """
    if k == 1:
        return dataset
    images, _ = split_batch(dataset.element_spec)
    if images.shape[0] is not None:
        return dataset.batch(k, drop_remainder=True).map(
            lambda *parts: _unpacked(tf.nest.map_structure(lambda x: tf.reshape(x, (-1, *x.shape[2:])), parts))
        )
    windows = dataset.window(k, drop_remainder=True)

    def to_batch(*parts: tf.data.Dataset) -> tf.data.Dataset:
        window = tf.data.Dataset.zip(parts) if len(parts) > 1 else parts[0]
        return window.unbatch().batch(tf.int64.max)

    batches, n = windows.flat_map(to_batch), windows.cardinality()
    return batches if n < 0 else batches.apply(tf.data.experimental.assert_cardinality(n))


def of_arrays(images: ArrayLike, labels: ArrayLike | None, size: int, k: int, shuffle: bool) -> tf.data.Dataset:
    """Returns batches of k minibatches from arrays. Skips a remainder that does not fill a batch.

    Args:
        images: Images (n, height, width, channels).
        labels: Integers (n,), or `None`.
        size: Number of images in a minibatch.
        k: Number of minibatches in a batch.
        shuffle: Boolean. Changes the order of the images in each epoch.

    Returns:
        A data set of images, or of (images, labels).

    Raises:
        ValueError: If the images do not fill one batch.
    """
    n = len(images)
    if labels is not None and len(labels) != n:
        raise ValueError(f"`y` must hold a label for each image. Received: {len(labels)} labels, {n} images")
    if n < k * size:
        raise ValueError(f"One step takes d_steps * batch_size = {k * size} images. Received: {n} images")
    arrays = [tf.convert_to_tensor(array) for array in (images, labels) if array is not None]
    order = tf.data.Dataset.range(n)
    if shuffle:
        order = order.shuffle(n)
    return order.batch(k * size, drop_remainder=True).map(
        lambda indices: _unpacked(tuple(tf.gather(array, indices) for array in arrays))
    )


def split(images: Tensor, labels: Tensor | None, k: int) -> list[tuple[Tensor, Tensor | None]]:
    """Returns the k minibatches that `join` joined, each as (images, labels or `None`).

    Raises:
        ValueError: If there are fewer images than minibatches.
    """
    if k == 1:
        return [(images, labels)]
    n = batch_size(images)
    if isinstance(n, int) and n < k:
        raise ValueError(f"A step with d_steps={k} takes at least {k} images. Received: {n}")
    size = n // k
    parts = [slice(i * size, (i + 1) * size) for i in range(k)]
    return [(images[part], None if labels is None else labels[part]) for part in parts]


def batch_size(images: Tensor) -> int | Tensor:
    """Returns the number of images: an integer if the graph knows it, as XLA needs, else a tensor."""
    return images.shape[0] if images.shape[0] is not None else tf.shape(images)[0]


def size_in_data(data: Data) -> int | None:
    """Returns the number of images in a batch of a data set, which may have to be read; `None` for arrays.

    Args:
        data: The data that `fit` received.
    """
    if not isinstance(data, tf.data.Dataset):
        return None
    images, _ = split_batch(data.element_spec)
    if images.shape[0] is not None:
        return int(images.shape[0])
    return int(split_batch(next(iter(data.take(1))))[0].shape[0])


def _unpacked(parts: tuple[Any, ...]) -> Any:
    return parts if len(parts) > 1 else parts[0]
