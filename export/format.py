"""The protocol that each format satisfies, and the formats that there are."""

from __future__ import annotations

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from keras_gan.export.onnx import Onnx
from keras_gan.export.saved_model import SavedModel
from keras_gan.export.tflite import TFLite

if TYPE_CHECKING:
    from keras_gan.export.source import Source


class Format(Protocol):
    """A way to write a generator down. A new one is a file beside this one and an entry in `FORMATS`.

    Attributes:
        name: What `export_generator(formats=...)` calls it.
        signatures: Those that it can have, of all that sources have.
        needs: The modules that writing and checking it imports.
    """

    name: str
    signatures: tuple[str, ...]
    needs: tuple[str, ...]

    def filename(self, signature: str) -> str:
        """The file in which an engine finds a signature; its suffix says which engine."""
        ...

    def write(self, source: Source, folder: Path) -> None:
        """Write `source` to `folder`.

        Args:
            source: What to export.
            folder: An existing folder, which other formats share.

        Raises:
            Exception: Of any kind, if it cannot be written down so; the message says why.
        """
        ...


_ALL: tuple[Format, ...] = (SavedModel(), TFLite(), Onnx())
FORMATS: dict[str, Format] = {form.name: form for form in _ALL}


def choose(names: Sequence[str]) -> list[Format]:
    """Find formats by name, and see that what they need is installed.

    Args:
        names: Keys of `FORMATS`.

    Returns:
        The formats, in the order of `FORMATS`.

    Raises:
        ValueError: If there is no name, or an unknown one.
        ImportError: If a package is missing; the message says what to install.
    """
    if isinstance(names, str) or not names or not set(names) <= set(FORMATS):
        raise ValueError(f"`formats` must name one or more of {list(FORMATS)}. Received: formats={names!r}")
    chosen = [form for name, form in FORMATS.items() if name in names]
    missing = sorted({module for form in chosen for module in form.needs if find_spec(module) is None})
    if missing:
        extra = "tensorflow,export" if "tensorflow" in missing else "export"
        raise ImportError(f"This export needs {', '.join(missing)}: pip install 'keras-gan[{extra}]'")
    return chosen
