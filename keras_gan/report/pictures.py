"""Pictures that stand within the page."""

from __future__ import annotations

import base64
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

AS_IT_IS = 150_000  # bytes; a larger file is made smaller
WIDEST = 1000  # pixels of what was larger
SHOWN = 8  # of the pictures over time


@dataclasses.dataclass(frozen=True)
class Picture:
    """One picture.

    Args:
        title: What stands below it.
        uri: A data: URI.
        width: In pixels.
        height: In pixels.
    """

    title: str
    uri: str
    width: int
    height: int


def picture(path: Path, title: str) -> Picture | None:
    """Take a picture into the page; `None` if the file is no picture, or only half of one.

    Args:
        path: The file.
        title: What stands below it.
    """
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            kind, size = Image.MIME[image.format or "PNG"], image.size
            if len(content) > AS_IT_IS:
                content, kind = _smaller(image), "image/webp"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # Pillow's for what is damaged
        return None
    return Picture(title, f"data:{kind};base64,{base64.b64encode(content).decode()}", *size)


def over_time(folder: Path) -> list[Picture]:
    """Some of the pictures that were drawn after each epoch, from the first to the last."""
    paths = sorted(path for path in folder.glob("epoch-*.png") if path.stem.removeprefix("epoch-").isdecimal())
    chosen = [paths[i] for i in _spread(len(paths), SHOWN)]
    found = (picture(path, _epoch(int(path.stem.removeprefix("epoch-")))) for path in chosen)
    return [one for one in found if one is not None]


def _epoch(number: int) -> str:
    return f"Epoch {number}" if number else "Before training"


def _spread(number: int, most: int) -> Sequence[int]:
    """Indices from the first to the last."""
    kept = min(number, most)
    return range(kept) if kept < most else [round(i * (number - 1) / (most - 1)) for i in range(most)]


def _smaller(image: Image.Image) -> bytes:
    image = image.convert("RGB")
    image.thumbnail((WIDEST, 4 * WIDEST))
    content = io.BytesIO()
    image.save(content, "WEBP", quality=85)
    return content.getvalue()
