"""Check of images and labels: shape, dtype and range. Sequences and vectors can have any finite values."""

from __future__ import annotations

import dataclasses
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from keras_gan.errors import KerasGANWarning
from keras_gan.models.data_check import MARK, DataCheck, split_batch
from keras_gan.models.scaling_advice import advice_for_dtype, advice_for_values
from keras_gan.typing import ArrayLike, Range, Shape, Tensor

# Resizing with a cubic or Lanczos filter leaves the range a little.
OVERSHOOT = 0.1


@dataclasses.dataclass(frozen=True)
class ImageCheck(DataCheck):
    """Check of batches of images, or of images and labels.

    Args:
        image_shape: (height, width, channels), (length, channels) of sequences, or (n,) of vectors.
        image_range: The least and the greatest value of a pixel.
        num_classes: Number of classes; `None` if the model does not use labels. Defaults to `None`.
        expect_negative: Boolean. Warns about a batch without a pixel below 0 if the range has negative values. Set it
            to `False` for small batches: a few bright images may have no such pixel. Defaults to `True`.
        num_attributes: Length of the attributes that are the labels; `None` for classes. Defaults to `None`.
    """

    image_shape: Shape
    image_range: Range
    num_classes: int | None = None
    expect_negative: bool = True
    num_attributes: int | None = None

    @property
    def has_labels(self) -> bool:
        """`True` if the model learns from labels too."""
        return self.num_classes is not None or self.num_attributes is not None

    @property
    def has_range(self) -> bool:
        """`True` for images, whose values have a range."""
        return len(self.image_shape) == 3

    def check_batch(self, batch: Any) -> None:
        """Raises `ValueError` if the model cannot learn from a batch of arrays."""
        images, labels = split_batch(batch)
        if hasattr(images, "shape"):
            self.check_arrays(images, labels)
        elif not isinstance(images, tf.distribute.DistributedDataset):
            raise ValueError(
                "Expected a tf.data.Dataset or an array of images of shape "
                f"(batch, {', '.join(map(str, self.image_shape))}). Received: {type(images).__name__}"
            )

    def check_arrays(self, images: ArrayLike, labels: ArrayLike | None = None) -> None:
        """Check whole arrays.

        Args:
            images: Images (n, height, width, channels).
            labels: Integers (n,), or floats (n, num_attributes). Not used by a model without labels. Defaults to
                `None`.

        Raises:
            ValueError: If the model cannot learn from them.
        """
        images = np.asarray(images)
        self.check_spec(images.shape, images.dtype)
        self._check_labels_are_given(labels is not None)
        if len(images) == 0:
            raise ValueError(f"A batch must hold at least one image. Received: shape {images.shape}")
        finite = np.isfinite(images).all(axis=tuple(range(1, images.ndim)))
        if not finite.all():
            raise ValueError(f"Images must be finite. Received: NaN or infinity in {np.sum(~finite)} of {len(images)}")
        if self.has_range:
            self._check_range(images)
        if self.has_labels:
            if not hasattr(labels, "shape"):
                kind = "integers" if self.num_attributes is None else "floats"
                raise ValueError(f"Labels must be an array of {kind}. Received: {type(labels).__name__}")
            self._check_labels(np.asarray(labels), len(images))

    def wrap_dataset(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Check the shape and the dtype of the elements now, and the values of each batch before it is used.

        Args:
            dataset: Batches of images, or of (images, labels).

        Returns:
            The same batches in the same order. A bad one raises a TensorFlow error, which `plain_errors` turns into a
            `ValueError`.

        Raises:
            ValueError: If the shape or the dtype is wrong.
        """
        images, labels = split_batch(dataset.element_spec)
        if not isinstance(images, tf.TensorSpec):
            raise ValueError(
                f"The dataset must yield images, or (images, labels). Received: elements of {dataset.element_spec}"
            )
        if images.shape.rank is not None:
            self.check_spec(tuple(images.shape), images.dtype.as_numpy_dtype)
        self._check_labels_are_given(labels is not None)
        if self.num_attributes is not None:
            self._check_attributes(tuple(labels.shape), labels.dtype.as_numpy_dtype)
        if self.num_classes is not None and (not labels.dtype.is_integer or labels.shape.rank not in {None, 1}):
            raise ValueError(
                f"Labels must be integers of shape (batch,). Received: shape {labels.shape}, dtype {labels.dtype.name}"
            )
        return dataset.map(self.check_in_graph, num_parallel_calls=1).prefetch(1)

    def check_in_graph(self, *element: Tensor) -> Any:
        """Returns an element of a data set after a check inside the graph.

        The graph finds out cheaply whether the batch is good. If it is not, `check_arrays` looks at it in Python, where
        it can say what is wrong.
        """
        images, labels = element[0], element[1] if self.has_labels else tf.zeros((), tf.int32)
        images = tf.ensure_shape(images, (None, *self.image_shape))
        low, high = self.image_range
        least = low - OVERSHOOT
        most = high + OVERSHOOT
        # A comparison with NaN is false, so NaN fails this test too.
        if self.has_range:
            good = tf.reduce_all((images >= least) & (images <= most)) & (tf.shape(images)[0] > 0)
        else:
            good = tf.reduce_all(tf.math.is_finite(images)) & (tf.shape(images)[0] > 0)
        if self.has_range and low < 0 and self.expect_negative:
            good &= tf.reduce_min(images) < 0
        if self.num_classes is not None:
            good &= tf.reduce_all((labels >= 0) & (labels < self.num_classes))
        elif self.num_attributes is not None:
            good &= tf.reduce_all(tf.math.is_finite(tf.cast(labels, tf.float32)))

        def check_in_python(images: np.ndarray, labels: np.ndarray) -> np.bool_:
            try:
                self.check_arrays(images, labels)
            except ValueError as error:
                raise ValueError(f"{MARK}{error}") from None
            return np.True_

        checked = tf.cond(good, lambda: True, lambda: tf.numpy_function(check_in_python, [images, labels], tf.bool))
        with tf.control_dependencies([checked]):
            images = tf.identity(images)
        return (images, *element[1:]) if len(element) > 1 else images

    def check_spec(self, shape: tuple[int | None, ...], dtype: npt.DTypeLike) -> None:
        """Raises `ValueError` if a batch of images has another shape, or a dtype that is not a float."""
        if not self.has_range:
            self._check_float_spec(shape, dtype)
            return
        height, width, channels = self.image_shape
        message = (
            f"Expected images of shape (batch, {height}, {width}, {channels}), float32, channels last. "
            f"Received: shape {tuple(shape)}, dtype {np.dtype(dtype).name}."
        )
        if len(shape) == 4 and _fits(shape[1:], (channels, height, width)) and not _fits(shape[1:], self.image_shape):
            raise ValueError(f"{message} They are channels first: transpose them with (0, 2, 3, 1).")
        if len(shape) == 3 and _fits(shape, self.image_shape):
            raise ValueError(f"{message} These are single images: call .batch(64) on the dataset.")
        if len(shape) == 3 and _fits(shape[1:], (height, width)) and channels == 1:
            raise ValueError(f"{message} Add the channel axis: images[..., None].")
        if len(shape) != 4 or not _fits(shape[1:], self.image_shape):
            raise ValueError(message)
        if not np.issubdtype(np.dtype(dtype), np.floating):
            raise ValueError(f"{message} {advice_for_dtype(dtype, self.image_range)}")

    def _check_float_spec(self, shape: tuple[int | None, ...], dtype: npt.DTypeLike) -> None:
        """Raises `ValueError` if a batch of sequences or vectors has another shape or dtype."""
        kind = "vectors" if len(self.image_shape) == 1 else "sequences"
        if not _fits(shape[1:], self.image_shape) or not np.issubdtype(np.dtype(dtype), np.floating):
            raise ValueError(
                f"Expected {kind} of shape (batch, {', '.join(map(str, self.image_shape))}), float32. "
                f"Received: shape {tuple(shape)}, dtype {np.dtype(dtype).name}."
            )

    def _check_labels_are_given(self, given: bool) -> None:
        if self.num_attributes is not None and not given:
            raise ValueError(
                f"A model made with num_attributes={self.num_attributes} learns from (images, attributes). "
                "Received: images alone"
            )
        if self.num_classes is not None and not given:
            raise ValueError(
                f"A model made with num_classes={self.num_classes} learns from (images, labels). Received: images alone"
            )

    def _check_attributes(self, shape: tuple[int | None, ...], dtype: npt.DTypeLike) -> None:
        """Raises `ValueError` if attributes have another shape or dtype."""
        is_number = np.issubdtype(np.dtype(dtype), np.floating) or np.issubdtype(np.dtype(dtype), np.integer)
        if not _fits(shape[1:], (self.num_attributes or 0,)) or not is_number:
            raise ValueError(
                f"Attributes must be floats of shape (batch, {self.num_attributes}). "
                f"Received: shape {tuple(shape)}, dtype {np.dtype(dtype).name}"
            )

    def _check_labels(self, labels: np.ndarray, count: int) -> None:
        if self.num_attributes is not None:
            self._check_attributes(labels.shape, labels.dtype)
            if len(labels) != count or not np.isfinite(labels).all():
                raise ValueError(f"Attributes must be finite, {count} rows. Received: {len(labels)} rows")
            return
        if labels.shape != (count,) or not np.issubdtype(labels.dtype, np.integer):
            raise ValueError(
                f"Labels must be integers of shape ({count},). Received: shape {labels.shape}, dtype {labels.dtype}"
            )
        if labels.min() < 0 or labels.max() >= (self.num_classes or 0):
            raise ValueError(
                f"Labels must be from 0 to num_classes - 1 = {(self.num_classes or 0) - 1}. "
                f"Received: {labels.min()} to {labels.max()}"
            )

    def _check_range(self, images: np.ndarray) -> None:
        least, most = self.image_range
        low, high = float(images.min()), float(images.max())
        if low < least - OVERSHOOT or high > most + OVERSHOOT:
            why = " (the generator ends in a sigmoid)" if self.image_range == (0.0, 1.0) else ""
            raise ValueError(
                f"Images must be in [{least:g}, {most:g}]{why}. Received: values from {low:.6g} to {high:.6g}. "
                f"{advice_for_values(images, self.image_range)}"
            )
        if self.expect_negative and least < 0 <= low and high > 0:
            warnings.warn(
                "No pixel is below zero: the images seem to be in [0, 1], but the generator's images are in [-1, 1]. "
                "Scale them with `images * 2 - 1`.",
                KerasGANWarning,
                stacklevel=5,
            )


def _fits(shape: tuple[int | None, ...], expected: tuple[int, ...]) -> bool:
    return len(shape) == len(expected) and all(a is None or a == b for a, b in zip(shape, expected, strict=True))
