"""Base class for checks of training data, which find a mistake before it reaches the weights."""

from __future__ import annotations

import abc
import contextlib
import re
import types
from collections.abc import Iterator
from typing import Any

import keras
import tensorflow as tf

from keras_gan.typing import Data

MARK = "Mistake in the data: "


class DataCheck(abc.ABC):
    """Base class for checks of training data."""

    def wrap(self, data: Data) -> Data:
        """Returns the same data, each batch of which is checked before it is used.

        Arrays are checked now. A data set, a generator and a `PyDataset` are checked batch by batch as they are read.

        Args:
            data: Data as `fit` takes them.

        Raises:
            ValueError: If the model cannot learn from the data. A batch of a `tf.data.Dataset` raises an error of
                TensorFlow, which `plain_errors` turns into a `ValueError`.
        """
        if isinstance(data, tf.data.Dataset):
            if data.cardinality() == 0:
                raise ValueError("The data set must hold at least one batch. Received: a data set of 0 batches")
            return self.wrap_dataset(data)
        if isinstance(data, keras.utils.PyDataset):
            return _CheckedPyDataset(data, self)
        if isinstance(data, types.GeneratorType):
            return (self._checked(batch) for batch in data)
        return self._checked(data)

    @abc.abstractmethod
    def wrap_dataset(self, dataset: tf.data.Dataset) -> tf.data.Dataset:
        """Returns the same batches in the same order, each checked before it is used."""

    @abc.abstractmethod
    def check_batch(self, batch: Any) -> None:
        """Raises `ValueError` if the model cannot learn from a batch of arrays."""

    def _checked(self, batch: Any) -> Any:
        self.check_batch(batch)
        return batch


class _CheckedPyDataset(keras.utils.PyDataset):
    """A `PyDataset` that checks its batches."""

    def __init__(self, inner: keras.utils.PyDataset, check: DataCheck) -> None:
        super().__init__(inner.workers, inner.use_multiprocessing, inner.max_queue_size)
        self._inner = inner
        self._check = check

    @property
    def num_batches(self) -> int | None:
        return self._inner.num_batches

    def __getitem__(self, index: int) -> Any:
        batch = self._inner[index]
        self._check.check_batch(batch)
        return batch

    def on_epoch_begin(self) -> None:
        self._inner.on_epoch_begin()

    def on_epoch_end(self) -> None:
        self._inner.on_epoch_end()


@contextlib.contextmanager
def plain_errors() -> Iterator[None]:
    """Context manager that turns the TensorFlow error of a bad batch into a `ValueError` with the check's message."""
    try:
        yield
    except tf.errors.OpError as error:
        if found := re.search(f"{MARK}(.*)", str(error)):
            raise ValueError(found.group(1)) from None
        raise


def split_batch(batch: Any) -> tuple[Any, Any]:
    """Returns (images, labels or `None`) of one element of a data set."""
    if isinstance(batch, tuple) or (isinstance(batch, list) and len(batch) == 2):
        return batch[0], batch[1] if len(batch) > 1 else None
    return batch, None
