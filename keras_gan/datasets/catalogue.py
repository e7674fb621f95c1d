"""The data sets that are known by name and need no download."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

from keras_gan.datasets import packaged
from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.packaged.packaged_set import PackagedSet


def _discover() -> Iterator[PackagedSet]:
    """Yields the sets of each module in `packaged/`."""
    for module in pkgutil.iter_modules(packaged.__path__, f"{packaged.__name__}."):
        yield from getattr(importlib.import_module(module.name), "SETS", ())


PACKAGED: dict[str, PackagedSet] = {found.name: found for found in _discover()}


def available() -> list[DatasetInfo]:
    """Lists the data sets that are known by name, also those whose images are not on this machine.

    `load` takes in addition any folder of images and any name of TensorFlow Datasets.

    Returns:
        One `DatasetInfo` a set. Its `available` is true if `load` finds the images here.

    Example:
    ```python
    [entry.name for entry in keras_gan.datasets.available() if entry.available]
    ```
    """
    return [found.info() for found in PACKAGED.values()]
