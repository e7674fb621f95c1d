"""Conversion of images between float, uint8 and picture files."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keras_gan.typing import PathLike, Range
from keras_gan.utils.files import atomic_path


def to_uint8(images: np.ndarray, image_range: Range = (-1.0, 1.0)) -> np.ndarray:
    """Returns images as uint8: floats are scaled to 0..255, rounded and clipped; uint8 images are not changed.

    Args:
        images: Images of any shape, uint8 or floats in `image_range`.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
    """
    images = np.asarray(images)
    if images.dtype == np.uint8:
        return images
    low, high = image_range
    scaled = (images.astype(np.float32) - low) * (255.0 / (high - low))
    return np.clip(np.rint(scaled), 0, 255).astype(np.uint8)


def to_float(images: np.ndarray) -> np.ndarray:
    """Returns images as float32: uint8 images are scaled to [-1, 1]; floats are not scaled.

    Args:
        images: Images of any shape, uint8 or floats in [-1, 1].
    """
    images = np.asarray(images)
    return images.astype(np.float32) / np.float32(127.5) - 1 if images.dtype == np.uint8 else images.astype(np.float32)


def to_picture(pixels: np.ndarray) -> Image.Image:
    """Returns an image as a Pillow image of mode L, LA, RGB or RGBA.

    Args:
        pixels: Image, uint8 (height, width, 1 to 4).
    """
    return Image.fromarray(pixels[..., 0] if pixels.shape[-1] == 1 else pixels)


def grid(images: np.ndarray, columns: int | None = None, image_range: Range = (-1.0, 1.0), gap: int = 2) -> np.ndarray:
    """Returns one picture of images in rows, on white.

    Args:
        images: At least one image, (n, height, width, 1 or 3): floats in `image_range`, or uint8.
        columns: Number of images in a row. Defaults to the square root of n, rounded up.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        gap: Number of pixels between images. Defaults to 2.

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
    path: PathLike,
    images: np.ndarray,
    columns: int | None = None,
    image_range: Range = (-1.0, 1.0),
    row_titles: Sequence[str] = (),
    sign: Callable[[bytes], bytes] | None = None,
) -> None:
    """Save images as one PNG file, in rows. Images below 64 pixels in height are enlarged.

    Args:
        path: File to write, ending in `.png`. A file that exists is replaced when the new one is complete.
        images: At least one image, (n, height, width, 1 or 3): floats in `image_range`, or uint8.
        columns: Number of images in a row. Defaults to the square root of n, rounded up.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        row_titles: Short texts on the left of the rows. Defaults to none.
        sign: Function that signs the bytes of the file, such as `keras_gan.credentials.ContentCredentials`. Defaults
            to `None`.

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
    path: PathLike,
    image: np.ndarray,
    image_range: Range = (-1.0, 1.0),
    sign: Callable[[bytes], bytes] | None = None,
) -> None:
    """Save one image as a PNG file of the same size.

    Args:
        path: File to write, ending in `.png`.
        image: Image (height, width, 1 or 3): floats in `image_range`, or uint8.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        sign: Function that signs the bytes of the file, such as `keras_gan.credentials.ContentCredentials`. Defaults
            to `None`.
    """
    _save(path, to_picture(to_uint8(image, image_range)), sign)


def save_animation(path: PathLike, pictures: Sequence[PathLike], seconds: float) -> None:
    """Save PNG pictures of one size as an animated GIF, whose last picture stays for two seconds.

    Args:
        path: File to write, ending in `.gif`.
        pictures: PNG files in order, at least one.
        seconds: Time that each picture is shown, in seconds.
    """
    frames = [Image.open(picture).convert("RGB") for picture in pictures]
    times = [int(1000 * seconds)] * (len(frames) - 1) + [2000]
    with atomic_path(path) as temporary:
        frames[0].save(temporary, format="GIF", save_all=True, append_images=frames[1:], duration=times, loop=0)


def _save(path: PathLike, picture: Image.Image, sign: Callable[[bytes], bytes] | None) -> None:
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
