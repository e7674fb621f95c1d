"""Pictures inside the page."""

from __future__ import annotations

import base64
import dataclasses
import io
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

UNCHANGED = 150_000  # bytes. Larger files are made smaller
WIDEST = 1000  # pixels, of larger files
SHOWN = 8  # pictures of epochs


@dataclasses.dataclass(frozen=True)
class Picture:
    """Picture with its caption.

    Args:
        title: Caption.
        uri: Content as a data: URI.
        width: Width in pixels.
        height: Height in pixels.
    """

    title: str
    uri: str
    width: int
    height: int


def picture(path: Path, title: str) -> Picture | None:
    """Reads a picture for the page. Returns `None` if the file is missing or damaged.

    Args:
        path: Image file.
        title: Caption.
    """
    try:
        content = path.read_bytes()
        with Image.open(io.BytesIO(content)) as image:
            image.load()
            kind, size = Image.MIME[image.format or "PNG"], image.size
            if len(content) > UNCHANGED:
                content, kind = _smaller(image), "image/webp"
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):  # Pillow raises these for damaged files
        return None
    return Picture(title, f"data:{kind};base64,{base64.b64encode(content).decode()}", *size)


def over_time(folder: Path) -> list[Picture]:
    """Returns up to `SHOWN` pictures of epochs, from the first to the last."""
    paths = sorted(path for path in folder.glob("epoch-*.png") if path.stem.removeprefix("epoch-").isdecimal())
    chosen = [paths[i] for i in _spread(len(paths), SHOWN)]
    found = (picture(path, _epoch(int(path.stem.removeprefix("epoch-")))) for path in chosen)
    return [one for one in found if one is not None]


def _epoch(number: int) -> str:
    return f"Epoch {number}" if number else "Before training"


def _spread(number: int, most: int) -> Sequence[int]:
    """Returns up to `most` indices, evenly spread from the first to the last."""
    kept = min(number, most)
    return range(kept) if kept < most else [round(i * (number - 1) / (most - 1)) for i in range(most)]


def _smaller(image: Image.Image) -> bytes:
    image = image.convert("RGB")
    image.thumbnail((WIDEST, 4 * WIDEST))
    content = io.BytesIO()
    image.save(content, "WEBP", quality=85)
    return content.getvalue()
