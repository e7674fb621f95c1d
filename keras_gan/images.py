"""Conversion of images between float, uint8 and picture files."""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from keras_gan.typing import PathLike, Range
from keras_gan.utils.files import atomic_path

CHANNELS = (1, 3, 4)
SMALLEST = 64  # pixels of the longer side of an image in a saved grid
NARROWEST = 16  # pixels of its shorter side
LARGEST = 4096  # pixels of the longer side of a saved grid
SQUARES = 8  # of the checkerboard, along the longer side of an image
CHECKERBOARD = (204, 255)
MOST_OF_TITLE = 120  # pixels of a title that are shown


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
        images: At least one image, (n, height, width, 1, 3 or 4): floats in `image_range`, or uint8. Images with
            transparency are shown over a checkerboard.
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
    if images.ndim != 4 or images.shape[-1] not in CHANNELS or len(images) == 0:
        raise ValueError(
            f"`images` must be of shape (n >= 1, height, width, 1, 3 or 4). Received: shape {images.shape}"
        )
    n, height, width, _ = images.shape
    columns = columns or math.ceil(math.sqrt(n))
    rows = math.ceil(n / columns)
    canvas = np.full((rows * (height + gap) + gap, columns * (width + gap) + gap, 3), 255, np.uint8)
    for i, image in enumerate(over_checkerboard(to_uint8(images, image_range))):
        top = gap + (i // columns) * (height + gap)
        left = gap + (i % columns) * (width + gap)
        canvas[top : top + height, left : left + width] = image
    return canvas


def over_checkerboard(pixels: np.ndarray) -> np.ndarray:
    """Returns images with transparency over a grey and white checkerboard, and other images unchanged.

    Args:
        pixels: Images, uint8 (n, height, width, 1, 3 or 4).

    Returns:
        A uint8 array (n, height, width, 1 or 3).
    """
    if pixels.shape[-1] != 4:
        return pixels
    rows, columns = (np.arange(size) * SQUARES // max(pixels.shape[1:3]) for size in pixels.shape[1:3])
    board = np.where((rows[:, None] + columns[None]) % 2, *CHECKERBOARD)[..., None].astype(np.float32)
    return _over(pixels, board)


def over_white(pixels: np.ndarray) -> np.ndarray:
    """Returns images with transparency over white, as metrics compare them, and other images unchanged.

    Args:
        pixels: Images, uint8 (n, height, width, 1, 3 or 4).

    Returns:
        A uint8 array (n, height, width, 1 or 3).
    """
    return pixels if pixels.shape[-1] != 4 else _over(pixels, np.float32(255))


def _over(pixels: np.ndarray, background: np.ndarray | np.float32) -> np.ndarray:
    opacity = pixels[..., 3:].astype(np.float32) / 255
    return np.rint(pixels[..., :3] * opacity + background * (1 - opacity)).astype(np.uint8)


def save_grid(
    path: PathLike,
    images: np.ndarray,
    columns: int | None = None,
    image_range: Range = (-1.0, 1.0),
    row_titles: Sequence[str] = (),
    sign: Callable[[bytes], bytes] | None = None,
    column_titles: Sequence[str] = (),
) -> None:
    """Save images as one PNG file, in rows.

    Images whose longer side is below 64 pixels are enlarged. Long and narrow images, such as signals, are enlarged
    across. If the picture would be larger than 4096 pixels, the images are made smaller.

    Args:
        path: File to write, ending in `.png`. A file that exists is replaced when the new one is complete.
        images: At least one image, (n, height, width, 1, 3 or 4): floats in `image_range`, or uint8.
        columns: Number of images in a row. Defaults to the square root of n, rounded up.
        image_range: The values of black and of white. Defaults to (-1.0, 1.0).
        row_titles: Short texts on the left of the rows. Defaults to none.
        sign: Function that signs the bytes of the file, such as `keras_gan.credentials.ContentCredentials`. Defaults
            to `None`.
        column_titles: Short texts above the columns, such as the names of classes, without `row_titles`. Defaults to
            none.

    Example:
    ```python
    keras_gan.images.save_grid("samples.png", gan.generate(64), columns=8)
    ```
    """
    picture = Image.fromarray(grid(_readable(images, columns, image_range), columns, (0.0, 255.0)))
    if row_titles:
        picture = _with_row_titles(picture, row_titles)
    elif column_titles:
        picture = _with_column_titles(picture, column_titles)
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
        image: Image (height, width, 1, 3 or 4): floats in `image_range`, or uint8. A fourth channel is the opacity.
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


def _readable(images: np.ndarray, columns: int | None, image_range: Range) -> np.ndarray:
    """Returns images as uint8, over a checkerboard, in a size that can be seen in a grid of a sane size."""
    if images.ndim != 4 or images.shape[-1] not in CHANNELS or len(images) == 0:
        return images  # `grid` raises
    pixels = over_checkerboard(to_uint8(images, image_range))
    n, height, width, _ = pixels.shape
    zoom = max(1, SMALLEST // max(height, width))
    thick = max(1, NARROWEST // (zoom * min(height, width)))
    tall, wide = (zoom * thick, zoom) if height < width else (zoom, zoom * thick)
    pixels = pixels.repeat(tall, axis=1).repeat(wide, axis=2)
    across = columns or math.ceil(math.sqrt(n))
    sides = math.ceil(n / across) * pixels.shape[1], across * pixels.shape[2]
    factor = min(1.0, LARGEST / max(sides))
    if factor == 1.0:
        return pixels
    high, wide = (max(int(side * factor), min(side, NARROWEST)) for side in pixels.shape[1:3])
    size = wide, high
    smaller = [np.asarray(to_picture(one).resize(size, Image.Resampling.BOX)) for one in pixels]
    return np.stack(smaller).reshape(n, size[1], size[0], pixels.shape[-1])


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


def _with_column_titles(picture: Image.Image, titles: Sequence[str]) -> Image.Image:
    """Writes titles above the columns, upright if they fit, else turned by 90 degrees."""
    font = ImageFont.load_default(size=14)
    widths = [math.ceil(font.getlength(title)) for title in titles]
    column = picture.width / len(titles)
    fits = max(widths) <= column - 4
    margin = 22 if fits else min(max(widths), MOST_OF_TITLE) + 8
    page = Image.new("RGB", (picture.width, picture.height + margin), "white")
    page.paste(picture, (0, margin))
    for i, title in enumerate(titles):
        label = Image.new("RGB", (min(widths[i], MOST_OF_TITLE) + 2, 18), "white")
        ImageDraw.Draw(label).text((1, 9), title, fill="black", anchor="lm", font=font)
        label = label if fits else label.transpose(Image.Transpose.ROTATE_90)
        middle = int((i + 0.5) * column)
        page.paste(label, (middle - label.width // 2, margin - label.height - 2))
    return page
