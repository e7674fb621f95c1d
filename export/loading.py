"""Finding an exported model and opening it in the runtime of its format."""

from __future__ import annotations

import os
from pathlib import Path

from keras_gan.export.artifact import Artifact
from keras_gan.export.manifest import FILENAME, Manifest
from keras_gan.export.translator import SOURCE, Translator
from keras_gan.serving.engines import FILES, available, open_engine


def load(path: str | os.PathLike[str], format: str | None = None, threads: int | None = None) -> Artifact | Translator:
    """Load an exported generator, whatever its kind.

    Files that a manifest beside them lists are first held against its hashes.

    Args:
        path: A version folder, the folder of all versions (its newest is taken), a .onnx file, a .tflite file, or a
            SavedModel's folder.
        format: Which artifact of a version folder: "onnx", "tflite" or "saved_model". Defaults to None, the first of
            these that is there and has its runtime installed.
        threads: How many threads one call may use. Defaults to None, the runtime's own choice.

    Returns:
        An `Artifact`, which draws images from z; or a `Translator`, which makes images of images.

    Raises:
        FileNotFoundError: If there is no artifact at `path`, or none of that format.
        ArtifactError: If the file is damaged, or neither kind.
        ImportError: If the runtime is not installed; the message says what to install.
        ValueError: If `format` is unknown.

    Example:
    ```python
    images = keras_gan.export.load("exported/digits/1", format="tflite").generate(16, seed=7)
    paintings = keras_gan.export.load("exported/monet-g")(photographs)
    ```
    """
    if format is not None and format not in FILES:
        raise ValueError(f"`format` must be one of {list(FILES)} or None. Received: format={format!r}")
    folder = version_folder(Path(path))
    file = _pick(folder, format) if folder.is_dir() else folder
    manifest = _manifest_of(file)
    engine = open_engine(file, threads)
    kind = Translator if any(spec.name == SOURCE for spec in engine.inputs) else Artifact
    return kind(engine, file, manifest)


def version_folder(path: Path) -> Path:
    """A version's folder.

    Args:
        path: It, or the folder of all versions.

    Returns:
        `path`, or the newest version in it.
    """
    if not path.is_dir() or any((path / name).exists() for name in (FILENAME, *FILES.values())):
        return path
    versions = [entry for entry in path.iterdir() if entry.name.isdecimal() and entry.is_dir()]
    return max(versions, key=lambda entry: int(entry.name), default=path)


def _pick(folder: Path, format: str | None) -> Path:
    found = {name: folder / filename for name, filename in FILES.items() if (folder / filename).is_file()}
    if not found or (format is not None and format not in found):
        raise FileNotFoundError(
            f"Expected {format or 'an artifact'} in `{folder}`. Received: a folder with {', '.join(found) or 'none'}"
        )
    if format is not None:
        return found[format]
    return next((file for file in found.values() if available(file)), next(iter(found.values())))


def _manifest_of(file: Path) -> Manifest | None:
    """The manifest beside `file`, if it tells of it and its hashes agree."""
    if not (file.parent / FILENAME).is_file():
        return None
    manifest = Manifest.load(file.parent)
    listed = next((a for a in manifest.artifacts if a.filename == file.name), None)
    if listed is None:
        return None
    manifest.check(file.parent, listed.format, listed.signature)
    return manifest
