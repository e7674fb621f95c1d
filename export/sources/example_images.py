"""Images that a translator and its artifacts are compared on."""

from __future__ import annotations

from typing import Any

import numpy as np

from keras_gan.artifacts.inputs import check_images
from keras_gan.images import to_uint8

_WAVES = 4
_EDGES = 5


def as_uint8(examples: Any, channels: int, image_range: tuple[float, float]) -> np.ndarray:
    """Checks the examples of a user and converts them to uint8.

    Args:
        examples: Images of shape (n, height, width, channels), uint8 or floats in `image_range`.
        channels: Expected number of channels.
        image_range: Values of black and white.

    Returns:
        The images as uint8.

    Raises:
        ValueError: If the images have another shape, type or range, or there are none.
    """
    try:
        images = check_images(examples, channels, image_range)
    except ValueError as error:
        raise ValueError(f"`examples` must fit the model. {error}") from None
    if 0 in images.shape:
        raise ValueError(f"`examples` must hold at least one image. Received: shape {images.shape}")
    return to_uint8(images, image_range)


def fit(examples: np.ndarray | None, n: int, size: tuple[int, int], channels: int) -> np.ndarray:
    """Returns `n` images of one size.

    Args:
        examples: uint8 images, which are cropped at the centre or padded by reflection. None for synthetic ones:
            smooth random fields of colour with straight edges, the same at each call.
        n: Number of images. If there are fewer examples, they are repeated, mirrored.
        size: (height, width) of the images.
        channels: Number of channels of synthetic images.

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
