"""The images that a translator and its artifacts are compared on."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gan.artifacts.inputs import check_images
from keras_gan.images import to_uint8

_WAVES = 4
_EDGES = 5


def as_bytes(examples: Any, channels: int, image_range: tuple[float, float]) -> np.ndarray:
    """Check images that someone gave.

    Args:
        examples: Images (n, height, width, channels), uint8 or floats in `image_range`.
        channels: How many channels they must have.
        image_range: The values of black and of white.

    Returns:
        The images as uint8, as photographs come.

    Raises:
        ValueError: If they are something else.
    """
    try:
        images = check_images(examples, channels, image_range)
    except ValueError as error:
        raise ValueError(f"`examples` do not fit. {error}") from None
    if 0 in images.shape:
        raise ValueError(f"`examples` must hold at least one image. Received: shape {images.shape}")
    return to_uint8(images, image_range)


def fitted(examples: np.ndarray | None, n: int, size: tuple[int, int], channels: int) -> np.ndarray:
    """Some images of one size.

    Args:
        examples: uint8 images to take them from, beginning with the first: their middle, and where they are too small
            their reflection. `None` for synthetic ones: smooth random fields of colour crossed by straight edges, the
            same at each call.
        n: How many. Where there are fewer examples they come again, mirrored.
        size: (height, width).
        channels: Of synthetic ones.

    Returns:
        A uint8 array (n, height, width, channels).
    """
    if examples is None:
        return np.stack([_synthetic(i, *size, channels) for i in range(n)])
    both = np.concatenate([examples, examples[:, :, ::-1]])
    images = both[np.arange(n) % len(both)]
    for axis, side in zip((1, 2), size, strict=True):
        spare = images.shape[axis] - side
        if spare >= 0:
            images = np.take(images, range(spare // 2, spare // 2 + side), axis)
        else:
            padding = [(0, 0)] * 4
            padding[axis] = (-spare // 2, -spare - -spare // 2)
            images = np.pad(images, padding, mode="symmetric")
    return images


def _synthetic(index: int, height: int, width: int, channels: int) -> np.ndarray:
    rng = np.random.default_rng(index)
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    image = np.zeros((height, width, channels))
    for _ in range(_WAVES):
        fy, fx = rng.uniform(-5, 5, 2)
        image += np.sin((fy * y + fx * x)[..., None] + rng.uniform(0, 2 * np.pi, channels))
    for _ in range(_EDGES):
        angle, offset = rng.uniform(0, 2 * np.pi), rng.uniform(-0.5, 0.5)
        side = np.cos(angle) * y + np.sin(angle) * x > offset
        image += side[..., None] * rng.uniform(-2, 2, channels)
    return np.rint((image - image.min()) * (255 / max(np.ptp(image), 1e-6))).astype(np.uint8)
