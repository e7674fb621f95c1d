"""Interface of everything that images come from."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from keras_gan.datasets.batching.feed import Feed
from keras_gan.datasets.decoding.images import Images, Size, StoredShape
from keras_gan.typing import Range


class Source(Protocol):
    """Images that were found but not yet converted to the size and the channels asked for."""

    @property
    def name(self) -> str:
        """Name of the images in messages."""

    @property
    def image_shape(self) -> StoredShape:
        """(height, width, channels) as stored. Height and width are `None` if the images differ in size."""

    def images(
        self, image_size: int | Size | None, channels: int | None, value_range: Range | None = None
    ) -> tuple[Images, np.ndarray | None]:
        """Returns the images, which can be indexed in any order, and their labels."""

    def feed(self, image_size: int | Size | None, channels: int | None, value_range: Range | None = None) -> Feed:
        """Returns the images and labels as a feed that is read epoch by epoch."""


def check_no_range(name: str, value_range: Range | None) -> None:
    """Raises a `ValueError` if a range is stated for a set whose images are known to have 8 bits."""
    if value_range is not None:
        raise ValueError(
            f"`value_range` is for folders and files of images. Received: value_range={value_range} and {name!r}, "
            "whose images have 8 bits"
        )


def check_split(name: str, split: str, known: tuple[str, ...]) -> None:
    """Raises a `ValueError` if the set `name` has no split `split`."""
    if split not in known:
        splits = " or ".join(f"split={split!r}" for split in known)
        raise ValueError(f"Expected {splits} for {name!r}. Received: split={split!r}")
