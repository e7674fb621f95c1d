"""Exporting a generator: build, write, verify, publish."""

from __future__ import annotations

import json
import math
import os
import platform
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timezone
from importlib import metadata
from pathlib import Path
from typing import Any

import numpy as np

import keras_gan
from keras_gan.export.errors import ExportError, VersionExistsError
from keras_gan.export.format import Format, choose
from keras_gan.export.manifest import ArtifactEntry, FileEntry, Manifest
from keras_gan.export.onnx import OPSETS
from keras_gan.export.parity import Reference, compare
from keras_gan.export.picture import FILENAME as PICTURE
from keras_gan.export.picture import save_picture
from keras_gan.export.publish import publish, refuse_existing, staging
from keras_gan.export.report import ExportReport
from keras_gan.export.source import CONVERSION, Source
from keras_gan.quiet import quiet

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
_PACKAGES = ("tensorflow", "keras", "numpy", "tf2onnx", "onnx", "onnxruntime", "ai-edge-litert")


def export_generator(
    gan: Any,
    directory: str | os.PathLike[str],
    formats: Sequence[str] = ("saved_model", "tflite", "onnx"),
    name: str | None = None,
    version: int | None = None,
    *,
    recipe: Mapping[str, Any] | None = None,
    tolerance: float = 1e-4,
    batch_sizes: Sequence[int] = (1, 8),
    opset: int = 17,
    progress: Callable[[str], None] | None = None,
) -> ExportReport:
    """Write a generator in each format, prove that each draws what Keras draws, and only then publish.

    `directory/<name>/<version>/` is TensorFlow Serving's layout: a SavedModel, `model.tflite`, `model.onnx`, the
    `manifest.json` with hashes and figures, and `parity.png` to look at. It appears all at once, after every artifact
    was run in its own runtime on the same z; if anything is wrong in any format, nothing appears at all.

    A generator in mixed precision is exported, and compared, in float32.

    Args:
        gan: A `keras_gan.GAN`.
        directory: Where models are kept. It is made if it is missing.
        formats: Any of "saved_model", "tflite" and "onnx". Defaults to all three.
        name: What to serve it as: letters, digits, ".", "_" and "-". Defaults to None, the GAN's name.
        version: A positive number that is not taken. Defaults to None, the one after the last.
        recipe: How it was trained, as JSON holds it. Defaults to None, `gan.recipe()`.
        tolerance: How far a pixel may be from Keras's. Defaults to 1e-4.
        batch_sizes: The batches to compare, and those that TFLite, whose batch is fixed, is written for; it runs
            other batches in pieces. Defaults to (1, 8).
        opset: The ONNX operator set. Defaults to 17.
        progress: Called with what is about to be done, such as "writing onnx". Defaults to None.

    Returns:
        An `ExportReport`.

    Raises:
        ValueError: If an argument is out of range.
        ImportError: If a package is missing; the message says what to install.
        VersionExistsError: If `version` is taken; it is a FileExistsError.
        ExportError: If the export failed; the message lists everything that is wrong, in all formats.

    Example:
    ```python
    report = keras_gan.export.export_generator(gan, "exported", name="digits")
    print(report)
    ```
    """
    name = gan.name if name is None else name
    sizes = _check_arguments(name, version, tolerance, batch_sizes, opset)
    chosen = choose(formats)
    recipe = _plain(gan.recipe() if recipe is None else recipe)
    home = Path(directory) / name
    refuse_existing(home, version)
    say = progress or (lambda _: None)
    try:
        with staging(Path(directory)) as folder:
            say("drawing the reference images")
            source = Source.of(gan, sizes, opset)
            reference = Reference.draw(source, sizes)
            own = reference.problems(tolerance)
            problems, entries, pictures = list(own), [], {"keras": reference.batches[max(sizes)][1]}
            for form in chosen:
                say(f"writing {form.name}")
                files, failure = _write(form, source, folder)
                say(f"checking {form.name}")
                if failure is not None:
                    problems.append(f"{form.name}: {failure}")
                    continue
                with CONVERSION, quiet():
                    result = compare(folder / form.filename, reference, tolerance)
                # What the generator itself gets wrong, an artifact true to it gets wrong too.
                if not own:
                    problems += [f"{form.name}: {problem}" for problem in result.problems]
                entries.append(ArtifactEntry(format=form.name, filename=form.filename, files=files, parity=result.rows))
                if result.images is not None:
                    pictures[form.name] = result.images
            if problems:
                raise ExportError(home, problems)
            say("publishing")
            save_picture(folder / PICTURE, pictures, source.image_range)

            def manifest(number: int) -> Manifest:
                return _manifest(name, number, source, recipe, entries)

            path = publish(folder, home, version, stamp=lambda number: manifest(number).dump(folder))
    except VersionExistsError:
        raise
    except OSError as error:
        raise ExportError(home, [f"writing failed: {error}"]) from error
    return ExportReport(path, Manifest.load(path))


def _write(form: Format, source: Source, folder: Path) -> tuple[tuple[FileEntry, ...], str | None]:
    """Write one format; the files that it added, and why it could not be written."""
    before = _files(folder)
    try:
        with CONVERSION, quiet():
            form.write(source, folder)
    except OSError:
        raise
    except Exception as error:  # converters raise whatever they please, and all of it should be told at once
        # TensorFlow's errors begin with the name of a node that is nobody's.
        return (), re.sub(r"^\{\{.*?\}\} ", "", str(error)) or type(error).__name__
    return tuple(FileEntry.of(folder, file) for file in sorted(_files(folder) - before)), None


def _files(folder: Path) -> set[Path]:
    return {path for path in folder.rglob("*") if path.is_file()}


def _manifest(
    name: str, version: int, source: Source, recipe: dict[str, Any], entries: list[ArtifactEntry]
) -> Manifest:
    return Manifest(
        name=name,
        version=version,
        created=datetime.now(timezone.utc),
        packages={"keras-gan": keras_gan.__version__, "python": platform.python_version()} | _installed(),
        recipe=recipe,
        latent_dim=source.latent_dim,
        num_classes=source.num_classes,
        image_shape=source.image_shape,
        image_range=source.image_range,
        inputs=source.inputs,
        outputs=source.outputs,
        artifacts=tuple(entries),
    )


def _installed() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions


def _check_arguments(
    name: str, version: int | None, tolerance: float, batch_sizes: Sequence[int], opset: int
) -> tuple[int, ...]:
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise ValueError(
            '`name` becomes the name of a folder: up to 100 letters, digits, ".", "_" and "-", the first a letter or a '
            f"digit. Received: name={name!r}"
        )
    if version is not None and not (_is_whole(version) and version >= 1):
        raise ValueError(f"`version` must be a positive integer or None. Received: version={version!r}")
    if not (math.isfinite(tolerance) and tolerance >= 0):
        raise ValueError(f"`tolerance` must be a finite number >= 0. Received: tolerance={tolerance}")
    if not batch_sizes or not all(_is_whole(size) and size >= 1 for size in batch_sizes):
        raise ValueError(f"`batch_sizes` must be positive integers. Received: batch_sizes={batch_sizes!r}")
    if not (_is_whole(opset) and opset in OPSETS):
        raise ValueError(f"`opset` must be an integer from {OPSETS[0]} to {OPSETS[-1]}. Received: opset={opset!r}")
    return tuple(sorted({int(size) for size in batch_sizes}))


def _is_whole(value: Any) -> bool:
    return isinstance(value, int | np.integer) and not isinstance(value, bool)


def _plain(recipe: Mapping[str, Any]) -> dict[str, Any]:
    try:
        plain: dict[str, Any] = json.loads(json.dumps(dict(recipe), allow_nan=False))
    except (TypeError, ValueError) as error:
        raise ValueError(f"`recipe` must hold what JSON can. Received: {recipe!r}, of which {error}") from error
    return plain
