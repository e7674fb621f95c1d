"""Catching images and labels of the wrong shape, dtype or range before they reach the weights."""

from __future__ import annotations

import abc
import contextlib
import dataclasses
import re
import types
import warnings
from collections.abc import Iterator
from typing import Any

import keras
import numpy as np
import tensorflow as tf

from keras_gan.errors import KerasGANWarning

# Resizing with a cubic or Lanczos filter overshoots the range a little.
OVERSHOOT = 0.1
MARK = "Mistake in the data: "


class Checks(abc.ABC):
    """What a model expects of its data."""

    def checked(self, data: Any) -> Any:
        """See that the model can learn from `data`; a data set is looked at batch by batch as it is read.

        Args:
            data: A `tf.data.Dataset`, a batch of arrays, a generator of such or a `keras.utils.PyDataset`.

        Returns:
            The data to train on.

        Raises:
            ValueError: If the model cannot learn from them.
        """
        if isinstance(data, tf.data.Dataset):
            if data.cardinality() == 0:
                raise ValueError("The data set must hold at least one batch. Received: a data set of 0 batches")
            return self.dataset(data)
        if isinstance(data, keras.utils.PyDataset):
            return _CheckedPyDataset(data, self)
        if isinstance(data, types.GeneratorType):
            return (self._seen(batch) for batch in data)
        return self._seen(data)

    @abc.abstractmethod
    def dataset(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """The same batches in the same order, each checked before it is used."""

    @abc.abstractmethod
    def _seen(self, batch: Any) -> Any:
        """The batch, once it was looked at."""


@dataclasses.dataclass(frozen=True)
class ImageChecks(Checks):
    """What a model expects of its data.

    Args:
        image_shape: (height, width, channels).
        image_range: The least and the greatest pixel value.
        num_classes: How many classes; `None` where labels are not used.
        expect_negative: Whether a batch without a pixel below zero is suspicious, where the range has such. One of a
            few bright images is not.
    """

    image_shape: tuple[int, int, int]
    image_range: tuple[float, float]
    num_classes: int | None = None
    expect_negative: bool = True

    def _seen(self, batch: Any) -> Any:
        images, labels = split_batch(batch)
        if hasattr(images, "shape"):
            self.arrays(images, labels)
        elif not isinstance(images, tf.distribute.DistributedDataset):
            raise ValueError(
                "Expected a tf.data.Dataset or an array of images of shape "
                f"(batch, {', '.join(map(str, self.image_shape))}). Received: {type(images).__name__}"
            )
        return batch

    def arrays(self, images: Any, labels: Any = None) -> None:
        """Check whole arrays.

        Raises:
            ValueError: If the model cannot learn from them.
        """
        images = np.asarray(images)
        self._check_spec(images.shape, images.dtype)
        self._check_labels_given(labels is not None)
        if len(images) == 0:
            raise ValueError(f"A batch must hold at least one image. Received: shape {images.shape}")
        finite = np.isfinite(images).all(axis=(1, 2, 3))
        if not finite.all():
            raise ValueError(f"Images must be finite. Received: NaN or infinity in {np.sum(~finite)} of {len(images)}")
        self._check_range(float(images.min()), float(images.max()))
        if self.num_classes is not None:
            if not hasattr(labels, "shape"):
                raise ValueError(f"Labels must be an array of integers. Received: {type(labels).__name__}")
            self._check_labels(np.asarray(labels), len(images))

    def dataset(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Check the elements' shape and dtype now, and the values of each batch before it is used.

        Args:
            dataset: Batches of images, or of (images, labels).

        Returns:
            The same batches in the same order. A bad one raises a TensorFlow error that `explain` puts in plain words.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        images, labels = split_batch(dataset.element_spec)
        if not isinstance(images, tf.TensorSpec):
            raise ValueError(
                f"The dataset must yield images, or (images, labels). Received: elements of {dataset.element_spec}"
            )
        if images.shape.rank is not None:
            self._check_spec(tuple(images.shape), images.dtype.as_numpy_dtype)
        self._check_labels_given(labels is not None)
        if self.num_classes is not None and (not labels.dtype.is_integer or labels.shape.rank not in {None, 1}):
            raise ValueError(
                f"Labels must be integers of shape (batch,). Received: shape {labels.shape}, dtype {labels.dtype.name}"
            )
        return dataset.map(self._checked, num_parallel_calls=1).prefetch(1)

    def _checked(self, *element: Any) -> Any:
        """Pass a batch on if it is plainly good; else let `arrays`, in Python, where words are free, look at it."""
        images, labels = element[0], element[1] if self.num_classes is not None else tf.zeros((), tf.int32)
        images = tf.ensure_shape(images, (None, *self.image_shape))
        low, high = self.image_range
        least = low - OVERSHOOT
        most = high + OVERSHOOT
        # Written so that NaN, which compares as false, fails it.
        good = tf.reduce_all((images >= least) & (images <= most)) & (tf.shape(images)[0] > 0)
        if low < 0 and self.expect_negative:
            good &= tf.reduce_min(images) < 0
        if self.num_classes is not None:
            good &= tf.reduce_all((labels >= 0) & (labels < self.num_classes))

        def look(images: Any, labels: Any) -> np.bool_:
            try:
                self.arrays(images, labels)
            except ValueError as error:
                raise ValueError(f"{MARK}{error}") from None
            return np.True_

        checked = tf.cond(good, lambda: True, lambda: tf.numpy_function(look, [images, labels], tf.bool))
        with tf.control_dependencies([checked]):
            images = tf.identity(images)
        return (images, *element[1:]) if len(element) > 1 else images

    def _check_spec(self, shape: tuple[int | None, ...], dtype: Any) -> None:
        height, width, channels = self.image_shape
        message = (
            f"Expected images of shape (batch, {height}, {width}, {channels}), float32, channels last. "
            f"Received: shape {tuple(shape)}, dtype {np.dtype(dtype).name}."
        )
        if len(shape) == 4 and _agree(shape[1:], (channels, height, width)) and not _agree(shape[1:], self.image_shape):
            raise ValueError(f"{message} They are channels first: transpose them with (0, 2, 3, 1).")
        if len(shape) == 3 and _agree(shape, self.image_shape):
            raise ValueError(f"{message} These are single images: call .batch(64) on the dataset.")
        if len(shape) == 3 and _agree(shape[1:], (height, width)) and channels == 1:
            raise ValueError(f"{message} Add the channel axis: images[..., None].")
        if len(shape) != 4 or not _agree(shape[1:], self.image_shape):
            raise ValueError(message)
        if not np.issubdtype(np.dtype(dtype), np.floating):
            raise ValueError(f"{message} Scale 0..255 images with `{self._rescaling()}`.")

    def _check_labels_given(self, given: bool) -> None:
        if self.num_classes is not None and not given:
            raise ValueError(
                f"A model made with num_classes={self.num_classes} learns from (images, labels). Received: images alone"
            )

    def _check_labels(self, labels: np.ndarray, count: int) -> None:
        if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"Labels must be integers of shape ({count},). Received: shape {labels.shape}, dtype {labels.dtype}"
            )
        if labels.min() < 0 or labels.max() >= (self.num_classes or 0):
            raise ValueError(
                f"Labels must be from 0 to num_classes - 1 = {(self.num_classes or 0) - 1}. "
                f"Received: {labels.min()} to {labels.max()}"
            )

    def _check_range(self, low: float, high: float) -> None:
        least, most = self.image_range
        if low < least - OVERSHOOT or high > most + OVERSHOOT:
            why = " (the generator ends in a sigmoid)" if self.image_range == (0.0, 1.0) else ""
            how = f" Scale 0..255 images with `{self._rescaling()}`." if high > 2 else ""
            raise ValueError(
                f"Images must be in [{least:g}, {most:g}]{why}. Received: values from {low:.6g} to {high:.6g}.{how}"
            )
        if self.expect_negative and least < 0 <= low and high > 0:
            warnings.warn(
                "No pixel is below zero: the images seem to be in [0, 1], where the generator draws in [-1, 1]. "
                "Scale them with `images * 2 - 1`.",
                KerasGANWarning,
                stacklevel=4,
            )

    def _rescaling(self) -> str:
        return "images / 255.0" if self.image_range == (0.0, 1.0) else "images / 127.5 - 1"


@dataclasses.dataclass(frozen=True)
class PairChecks(Checks):
    """What a model of two domains expects of its data.

    Args:
        x: Of the images of the first domain.
        y: Of the images of the second.
    """

    x: ImageChecks
    y: ImageChecks

    def _seen(self, batch: Any) -> Any:
        x, y = split_pair(batch)
        self.x.arrays(x)
        self.y.arrays(y)
        if len(x) != len(y):
            raise ValueError(
                f"`x` and `y` must hold as many images. Received: {len(x)} and {len(y)}. For two sets of different "
                "sizes use keras_gan.datasets.load_unpaired, or tf.data.Dataset.zip of two data sets"
            )
        return batch

    def dataset(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Check the elements' shapes and dtypes now, and the values of each batch before it is used."""
        for checks, spec in zip((self.x, self.y), split_pair(dataset.element_spec), strict=True):
            if spec.shape.rank is not None:
                checks._check_spec(tuple(spec.shape), spec.dtype.as_numpy_dtype)
        return dataset.map(
            lambda x, y: (self.x._checked(x), self.y._checked(y)),
            num_parallel_calls=1,
        ).prefetch(1)


def split_pair(batch: Any) -> tuple[Any, Any]:
    """(x_images, y_images) of one element of a dataset.

    Raises:
        ValueError: If it is something else.
    """
    pair = batch if isinstance(batch, tuple | list) else ()
    if len(pair) == 3 and pair[2] is None:  # Keras's train_on_batch adds the sample weights that there are not
        pair = pair[:2]
    if len(pair) != 2 or not all(hasattr(images, "shape") for images in pair):
        raise ValueError(
            "Expected (x_images, y_images): a tf.data.Dataset of such batches, as keras_gan.datasets.load_unpaired "
            f"gives, or two arrays. Received: {_described(batch)}"
        )
    return pair[0], pair[1]


def _described(batch: Any) -> str:
    if isinstance(batch, tuple | list):
        return f"{type(batch).__name__} of {', '.join(type(part).__name__ for part in batch) or 'nothing'}"
    return f"elements of {batch}" if isinstance(batch, tf.TensorSpec) else type(batch).__name__


def split_batch(batch: Any) -> tuple[Any, Any]:
    """(images, labels or `None`) of one element of a dataset."""
    if isinstance(batch, tuple) or (isinstance(batch, list) and len(batch) == 2):
        return batch[0], batch[1] if len(batch) > 1 else None
    return batch, None


class _CheckedPyDataset(keras.utils.PyDataset):
    """A PyDataset whose batches are seen by the checks."""

    def __init__(self, inner: keras.utils.PyDataset, checks: Checks) -> None:
        super().__init__(inner.workers, inner.use_multiprocessing, inner.max_queue_size)
        self._inner = inner
        self._checks = checks

    @property
    def num_batches(self) -> int | None:
        return self._inner.num_batches

    def __getitem__(self, index: int) -> Any:
        return self._checks._seen(self._inner[index])

    def on_epoch_begin(self) -> None:
        self._inner.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._inner.on_epoch_end()


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Turn what a checked data set complains of into a `ValueError` in plain words."""
    try:
        yield
    except tf.errors.OpError as error:
        if (message := explain(error)) is not None:
            raise ValueError(message) from None
        raise


def explain(error: tf.errors.OpError) -> str | None:
    """The plain sentence in an error of a checked dataset, or `None` if it is about something else."""
    found = re.search(f"{MARK}(.*)", str(error))
    return found.group(1) if found else None


def _agree(shape: tuple[int | None, ...], expected: tuple[int, ...]) -> bool:
    return len(shape) == len(expected) and all(a is None or a == b for a, b in zip(shape, expected, strict=True))
