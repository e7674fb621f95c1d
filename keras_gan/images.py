"""Turning float images into pictures that people look at."""

from __future__ import annotations

import io
import math
import os
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keras_gan.utils.files import atomic_path


def to_uint8(images: np.ndarray, image_range: tuple[float, float] = (-1.0, 1.0)) -> np.ndarray:
    """Scale float images to 0..255, rounded to the nearest and clipped; uint8 ones stay as they are.

    Args:
        images: uint8, or floats in `image_range`, any shape.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).

    Returns:
        A uint8 array of the same shape.
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    low, high = image_range
    scaled = (images.astype(np.float32) - low) * (255.0 / (high - low))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def to_float(images: np.ndarray) -> np.ndarray:
    """Scale 0..255 images to [-1, 1]; floats stay as they are.

    Args:
        images: uint8, or floats in [-1, 1], any shape.

    Returns:
        A float32 array of the same shape.
    """
    images = np.asarray(images)
    return images.astype(np.float32) / np.float32(127.5) - 1 if images.dtype == np.uint8 else images.astype(np.float32)


def to_picture(pixels: np.ndarray) -> Image.Image:
    """Make one image a Pillow one.

    Args:
        pixels: uint8 (height, width, 1 to 4).

    Returns:
        A picture of mode L, LA, RGB or RGBA.
    """
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def grid(
    images: np.ndarray, columns: int | None = None, image_range: tuple[float, float] = (-1.0, 1.0), gap: int = 2
) -> np.ndarray:
    """Lay images out in rows on white.

    Args:
        images: (n, height, width, 1 or 3), n at least 1: floats in `image_range`, or uint8.
        columns: Images in a row. Defaults to the square root of n, rounded up.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        gap: Pixels between images. Defaults to 2.

    Returns:
        A uint8 array (height, width, 3).

    Raises:
        ValueError: If the images have another shape.

    Example:
    ```python
    picture = keras_gan.images.grid(gan.generate(64), columns=8)
    ```
    """
    if images.ndim != 4 or images.shape[-1] not in (1, 3) or len(images) == 0:
        raise ValueError(f"`images` must be of shape (n >= 1, height, width, 1 or 3). Received: shape {images.shape}")
    n, height, width, _ = images.shape
    columns = columns or math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    canvas = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 255, np.uint8)
    for i, image in enumerate(to_uint8(images, image_range)):
        top = gap + (i // columns) * (height + gap)
        left = gap + (i % columns) * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def save_grid(
    path: str | os.PathLike[str],
    images: np.ndarray,
    columns: int | None = None,
    image_range: tuple[float, float] = (-1.0, 1.0),
    row_titles: Sequence[str] = (),
    sign: Callable[[bytes], bytes] | None = None,
) -> None:
    """Write images as one PNG; small ones are enlarged to be seen, pixel by pixel.

    Args:
        path: Where, ending in `.png`. A file that is there is replaced when the new one is complete.
        images: As for `grid`.
        columns: As for `grid`.
        image_range: As for `grid`.
        row_titles: A short text to stand left of each row. Defaults to none.
        sign: What the bytes of the file go through, such as `keras_gan.credentials.ContentCredentials`. Defaults to
            None.

    Example:
    ```python
    keras_gan.images.save_grid("samples.png", gan.generate(64), columns=8)
    ```
    """
    zoom = max(1, 64 // images.shape[1])
    enlarged = images.repeat(zoom, axis=1).repeat(zoom, axis=2)
    picture = Image.fromarray(grid(enlarged, columns, image_range))
    if row_titles:
        picture = _with_row_titles(picture, row_titles)
    _save(path, picture, sign)


def save_image(
    path: str | os.PathLike[str],
    image: np.ndarray,
    image_range: tuple[float, float] = (-1.0, 1.0),
    sign: Callable[[bytes], bytes] | None = None,
) -> None:
    """Write one image as a PNG of its own size.

    Args:
        path: Where, ending in `.png`.
        image: (height, width, 1 or 3): floats in `image_range`, or uint8.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        sign: As for `save_grid`. Defaults to None.
    """
    _save(path, to_picture(to_uint8(image, image_range)), sign)


def save_animation(path: str | os.PathLike[str], pictures: Sequence[str | os.PathLike[str]], seconds: float) -> None:
    """Join PNG pictures of one size to a GIF that ends on the last for a while.

    Args:
        path: Where, ending in `.gif`.
        pictures: The PNG files, in order, at least one.
        seconds: How long each is shown.
    """
    frames = [Image.open(picture).convert("RGB") for picture in pictures]
    times = [int(1000 * seconds)] * (len(frames) - 1) + [2000]
    with atomic_path(path) as temporary:
        frames[0].save(temporary, format="GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)


def _save(path: str | os.PathLike[str], picture: Image.Image, sign: Callable[[bytes], bytes] | None) -> None:
    file = io.BytesIO()
    picture.save(file, format="PNG")
    with atomic_path(path) as temporary:
        temporary.write_bytes(file.getvalue() if sign is None else sign(file.getvalue()))


def _with_row_titles(picture: Image.Image, titles: Sequence[str]) -> Image.Image:
    margin = 12 + 8 * max(len(title) for title in titles)
    page = Image.new("RGB", (picture.width + margin, picture.height), "white")
    page.paste(picture, (margin, 0))
    draw = ImageDraw.Draw(page)
    for i, title in enumerate(titles):
        middle = (i + 0.5) * picture.height / len(titles)
        draw.text((margin - 6, middle), title, fill="black", anchor="rm", font=ImageFont.load_default(size=14))
    return page
