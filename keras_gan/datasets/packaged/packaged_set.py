"""Base classes of the sets that need no download."""

from __future__ import annotations

import abc
import os

import numpy as np

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.sources.array_source import ArraySource
from keras_gan.datasets.sources.source import Source, check_split


class PackagedSet(abc.ABC):
    """Base class of a set that is known by name and needs no download."""

    tfds_name: str | None = None  # its name in TensorFlow Datasets, if it is read from there

    @property
    @abc.abstractmethod
    def name(self) -> str:
        """Name that `keras_gan.datasets.load` takes."""

    @abc.abstractmethod
    def info(self) -> DatasetInfo:
        """Describes the set. Does not import the package that holds the images."""

    @abc.abstractmethod
    def open(
        self, split: str, limit: int | None, data_dir: str | os.PathLike[str] | None = None, timeout: float = 60.0
    ) -> Source:
        """Returns the images of a split; see `keras_gan.datasets.load` for the arguments.

        Raises:
            ValueError: If the set has no such split.
            ImportError: If the package that holds the images is not installed.
        """


class PackagedArrays(PackagedSet):
    """Base class of a packaged set that is read into memory as a whole.

    Example:
    ```python
    class Squares(PackagedArrays):
        name = "squares"

        def info(self):
            return DatasetInfo(self.name, "white squares", image_shape=(8, 8, 1), num_images=64)

        def read(self, split):
            return np.full((64, 8, 8, 1), 255, np.uint8), None


    SETS = (Squares(),)
    ```
    """

    @abc.abstractmethod
    def read(self, split: str) -> tuple[np.ndarray, np.ndarray | None]:
        """Returns the images of a split, uint8 NHWC, and the class of each, int32, or `None` without classes."""

    def open(
        self, split: str, limit: int | None, data_dir: str | os.PathLike[str] | None = None, timeout: float = 60.0
    ) -> ArraySource:
        """Returns the images of a split in memory. `data_dir` and `timeout` are not used."""
        about = self.info()
        check_split(self.name, split, about.splits)
        try:
            pixels, labels = self.read(split)
        except ModuleNotFoundError as error:
            raise ImportError(f"{self.name!r} needs {about.source}: {about.install}") from error
        return ArraySource(self.name, pixels, labels).limited(limit)
