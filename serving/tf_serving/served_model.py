"""Models on disk for a deployment, with their versions and labels."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.versions import numbers

SAVED_MODEL = "saved_model.pb"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class ServedModel:
    """Model with the versions to serve.

    Args:
        name: Name of the model in requests.
        path: Folder of its versions.
        versions: Numbers of the versions to serve, in order. At least one.
        labels: Version of each label, such as {"stable": 3}. Defaults to none.

    Raises:
        ValueError: If there is no version, or a label names a version that is not served.
        FileNotFoundError: If a version does not exist.
        ArtifactError: If a version is not a SavedModel, or its files differ from its manifest.
        PermissionError: If the user of the server could not read it.
    """

    name: str
    path: Path
    versions: tuple[int, ...]
    labels: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                'A model\'s folder name must have letters, digits, ".", "_" and "-", and begin with a letter or digit. '
                f"Received: {self.name!r}"
            )
        if not self.versions:
            raise ValueError(f"`versions` must name at least one version. Received: none for {self.name}")
        for label, version in self.labels.items():
            if not NAME.fullmatch(label) or version not in self.versions:
                raise ValueError(
                    f"A label must name a version that is served: {self._listed}. Received: {label}={version}"
                )
        for version in self.versions:
            self._check(self.folder(version))

    @property
    def _listed(self) -> str:
        return ", ".join(map(str, self.versions))

    def folder(self, version: int) -> Path:
        """Returns the folder of a version, whose name may begin with zeros.

        Raises:
            FileNotFoundError: If there is none.
        """
        found = numbers(self.path)
        if version not in found:
            raise FileNotFoundError(
                f"Expected a version of {self.name}: {', '.join(map(str, found)) or 'there is none'}. "
                f"Received: version {version}"
            )
        return found[version]

    def manifest(self, version: int) -> Manifest | None:
        """Returns the manifest of a version, or None if it has none."""
        folder = self.folder(version)
        return Manifest.load(folder) if (folder / MANIFEST).is_file() else None

    @property
    def size(self) -> int:
        """Size of the SavedModels of all versions in bytes."""
        folders = [self.folder(version) for version in self.versions]
        return sum(file.stat().st_size for folder in folders for file in _files(folder))

    @property
    def latencies(self) -> dict[int, float]:
        """Milliseconds of a batch of the newest version by its number of rows. Empty if not measured."""
        manifest = self.manifest(self.versions[-1])
        if manifest is None:
            return {}
        return {row.batch: row.median_ms for row in manifest.entry("saved_model").latency}

    @property
    def batches(self) -> bool:
        """Boolean, whether requests can share a batch. Images of any size differ in shape, and cannot."""
        manifests = [self.manifest(version) for version in self.versions]
        return all(m is None or None not in m.image_shape for m in manifests)

    def _check(self, folder: Path) -> None:
        if not (folder / SAVED_MODEL).is_file():
            raise ArtifactError(
                f"TensorFlow Serving runs SavedModels: keras-gan export --format saved_model. "
                f"Received: `{folder}`, without {SAVED_MODEL}"
            )
        if (folder / MANIFEST).is_file():
            Manifest.load(folder).check(folder, "saved_model")
        if os.name != "posix":
            return
        files = _files(folder)
        folders = {parent for file in files for parent in file.parents if parent.is_relative_to(self.path)}
        for path in sorted({*folders, *files}):
            needed = 0o005 if path in folders else 0o004
            if path.stat().st_mode & needed != needed:
                raise PermissionError(
                    "All users must be able to read the model, because the server runs as another user: "
                    f"chmod -R a+rX '{self.path}'. Received: `{path}`, which other users cannot read"
                )


def find_models(
    directory: str | os.PathLike[str],
    versions: Sequence[int] | Mapping[str, Sequence[int]] = (),
    labels: Mapping[str, int] | Mapping[str, Mapping[str, int]] | None = None,
) -> list[ServedModel]:
    """Finds the models in a folder of models, or the model in a folder of versions.

    Args:
        directory: Folder that `export_generator` wrote: its `directory`, or `directory/<name>`.
        versions: Versions to serve in addition to those with labels. For several models a dict with the versions of
            each. Defaults to none. Without versions and labels, the newest version of a model is served with the label
            "stable".
        labels: Version of each label. For several models a dict with the labels of each. Defaults to none.

    Returns:
        The models, sorted by name.

    Raises:
        FileNotFoundError: If there is no model, or a version does not exist.
        ValueError: If a name is not supported or unknown, or `versions` or `labels` do not name one of several models.
        ArtifactError: If a model is damaged.

    Example:
    ```python
    find_models("exported/digits", labels={"stable": 3, "canary": 4})
    find_models("exported", labels={"digits": {"stable": 3, "canary": 4}})
    ```
    """
    # "." has no name of a model.
    root = Path(directory).resolve()
    if not root.is_dir():
        raise FileNotFoundError(f"Expected a folder of exported models. Received: `{directory}`, which is not a folder")
    folders = [root] if numbers(root) else sorted(folder for folder in root.iterdir() if numbers(folder))
    if not folders:
        raise FileNotFoundError(
            f"Expected exported models: `{directory}/NAME/VERSION/{SAVED_MODEL}`. Received: a folder without versions"
        )
    names = [folder.name for folder in folders]
    of_versions = _by_model(versions if isinstance(versions, Mapping) else tuple(versions), names, directory)
    nested = any(isinstance(value, Mapping) for value in (labels or {}).values())
    of_labels = _by_model(dict(labels or {}), names, directory, nested)
    models = []
    for folder in folders:
        given = dict(of_labels.get(folder.name, {}))
        more = of_versions.get(folder.name, ())
        given = given or ({} if more else {"stable": max(numbers(folder))})
        models.append(ServedModel(folder.name, folder, tuple(sorted({*more, *given.values()})), given))
    return models


def _by_model(given: Any, names: list[str], directory: Any, nested: bool | None = None) -> dict[str, Any]:
    """Returns versions or labels by the name of their model.

    Raises:
        ValueError: If a model is unknown, or the models are several and none is named.
    """
    if not given:
        return {}
    if nested if nested is not None else isinstance(given, Mapping):
        unknown = [name for name in given if name not in names]
        if unknown:
            raise ValueError(f"Expected the name of a model: {', '.join(names)}. Received: {', '.join(unknown)}")
        return dict(given)
    if len(names) > 1:
        raise ValueError(
            "Versions and labels of several models need the name of the model, such as "
            f"--label {names[0]}/stable=1. Received: `{directory}`, with {', '.join(names)}"
        )
    return {names[0]: given}


def _files(folder: Path) -> list[Path]:
    """Returns the files of a SavedModel, without those of other formats."""
    beside = [folder / SAVED_MODEL, folder / "fingerprint.pb"]
    nested = [file for name in ("variables", "assets", "assets.extra") for file in (folder / name).rglob("*")]
    return [file for file in (*beside, *nested) if file.is_file()]
