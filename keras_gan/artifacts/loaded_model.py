"""The base class of loaded exports."""

from __future__ import annotations

from pathlib import Path

from keras_gan.artifacts.engines import Engine
from keras_gan.artifacts.manifest import Manifest


class LoadedModel:
    """Base class of an exported model that an engine has loaded.

    Args:
        engine: Engine that runs the file.
        path: The file.
        manifest: Manifest of the export. Defaults to None, for a file without one.
    """

    def __init__(self, engine: Engine, path: Path, manifest: Manifest | None = None) -> None:
        self.engine = engine
        self.path = path
        self.manifest = manifest

    @property
    def image_range(self) -> tuple[float, float] | None:
        """The least and the greatest pixel value; None without a manifest."""
        return None if self.manifest is None else self.manifest.image_range
