"""Finding an exported model and opening it in the runtime of its format."""

from __future__ import annotations

import os
from pathlib import Path

from keras_gan.artifacts.artifact import Artifact
from keras_gan.artifacts.engines import FILES, Engine, available, open_engine
from keras_gan.artifacts.engines.png import PNG, PngEngine
from keras_gan.artifacts.manifest import FILENAME, Manifest
from keras_gan.artifacts.translator import SOURCE, Translator
from keras_gan.artifacts.versions import numbers


def load(
    path: str | os.PathLike[str],
    format: str | None = None,
    threads: int | None = None,
    signature: str | None = None,
) -> Artifact | Translator:
    """Load an exported generator, whatever its kind.

    Files that a manifest beside them lists are first held against its hashes.

    Args:
        path: A version folder, the folder of all versions (its newest is taken), a .onnx file, a .tflite file, or a
            SavedModel's folder.
        format: Which artifact of a version folder: "onnx", "tflite", "saved_model", or one of lower precision such as
            "tflite_int8". Defaults to None, the first of these that is there and has its runtime installed.
        threads: How many threads one call may use. Defaults to None, the runtime's own choice.
        signature: Call the artifact by another signature than `serving_default`: "generate", which draws z itself;
            "png", whose files are decoded, of a SavedModel; or a translator's "uint8". Images are the same by any, but
            for their rounding to 8 bits. Defaults to None.

    Returns:
        An `Artifact`, which draws images from z; or a `Translator`, which makes images of images.

    Raises:
        FileNotFoundError: If there is no artifact at `path`, or none of that format.
        ArtifactError: If the file is damaged, or neither kind.
        ImportError: If the runtime is not installed; the message says what to install.
        ValueError: If `format` is unknown, or there is no such signature.

    Example:
    ```python
    images = keras_gan.export.load("exported/digits/1", format="tflite").generate(16, seed=7)
    paintings = keras_gan.export.load("exported/monet-g")(photographs)
    ```
    """
    if format is not None and format not in FILES:
        raise ValueError(f"`format` must be one of {list(FILES)} or None. Received: format={format!r}")
    folder = version_folder(Path(path))
    if not folder.is_dir():
        file = folder
    elif signature is None:
        file = _pick(folder, format)
    else:
        file = _pick_signature(folder, format, signature)
    manifest = _manifest_of(file)
    engine = open_engine(file, threads)
    if signature is not None:
        engine = _called_by(signature, engine, file, manifest)
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
    versions = numbers(path)
    return versions[max(versions)] if versions else path


def _pick(folder: Path, format: str | None) -> Path:
    found = {name: folder / filename for name, filename in FILES.items() if (folder / filename).is_file()}
    if not found or (format is not None and format not in found):
        raise FileNotFoundError(
            f"Expected {format or 'an artifact'} in `{folder}`. Received: a folder with {', '.join(found) or 'none'}"
        )
    if format is not None:
        return found[format]
    return next((file for file in found.values() if available(file)), next(iter(found.values())))


def _pick_signature(folder: Path, format: str | None, signature: str) -> Path:
    """The file of the first format that has a signature."""
    manifest = Manifest.load(folder)
    known = list(FILES)
    found = sorted(
        (a for a in manifest.artifacts if a.signature == signature and format in (None, a.format)),
        key=lambda artifact: known.index(artifact.format) if artifact.format in known else len(known),
    )
    if not found:
        signatures = sorted({a.signature for a in manifest.artifacts if format in (None, a.format)})
        raise ValueError(f"Expected one of the signatures {signatures}. Received: signature={signature!r}")
    files = [folder / artifact.filename for artifact in found]
    return next((file for file in files if available(file)), files[0])


def _called_by(signature: str, engine: Engine, file: Path, manifest: Manifest | None) -> Engine:
    """The engine of a signature, with images that are arrays."""
    chosen = engine.signature(signature)
    # A file that is one graph may be that of this signature.
    alone = manifest is not None and any(
        (a.filename, a.signature) == (file.name, signature) for a in manifest.artifacts
    )
    if chosen is None and not alone:
        raise ValueError(f"Expected a signature that `{file}` has. Received: signature={signature!r}")
    engine = chosen or engine
    if not any(spec.name == PNG for spec in engine.outputs):
        return engine
    if manifest is None:
        raise ValueError(
            f"Expected a manifest, which tells how large the PNG files are. Received: `{file}` without one"
        )
    height, width, channels = manifest.image_shape
    return PngEngine(engine, (height or 0, width or 0, channels), manifest.image_range)


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
