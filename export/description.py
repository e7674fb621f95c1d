"""The manifest of a finished export."""

from __future__ import annotations

import platform
from collections.abc import Sequence
from datetime import datetime, timezone
from importlib import metadata
from typing import Any

import keras_gan
from keras_gan.artifacts.about import About
from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.manifest import Manifest
from keras_gan.export.parity.latency import machine
from keras_gan.export.sources.source import Source

_PACKAGES = (
    "tensorflow",
    "keras",
    "numpy",
    "tf2onnx",
    "onnx",
    "onnxruntime",
    "ai-edge-litert",
    "ai-edge-quantizer",
    "onnxslim",
)


def describe(
    source: Source,
    name: str,
    version: int,
    training: dict[str, Any],
    entries: Sequence[ArtifactEntry],
    skipped: dict[str, str],
    about: About,
) -> Manifest:
    """Returns the manifest of an export, without `files`.

    Args:
        source: Model that was exported.
        name: Name that it is served as.
        version: Version of the model.
        training: Record of its training.
        entries: Entry for each signature of each format.
        skipped: Reason for each format that was skipped.
        about: Training data, quality and intended use.
    """
    return Manifest(
        kind=source.kind,
        name=name,
        version=version,
        created=datetime.now(timezone.utc),
        packages={"keras-gan": keras_gan.__version__, "python": platform.python_version()} | _installed(),
        training=training,
        image_range=source.image_range,
        inputs=source.inputs,
        outputs=source.outputs,
        artifacts=tuple(entries),
        skipped=skipped,
        about=about,
        machine=machine(),
        **source.manifest_facts(),
    )


def _installed() -> dict[str, str]:
    versions = {}
    for package in _PACKAGES:
        try:
            versions[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return versions
