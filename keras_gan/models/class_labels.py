"""Labels of the images to generate: classes or attributes."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from keras_gan.typing import Labels
from keras_gan.utils.attributes import attribute_rows
from keras_gan.utils.class_names import describe_classes, label_numbers


def labels_of(
    n: int,
    labels: Labels,
    num_classes: int | None,
    class_names: Sequence[str] = (),
    num_attributes: int | None = None,
    attribute_names: Sequence[str] = (),
) -> np.ndarray:
    """Returns the label of each of `n` images.

    Args:
        n: Number of images.
        labels: Integers or names of classes (n,), or one for all images; `None` for each class in turn.
        num_classes: Number of classes of the model; `None` for a model without classes.
        class_names: Name of each class. Defaults to none.
        num_attributes: Number of attributes of the model. Defaults to `None`: it has no attributes.
        attribute_names: Name of each attribute. Defaults to none.

    Returns:
        An int32 array (n,), zeros for a model without labels; or the attributes, float32 (n, num_attributes).

    Raises:
        ValueError: If the labels have the wrong shape, dtype or range, or the model has no classes.
    """
    if num_attributes is not None:
        return attribute_rows(n, labels, num_attributes, attribute_names)
    if num_classes is None:
        if labels is not None:
            raise ValueError(
                "`labels` need a model made with `num_classes` or `num_attributes`. Received: num_classes=None"
            )
        return np.zeros(n, np.int32)
    labels = np.arange(n) % num_classes if labels is None else np.asarray(label_numbers(labels, class_names))
    labels = np.full(n, labels) if labels.ndim == 0 else labels
    integers = np.issubdtype(labels.dtype, np.integer)
    if labels.shape != (n,) or not integers or (n and not 0 <= labels.min() <= labels.max() < num_classes):
        raise ValueError(
            f"`labels` must be {n} integers from 0 to {num_classes - 1}{_names(class_names)}. "
            f"Received: {labels.dtype.name} of shape {labels.shape}, {labels.ravel()[:8].tolist()}"
        )
    return labels.astype(np.int32)


def _names(class_names: Sequence[str]) -> str:
    return f", or names: {describe_classes(class_names)}" if class_names else ""
