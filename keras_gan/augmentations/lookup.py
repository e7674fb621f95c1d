"""Finding an augmentation by what the user calls it."""

from __future__ import annotations

from typing import Any

import keras

from keras_gan.augmentations.ada import ADA
from keras_gan.augmentations.augmentation import Augmentation
from keras_gan.augmentations.diff_augment import DiffAugment

BY_NAME: dict[str, type[Augmentation]] = {"ada": ADA, "diffaugment": DiffAugment}


def get(identifier: Any) -> Augmentation | None:
    """The augmentation that `identifier` means.

    Args:
        identifier: A name (`"ada"`, `"diffaugment"`), an `Augmentation`, its serialised form, or `None`.

    Returns:
        An `Augmentation`; `None` for `None`.

    Raises:
        ValueError: If there is no such augmentation.

    Example:
    ```python
    augmentation = keras_gan.augmentations.get("diffaugment")
    ```
    """
    if identifier is None or isinstance(identifier, Augmentation):
        return identifier
    if isinstance(identifier, str) and identifier in BY_NAME:
        return BY_NAME[identifier]()
    if isinstance(identifier, dict):
        augmentation = keras.saving.deserialize_keras_object(identifier)
        if isinstance(augmentation, Augmentation):
            return augmentation
    raise ValueError(
        f"`augmentation` must be one of {sorted(BY_NAME)}, a keras_gan.augmentations.Augmentation or None. "
        f"Received: {identifier!r}"
    )
