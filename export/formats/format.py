"""The base class of formats."""

from __future__ import annotations

import abc
from pathlib import Path

from keras_gan.artifacts.formats import FormatInfo
from keras_gan.export.sources.source import Source, Variant


class Format(abc.ABC):
    """Base class of the formats that a generator can be exported to.

    A new format is a subclass in a file of its own, an entry in `keras_gan.artifacts.formats` and one in
    `keras_gan.export.formats.registry`. Parity, manifest, command line and tests take it from there.

    Attributes:
        info: Facts about the format: name, file, precision, needs.
    """

    info: FormatInfo

    @property
    def name(self) -> str:
        """Name in `export_generator(formats=...)`."""
        return self.info.name

    @property
    def fallback(self) -> Format | None:
        """Variation of the format with only the weights in 8 bits, for images that 8 bits spoil; None without one."""
        return None

    @abc.abstractmethod
    def variants(self, source: Source) -> tuple[Variant, ...]:
        """Returns the variants of `source` that the format supports."""

    @abc.abstractmethod
    def filename(self, signature: str) -> str:
        """Returns the file that holds a signature. Its suffix decides which engine opens it."""

    @abc.abstractmethod
    def write(self, source: Source, folder: Path) -> None:
        """Writes `source` to `folder`.

        Args:
            source: Model to export.
            folder: Existing folder, shared with other formats.

        Raises:
            Exception: Of any class, if the format does not support the model. The message says why.
        """
