"""Checks of a generator's inputs, with clearer messages than those of the runtimes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from keras_gan.utils.attributes import attribute_rows
from keras_gan.utils.class_names import describe_classes, label_numbers

# Cubic and Lanczos filters overshoot the range a little.
OVERSHOOT = 0.1


def check_z(z: Any, latent_dim: int) -> np.ndarray:
    """Checks latent vectors.

    Args:
        z: Real numbers of shape (n, latent_dim).
        latent_dim: Length of each vector.

    Returns:
        A float32 array.

    Raises:
        ValueError: If `z` has another shape or type, or is not finite in float32.
    """
    array = _array(z, "z")
    if array.dtype.kind not in "fiu":
        raise ValueError(f"`z` must hold real numbers. Received: dtype {array.dtype}")
    if array.ndim != 2 or array.shape[1] != latent_dim:
        raise ValueError(f"`z` must be of shape (n, {latent_dim}). Received: shape {array.shape}")
    with np.errstate(over="ignore"):
        array = array.astype(np.float32)
    finite = np.isfinite(array).all(axis=1)
    if not finite.all():
        raise ValueError(
            f"`z` must be finite. Received: NaN or infinity in rows {np.flatnonzero(~finite)[:8].tolist()}"
        )
    return array


def check_labels(
    labels: Any,
    n: int,
    conditional: bool,
    num_classes: int | None,
    class_names: Sequence[str] = (),
    num_attributes: int | None = None,
    attribute_names: Sequence[str] = (),
) -> np.ndarray | None:
    """Checks labels: classes or attributes.

    Args:
        labels: Integers or names of shape (n,), one of them for all images, or None for each class in turn.
            For attributes, see `keras_gan.utils.attributes.attribute_rows`.
        n: Number of images.
        conditional: True if the generator takes labels.
        num_classes: Number of classes, or None if it is not known.
        class_names: Name of each class. Defaults to (), not known.
        num_attributes: Number of attributes. Defaults to None, for classes.
        attribute_names: Name of each attribute. Defaults to (), not known.

    Returns:
        An int32 array of shape (n,), or a float32 array (n, num_attributes); None for a generator without labels.

    Raises:
        ValueError: If the labels do not fit.
    """
    if not conditional:
        if labels is not None:
            raise ValueError("`labels` must be None for a generator without classes. Received: labels")
        return None
    if num_attributes is not None:
        return attribute_rows(n, labels, num_attributes, attribute_names)
    if labels is None:
        if num_classes is None:
            raise ValueError(
                "`labels` must be given: without a manifest the number of classes is not known. Received: None"
            )
        return (np.arange(n) % num_classes).astype(np.int32)
    array = _array(label_numbers(labels, class_names), "labels")
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"`labels` must be integers. Received: dtype {array.dtype}")
    array = np.full(n, array) if array.ndim == 0 else array
    most = np.iinfo(np.int32).max if num_classes is None else num_classes - 1
    named = f", or names: {describe_classes(class_names)}" if class_names else ""
    if array.shape != (n,) or (n and not 0 <= array.min() <= array.max() <= most):
        raise ValueError(
            f"`labels` must be {n} integers from 0 to {most}{named}. "
            f"Received: shape {array.shape}, {array.ravel().tolist()[:8]}"
        )
    return array.astype(np.int32)


def check_images(images: Any, channels: int, image_range: tuple[float, float]) -> np.ndarray:
    """Checks images to translate.

    Args:
        images: Images of shape (n, height, width, channels), uint8 or floats.
        channels: Expected number of channels.
        image_range: Least and greatest value of floats. Resized images may exceed them by `OVERSHOOT`.

    Returns:
        A uint8 or a float32 array.

    Raises:
        ValueError: If the images have another shape or type, are not finite, or are out of range.
    """
    array = _array(images, "images")
    if array.ndim != 4 or array.shape[-1] != channels:
        raise ValueError(f"`images` must be of shape (n, height, width, {channels}). Received: shape {array.shape}")
    if array.dtype == np.uint8:
        return array
    low, high = image_range
    if array.dtype.kind != "f":
        raise ValueError(f"`images` must be uint8, or floats from {low:g} to {high:g}. Received: dtype {array.dtype}")
    # NaN fails this check, as its comparisons are false.
    if not ((array >= low - OVERSHOOT) & (array <= high + OVERSHOOT)).all():
        raise ValueError(
            f"`images` must be finite, from {low:g} to {high:g}. Received: values from {array.min():.6g} to "
            f"{array.max():.6g}. Pass images from 0 to 255 as uint8"
        )
    return array.astype(np.float32)


def _array(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"`{name}` must be an array. Received: {type(values).__name__} ({error})") from error
