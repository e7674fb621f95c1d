"""The models on disk that a server is to hold, with their versions and labels."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.versions import numbers

SAVED_MODEL = "saved_model.pb"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


@dataclass(frozen=True)
class ServedModel:
    """A model and the versions of it that are served.

    Args:
        name: What requests call it.
        path: The folder of its versions.
        versions: The numbers of those to serve, in order; at least one.
        labels: Which version answers to which label, such as {"stable": 3}. Defaults to none.

    Raises:
        ValueError: If there is no version, or a label's is not among them.
        FileNotFoundError: If a version is not there.
        ArtifactError: If a version is no SavedModel, or its files are not those that its manifest lists.
        PermissionError: If the user that the server runs as could not read it.
    """

    name: str
    path: Path
    versions: tuple[int, ...]
    labels: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if not NAME.fullmatch(self.name):
            raise ValueError(
                'A model\'s folder must be named by letters, digits, ".", "_" and "-", the first a letter or a digit. '
                f"Received: {self.name!r}"
            )
        if not self.versions:
            raise ValueError(f"`versions` must name one at least. Received: none, of {self.name}")
        for label, version in self.labels.items():
            if not NAME.fullmatch(label) or version not in self.versions:
                raise ValueError(
                    f"A label must be a word, of a version that is served: {self._listed}. Received: {label}={version}"
                )
        for version in self.versions:
            self._check(self.folder(version))

    @property
    def _listed(self) -> str:
        return ", ".join(map(str, self.versions))

    def folder(self, version: int) -> Path:
        """Where a version is, whatever zeros its name begins with.

        Raises:
            FileNotFoundError: If it is not there.
        """
        there = numbers(self.path)
        if version not in there:
            raise FileNotFoundError(
                f"Expected a version of {self.name}: {', '.join(map(str, there)) or 'there is none'}. "
                f"Received: version {version}"
            )
        return there[version]

    def manifest(self, version: int) -> Manifest | None:
        """The account of its export, if there is one."""
        folder = self.folder(version)
        return Manifest.load(folder) if (folder / MANIFEST).is_file() else None

    @property
    def size(self) -> int:
        """In bytes, of the SavedModels of all versions."""
        folders = [self.folder(version) for version in self.versions]
        return sum(file.stat().st_size for folder in folders for file in _files(folder))

    @property
    def latencies(self) -> dict[int, float]:
        """Milliseconds that the newest version's SavedModel takes for a batch, by its rows; empty if not measured."""
        manifest = self.manifest(self.versions[-1])
        if manifest is None:
            return {}
        return {row.batch: row.median_ms for row in manifest.entry("saved_model").latency}

    @property
    def batches(self) -> bool:
        """Whether requests can be put together: not those for images of any size, whose shapes differ."""
        manifests = [self.manifest(version) for version in self.versions]
        return all(m is None or None not in m.image_shape for m in manifests)

    def _check(self, folder: Path) -> None:
        if not (folder / SAVED_MODEL).is_file():
            raise ArtifactError(
                f"Expected a SavedModel, which is what TensorFlow Serving runs: keras-gan export --format saved_model. "
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
                    "The server runs as a user of its own, which must be able to read the model: "
                    f"chmod -R a+rX '{self.path}'. Received: `{path}`, which others cannot read"
                )


def find_models(
    directory: str | os.PathLike[str],
    versions: Sequence[int] = (),
    labels: Mapping[str, int] | None = None,
) -> list[ServedModel]:
    """The models in a folder of models, or the one whose versions it holds.

    Args:
        directory: As `export_generator` writes it: its `directory`, or `directory/<name>`.
        versions: The numbers to serve besides those that have labels. Defaults to none; where there are no labels
            either, each model's newest, with the label "stable".
        labels: Version numbers by label. Defaults to none.

    Returns:
        The models, by name.

    Raises:
        FileNotFoundError: If there is no model, or a version is not there.
        ValueError: If a name cannot be served, or `versions` or `labels` are given for more models than one.
        ArtifactError: If a model is damaged.

    Example:
    ```python
    find_models("exported/digits", labels={"stable": 3, "canary": 4})
    ```
    """
    # A model that stands in "." has its name from the path to it.
    root = Path(directory).resolve()
    if not root.is_dir():
        raise FileNotFoundError(f"Expected a folder of exported models. Received: `{directory}`, which is none")
    folders = [root] if numbers(root) else sorted(folder for folder in root.iterdir() if numbers(folder))
    if not folders:
        raise FileNotFoundError(
            f"Expected exported models: `{directory}/NAME/VERSION/{SAVED_MODEL}`. Received: a folder without versions"
        )
    labels = dict(labels or {})
    if len(folders) > 1 and (versions or labels):
        raise ValueError(
            "Versions and labels are of one model: give its folder. "
            f"Received: `{directory}`, with {', '.join(folder.name for folder in folders)}"
        )
    models = []
    for folder in folders:
        given = labels or ({} if versions else {"stable": max(numbers(folder))})
        models.append(ServedModel(folder.name, folder, tuple(sorted({*versions, *given.values()})), given))
    return models


def _files(folder: Path) -> list[Path]:
    """Those of a SavedModel; the other formats stay where they are."""
    beside = [folder / SAVED_MODEL, folder / "fingerprint.pb"]
    nested = [file for name in ("variables", "assets", "assets.extra") for file in (folder / name).rglob("*")]
    return [file for file in (*beside, *nested) if file.is_file()]
