"""Facts about a data set that are known before its images are read."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclasses.dataclass(frozen=True)
class DatasetInfo:
    """Facts about a data set: its content, its source and its licence.

    Args:
        name: Name that `load` takes.
        description: One line of text.
        image_shape: (height, width, channels) as stored. Height and width are `None` if the images differ in size.
            (length, channels) of sequences, (n,) of vectors.
        num_images: Number of images in the training split, or `None` if it is not known yet.
        class_names: Name of each label, in order. Empty if there are no labels. Defaults to ().
        licence: Licence of the images, as their publisher states it. Defaults to "".
        source: Package, folder or collection that holds the images. Defaults to "".
        homepage: Address of the publisher's page. Defaults to "".
        install: Command or instruction that makes the images available. Defaults to "".
        available: True if `load` finds the images on this machine. Defaults to `True`.
        splits: Names that `load` takes as `split`. Defaults to ("train",).
        pairs_with: Names of the sets whose images correspond to these one by one, in the same order. Defaults to ().
        class_counts: Number of images of each class, in order. Empty if they are not known. Defaults to ().
        attribute_names: Name of each attribute, if the labels are vectors of attributes. Defaults to ().

    Example:
    ```python
    digits = keras_gan.datasets.info("digits")
    digits.image_shape, digits.num_classes  # (28, 28, 1), 10
    ```
    """

    name: str
    description: str
    image_shape: tuple[int | None, ...]
    num_images: int | None
    class_names: tuple[str, ...] = ()
    licence: str = ""
    source: str = ""
    homepage: str = ""
    install: str = ""
    available: bool = True
    splits: tuple[str, ...] = ("train",)
    pairs_with: tuple[str, ...] = ()
    class_counts: tuple[int, ...] = ()
    attribute_names: tuple[str, ...] = ()

    @property
    def num_classes(self) -> int | None:
        """Number of classes, or `None` without labels."""
        return len(self.class_names) or None

    @property
    def test_split(self) -> str | None:
        """Name of the split of held-out images, or `None` if there is none."""
        return "test" if "test" in self.splits else None


def count_classes(labels: np.ndarray | None, class_names: Sequence[str]) -> tuple[int, ...]:
    """Returns the number of images of each class; empty without labels or names of classes."""
    if labels is None or not class_names:
        return ()
    import numpy as np

    return tuple(np.bincount(labels, minlength=len(class_names)).tolist())
