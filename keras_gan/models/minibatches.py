"""Giving each discriminator update of a step a minibatch of its own."""

from __future__ import annotations

from typing import Any

import tensorflow as tf

from keras_gan.models.data_checks import split_batch


def for_fit(data: Any, size: int, k: int, kwargs: dict[str, Any]) -> tuple[tf.data.Dataset, dict[str, Any]]:
    """A data set whose batches hold k minibatches each, and the arguments of `fit` that go with it.

    Args:
        data: A data set of minibatches, images, or (images, labels).
        size: Images in a minibatch, for arrays.
        k: Minibatches in a batch, at least 2.
        kwargs: Arguments of `fit`; for arrays, `shuffle` and `validation_split` are used up here.

    Raises:
        ValueError: If the data do not fill one batch, or are of another kind.
    """
    if isinstance(data, tf.data.Dataset):
        batches = group(data, k)
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


def group(dataset: tf.data.Dataset, k: int) -> tf.data.Dataset:
    """Join each k batches to one, so that one training step gets k minibatches; a last incomplete group is left out.

    Args:
        dataset: Batches of images, or tuples of such.
        k: How many to join.

    Returns:
        A dataset of batches k times as large.
    """
    if k == 1:
        return dataset
    images, _ = split_batch(dataset.element_spec)
    if images.shape[0] is not None:
        return dataset.batch(k, drop_remainder=True).map(
            lambda *parts: _same_form(tf.nest.map_structure(lambda x: tf.reshape(x, (-1, *x.shape[2:])), parts))
        )
    windows = dataset.window(k, drop_remainder=True)

    def join(*parts: Any) -> tf.data.Dataset:
        window = tf.data.Dataset.zip(parts) if len(parts) > 1 else parts[0]
        return window.unbatch().batch(tf.int64.max)

    batches, n = windows.flat_map(join), windows.cardinality()
    return batches if n < 0 else batches.apply(tf.data.experimental.assert_cardinality(n))


def of_arrays(images: Any, labels: Any, size: int, k: int, shuffle: bool) -> tf.data.Dataset:
    """Batches of k minibatches of `size` from arrays, in another order each epoch; a remainder is left out.

    Args:
        images: (n, height, width, channels).
        labels: (n,), or `None`.
        size: Images in a minibatch.
        k: Minibatches in a batch.
        shuffle: Whether the order changes.

    Returns:
        A dataset of images, or of (images, labels).

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
        lambda indices: _same_form(tuple(tf.gather(array, indices) for array in arrays))
    )


def split(images: Any, labels: Any, k: int) -> list[tuple[Any, Any]]:
    """The k minibatches that `group` joined, each as (images, labels or `None`).

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


def batch_size(images: Any) -> Any:
    """A number where it is known, which XLA wants, else a tensor."""
    return images.shape[0] if images.shape[0] is not None else tf.shape(images)[0]


def _same_form(parts: tuple[Any, ...]) -> Any:
    return parts if len(parts) > 1 else parts[0]
