"""What all exported models have, once they are loaded."""

from __future__ import annotations

from pathlib import Path

from keras_gan.artifacts.engines import Engine
from keras_gan.artifacts.manifest import Manifest


class Loaded:
    """An exported model, loaded.

    Args:
        engine: What runs it.
        path: The file that the engine opened.
        manifest: Its manifest, if it has one. Defaults to None.
    """

    def __init__(self, engine: Engine, path: Path, manifest: Manifest | None = None) -> None:
        self.engine = engine
        self.path = path
        self.manifest = manifest

    @property
    def image_range(self) -> tuple[float, float] | None:
        """The least and the greatest pixel value; `None` if no manifest tells."""
        return None if self.manifest is None else self.manifest.image_range
