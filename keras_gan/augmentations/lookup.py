"""Finding an augmentation by its name."""

from __future__ import annotations

from typing import TYPE_CHECKING

import keras

from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.utils import registry
from keras_gan.utils.registry import Registry, unknown_name

if TYPE_CHECKING:
    from keras_gan.typing import AugmentationLike

_REGISTRY: Registry[Augmentation] = Registry("keras_gan.augmentations", Augmentation, "augmentation")


def names() -> tuple[str, ...]:
    """Returns the names of all augmentations, sorted: of the files of `keras_gan.augmentations` that define one."""
    return _REGISTRY.names()


def get(identifier: AugmentationLike) -> Augmentation | None:
    """Returns an augmentation, or `None` for `None`.

    Args:
        identifier: Name of an augmentation, see `names()`; or an `Augmentation`, its serialised form, or `None`.

    Raises:
        ValueError: If `identifier` is none of these.

    Example:
    ```python
    augmentation = keras_gan.augmentations.get("diffaugment")
    ```
    """
    if identifier is None or isinstance(identifier, Augmentation):
        return identifier
    if isinstance(identifier, str) and identifier in names():
        return _REGISTRY.create(identifier)
    if isinstance(identifier, dict):
        augmentation = keras.saving.deserialize_keras_object(identifier)
        if isinstance(augmentation, Augmentation):
            return augmentation
    other = ", a keras_gan.augmentations.Augmentation or None"
    raise ValueError(unknown_name("augmentation", identifier, names(), other))


def parse(text: str) -> Augmentation:
    """Returns an augmentation from `NAME` or `NAME:NUMBER`, the form that the command line takes.

    Args:
        text: Name, or name and number, such as `"ada:100000"`. The number sets the argument that the augmentation's
            `strength` names: of ADA `adjustment_images`.

    Raises:
        ValueError: If there is no such augmentation, it takes no number, or the number is not one.

    Example:
    ```python
    augmentation = keras_gan.augmentations.parse("ada:100000")
    ```
    """
    return registry.parse(_REGISTRY, text)
