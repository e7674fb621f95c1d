"""Class labels of the images to generate."""

from __future__ import annotations

import numpy as np

from keras_gan.typing import Labels


def labels_of(n: int, labels: Labels, num_classes: int | None) -> np.ndarray:
    """Returns the label of each of `n` images.

    Args:
        n: Number of images.
        labels: Integers (n,), or one for all images; `None` for each class in turn.
        num_classes: Number of classes of the model; `None` for a model without classes.

    Returns:
        An int32 array (n,), zeros for a model without classes.

    Raises:
        ValueError: If the labels have the wrong shape, dtype or range, or the model has no classes.
    """
    if num_classes is None:
        if labels is not None:
            raise ValueError("`labels` need a model made with `num_classes`. Received: num_classes=None")
        return np.zeros(n, np.int32)
    labels = np.arange(n) % num_classes if labels is None else np.asarray(labels)
    labels = np.full(n, labels) if labels.ndim == 0 else labels
    integers = np.issubdtype(labels.dtype, np.integer)
    if labels.shape != (n,) or not integers or (n and not 0 <= labels.min() <= labels.max() < num_classes):
        raise ValueError(
            f"`labels` must be {n} integers from 0 to {num_classes - 1}. "
            f"Received: {labels.dtype.name} of shape {labels.shape}, {labels.ravel()[:8].tolist()}"
        )
    return labels.astype(np.int32)
