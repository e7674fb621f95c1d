"""Check of the data of models that translate images: images of two domains."""

from __future__ import annotations

import dataclasses
from typing import Any

import keras
import tensorflow as tf

from keras_gan.models.data_check import DataCheck
from keras_gan.models.image_check import ImageCheck
from keras_gan.typing import Data, Images


@dataclasses.dataclass(frozen=True)
class PairCheck(DataCheck):
    """Check of batches (x_images, y_images).

    Args:
        x: Check of the images of X.
        y: Check of the images of Y.
    """

    x: ImageCheck
    y: ImageCheck

    def check_batch(self, batch: Any) -> None:
        """Raises `ValueError` if the model cannot learn from a batch of arrays."""
        x, y = split_pair(batch)
        self.x.check_arrays(x)
        self.y.check_arrays(y)
        if len(x) != len(y):
            raise ValueError(
                f"`x` and `y` must hold as many images. Received: {len(x)} and {len(y)}. For two sets of different "
                "sizes use keras_gan.datasets.load_unpaired, or tf.data.Dataset.zip of two data sets"
            )

    def wrap_dataset(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Check the shapes and dtypes of the elements now, and the values of each batch before it is used."""
        for check, spec in zip((self.x, self.y), split_pair(dataset.element_spec), strict=True):
            if spec.shape.rank is not None:
                check.check_spec(tuple(spec.shape), spec.dtype.as_numpy_dtype)
        return dataset.map(
            lambda x, y: (self.x.check_in_graph(x), self.y.check_in_graph(y)), num_parallel_calls=1
        ).prefetch(1)


def split_pair(batch: Any) -> tuple[Any, Any]:
    """Returns (x_images, y_images) of one element of a data set.

    Raises:
        ValueError: If the element is not such a pair.
    """
    pair = batch if isinstance(batch, tuple | list) else ()
    if len(pair) == 3 and pair[2] is None:  # Keras's train_on_batch adds sample weights, which are None
        pair = pair[:2]
    if len(pair) != 2 or not all(hasattr(images, "shape") for images in pair):
        raise ValueError(
            "Expected (x_images, y_images): a tf.data.Dataset of such batches, as keras_gan.datasets.load_unpaired "
            f"returns, or two arrays. Received: {_describe(batch)}"
        )
    return pair[0], pair[1]


def _describe(batch: Any) -> str:
    if isinstance(batch, tuple | list):
        return f"{type(batch).__name__} of {', '.join(type(part).__name__ for part in batch) or 'nothing'}"
    return f"elements of {batch}" if isinstance(batch, tf.TensorSpec) else type(batch).__name__


def first_images(data: Data) -> Images | tf.TensorSpec:
    """Returns the images of X of the first batch, or their spec: an object with a `shape`.

    Raises:
        ValueError: If the data are not pairs of images of one size.
    """
    if isinstance(data, keras.utils.PyDataset):
        data = data[0]
    images, _ = split_pair(data.element_spec if isinstance(data, tf.data.Dataset) else data)
    shape = tuple(images.shape)
    if len(shape) != 4 or None in shape[1:]:
        raise ValueError(
            "Images must be of shape (batch, height, width, channels), all but the batch known. "
            f"Received: {shape}. Resize or crop them to one size."
        )
    return images
