"""What is known of a data set before it is read, and the sets that need no download."""

from __future__ import annotations

import dataclasses
import importlib
from typing import Any

PACKAGED = ("digits", "digits8x8", "faces25", "fashion_mnist", "emoji/google", "emoji/twitter")


@dataclasses.dataclass(frozen=True)
class DatasetInfo:
    """What a data set holds, where it comes from and under which terms.

    Args:
        name: What `load` takes.
        description: One line.
        image_shape: (height, width, channels) as stored; height and width are `None` where the images differ.
        num_images: How many images the training split holds, or `None` if that is not known yet.
        class_names: The name of each label in order; empty if there are no labels. Defaults to ().
        licence: The terms the images are under, as their publisher states them. Defaults to "".
        source: The package, folder or collection that holds the images. Defaults to "".
        homepage: Where to read more. Defaults to "".
        install: What to do where `available` is false. Defaults to "".
        available: Whether `load` finds the images on this machine. Defaults to `True`.
        splits: The parts that `load` takes as `split`. Defaults to ("train",).

    Example:
    ```python
    digits = keras_gan.datasets.info("digits")
    digits.image_shape, digits.num_classes  # (28, 28, 1), 10
    ```
    """

    name: str
    description: str
    image_shape: tuple[int | None, int | None, int]
    num_images: int | None
    class_names: tuple[str, ...] = ()
    licence: str = ""
    source: str = ""
    homepage: str = ""
    install: str = ""
    available: bool = True
    splits: tuple[str, ...] = ("train",)

    @property
    def num_classes(self) -> int | None:
        """How many classes the labels tell apart, or `None` without labels."""
        return len(self.class_names) or None


def available() -> list[DatasetInfo]:
    """List the data sets known by name, whether or not their images are on this machine.

    Any folder of images and any TensorFlow Datasets name can be loaded besides these.

    Returns:
        One `DatasetInfo` a set, `available` telling whether `load` finds it here.

    Example:
    ```python
    [entry.name for entry in keras_gan.datasets.available() if entry.available]
    ```
    """
    return [packaged(name).info() for name in PACKAGED]


def packaged(name: str) -> Any:
    """Return what knows the packaged set `name`: its module, or the part of the module's set that follows the slash."""
    module, _, part = name.partition("/")
    found = importlib.import_module(f"keras_gan.datasets.{module}")
    return found.part(part) if part else found
