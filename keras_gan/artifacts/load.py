"""Loading of exported models."""

from __future__ import annotations

import os
from pathlib import Path

from keras_gan.artifacts.artifact import Artifact
from keras_gan.artifacts.engines import Engine, is_available, open_engine
from keras_gan.artifacts.engines.png_decoder import PNG, PngEngine
from keras_gan.artifacts.formats import FILES
from keras_gan.artifacts.manifest import FILENAME, Manifest
from keras_gan.artifacts.translator import SOURCE, Translator
from keras_gan.artifacts.versions import numbers


def load(
    path: str | os.PathLike[str],
    format: str | None = None,
    threads: int | None = None,
    signature: str | None = None,
) -> Artifact | Translator:
    """Loads an exported generator of any kind and format.

    It first compares the files with their hashes in the manifest, if there is one.

    Args:
        path: A version folder, the folder of all versions (the newest is loaded), a .onnx or .tflite file, or the
            folder of a SavedModel.
        format: Name of the format in a version folder, such as "onnx" or "tflite_int8". Defaults to None: the first
            one, in the order of `keras_gan.artifacts.formats.FILES`, whose runtime is installed.
        threads: Number of threads for one call. Defaults to None, one for each processor.
        signature: Name of the signature to call. "generate" samples z inside the model. "png" (SavedModel only) returns
            PNG files, which the artifact decodes. "uint8" exists only for translators. All signatures return the same
            images, except for rounding to 8 bits. Defaults to None, "serving_default".

    Returns:
        An `Artifact`, which generates images from z, or a `Translator`, which translates images.

    Raises:
        FileNotFoundError: If there is no artifact at `path`, or none of that format.
        ArtifactError: If the file is damaged, or is neither a generator nor a translator.
        ImportError: If the runtime is not installed. The message names the command that installs it.
        ValueError: If `format` is unknown, or the export has no such signature.

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
        engine = _engine_of(signature, engine, file, manifest)
    kind = Translator if any(spec.name == SOURCE for spec in engine.inputs) else Artifact
    return kind(engine, file, manifest)


def version_folder(path: Path) -> Path:
    """Returns the newest version in a folder of versions, or `path` itself if it is not such a folder.

    Args:
        path: Folder of a version or of all versions, or a file.
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
    return next((file for file in found.values() if is_available(file)), next(iter(found.values())))


def _pick_signature(folder: Path, format: str | None, signature: str) -> Path:
    """Returns the file of the first format that has a signature."""
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
    return next((file for file in files if is_available(file)), files[0])


def _engine_of(signature: str, engine: Engine, file: Path, manifest: Manifest | None) -> Engine:
    """Returns the engine of a signature. It decodes PNG files."""
    chosen = engine.signature(signature)
    # An ONNX file is one graph, and may be that of this signature.
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
            f"Expected a manifest, which holds the size of the PNG files. Received: `{file}` without a manifest"
        )
    height, width, channels = (size or 0 for size in manifest.image_shape)  # only images have PNG files
    return PngEngine(engine, (height, width, channels), manifest.image_range)


def _manifest_of(file: Path) -> Manifest | None:
    """Returns the manifest beside `file` if it lists the file; raises if the hashes differ."""
    if not (file.parent / FILENAME).is_file():
        return None
    manifest = Manifest.load(file.parent)
    listed = next((a for a in manifest.artifacts if a.filename == file.name), None)
    if listed is None:
        return None
    manifest.check(file.parent, listed.format, listed.signature)
    return manifest
