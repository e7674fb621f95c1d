"""What a generator may be given. Checked here in plain words, before a runtime would object in its own."""

from __future__ import annotations

from typing import Any

import numpy as np

# Resizing with a cubic or Lanczos filter overshoots the range a little.
OVERSHOOT = 0.1


def check_z(z: Any, latent_dim: int) -> np.ndarray:
    """Check latent vectors.

    Args:
        z: Real numbers (n, latent_dim).
        latent_dim: The length of each vector.

    Returns:
        A float32 array.

    Raises:
        ValueError: If they are of another shape or type, or not finite in float32.
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


def check_labels(labels: Any, n: int, conditional: bool, num_classes: int | None) -> np.ndarray | None:
    """Check class labels.

    Args:
        labels: Integers (n,), one for all, or `None` for each class in turn.
        n: How many images they are for.
        conditional: Whether the generator takes labels.
        num_classes: How many classes there are, if that is known.

    Returns:
        An int32 array; `None` for a generator without classes.

    Raises:
        ValueError: If they do not fit.
    """
    if not conditional:
        if labels is not None:
            raise ValueError("`labels` need a generator with classes. Received: labels for one without")
        return None
    if labels is None:
        if num_classes is None:
            raise ValueError(
                "`labels` must be given where no manifest tells how many classes there are. Received: None"
            )
        return (np.arange(n) % num_classes).astype(np.int32)
    array = _array(labels, "labels")
    if array.dtype.kind not in "iu" and array.size:
        raise ValueError(f"`labels` must be integers. Received: dtype {array.dtype}")
    array = np.full(n, array) if array.ndim == 0 else array
    most = np.iinfo(np.int32).max if num_classes is None else num_classes - 1
    if array.shape != (n,) or (n and not 0 <= array.min() <= array.max() <= most):
        raise ValueError(
            f"`labels` must be {n} integers from 0 to {most}. Received: shape {array.shape}, {array.tolist()[:8]}"
        )
    return array.astype(np.int32)


def check_images(images: Any, channels: int, image_range: tuple[float, float]) -> np.ndarray:
    """Check images to translate.

    Args:
        images: Images (n, height, width, channels), uint8 or floats.
        channels: How many channels they must have.
        image_range: The least and the greatest value of floats, give or take what resizing overshoots.

    Returns:
        A uint8 or a float32 array.

    Raises:
        ValueError: If they are of another shape or type, not finite, or out of range.
    """
    array = _array(images, "images")
    if array.ndim != 4 or array.shape[-1] != channels:
        raise ValueError(f"`images` must be of shape (n, height, width, {channels}). Received: shape {array.shape}")
    if array.dtype == np.uint8:
        return array
    low, high = image_range
    if array.dtype.kind != "f":
        raise ValueError(f"`images` must be uint8, or floats from {low:g} to {high:g}. Received: dtype {array.dtype}")
    # Written so that NaN, which compares as false, fails it.
    if not ((array >= low - OVERSHOOT) & (array <= high + OVERSHOOT)).all():
        raise ValueError(
            f"`images` must be finite, from {low:g} to {high:g}. Received: values from {array.min():.6g} to "
            f"{array.max():.6g}. Images from 0 to 255 may be passed as uint8"
        )
    return array.astype(np.float32)


def _array(values: Any, name: str) -> np.ndarray:
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"`{name}` must be an array. Received: {type(values).__name__}, of which {error}") from error
