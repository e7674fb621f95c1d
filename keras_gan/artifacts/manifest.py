"""The manifest of an export: its model, files, hashes and metrics. Imports no TensorFlow."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, Field, ValidationError, model_validator

from keras_gan.artifacts.about import About
from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.file_entry import FileEntry, Part
from keras_gan.artifacts.tensor_spec import TensorSpec

FILENAME = "manifest.json"
SCHEMA_VERSION = 1
# Far more than any manifest has. A larger file is not read.
_MOST_BYTES = 16 << 20

Kind = Literal["generator", "translator"]


class Translation(Part):
    """Facts about a generator that translates images.

    Args:
        generator: Name of the generator in its model: "g" translates from X to Y, "f" from Y to X.
        size_multiple: Divisor that height and width must have.
        image_sizes: Tuple of the (height, width) that were compared. Formats of fixed sizes support only these.
        examples: Images that were compared: "given" or "synthetic".
    """

    generator: str
    size_multiple: int = Field(ge=1)
    image_sizes: tuple[tuple[int, int], ...]
    examples: Literal["given", "synthetic"]


class LatentCodes(Part):
    """Codes at the start of z, as InfoGAN learns them.

    Args:
        categorical: Number of values of each categorical code. Each takes as many numbers of z, and the place of the
            largest is its value.
        continuous: Number of continuous codes. Each takes one number of z.
    """

    categorical: tuple[int, ...]
    continuous: int = Field(ge=0)


class Manifest(Part):
    """The manifest of an export.

    Args:
        schema_version: Version of the manifest's format. Defaults to the current one.
        kind: "generator" of images from z, or "translator" of images. Defaults to "generator".
        name: Name that the model is served as.
        version: Version of the model.
        created: Time of the export, in UTC.
        packages: Version of each package that the export used.
        training: Record of how the generator was trained.
        latent_dim: Length of z; None for a translator.
        num_classes: Number of classes; None without classes.
        class_names: Name of each class, in order. Defaults to (), not stated.
        num_attributes: Length of the vectors of attributes that are the labels; None without attributes. Defaults to
            None.
        attribute_names: Name of each attribute, in order. Defaults to (), not stated.
        codes: Codes at the start of z; None without codes. Defaults to None.
        label_range: Least and greatest label; None without classes. The files do not check labels. Defaults to None.
        image_shape: (height, width, channels) of the images; None for a size that equals the input's. (length,
            channels) of sequences, (n,) of vectors.
        image_range: Least and greatest pixel value of float images.
        translation: Facts about a translator; None for a generator.
        inputs: Inputs of the signature `serving_default`.
        outputs: Outputs of the signature `serving_default`.
        artifacts: Entry for each signature of each format.
        about: Training data, quality and intended use. Defaults to nothing stated.
        machine: Machine that the latencies were measured on. Defaults to None.
        skipped: Reason for each format of a target that does not support the generator. Defaults to {}.
        files: All other files, such as the reference images and the model card. Defaults to ().
        checksum: SHA-256 of everything before it in the file. Defaults to None, before `dump()`.

    Example:
    ```python
    manifest = keras_gan.export.Manifest.load("exported/digits/1")
    manifest.image_shape
    ```
    """

    schema_version: int = SCHEMA_VERSION
    kind: Kind = "generator"
    name: str
    version: int
    created: datetime
    packages: dict[str, str]
    training: dict[str, Any]
    latent_dim: int | None = Field(default=None, ge=1, le=1 << 20)
    num_classes: int | None = Field(default=None, ge=1, lt=1 << 31)
    class_names: tuple[str, ...] = ()
    num_attributes: int | None = Field(default=None, ge=1, lt=1 << 20)
    attribute_names: tuple[str, ...] = ()
    codes: LatentCodes | None = None
    label_range: tuple[int, int] | None = None
    image_shape: tuple[int | None, ...] = Field(min_length=1, max_length=3)
    image_range: tuple[float, float]
    translation: Translation | None = None
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    artifacts: tuple[ArtifactEntry, ...]
    about: About = About()
    machine: str | None = None
    skipped: dict[str, str] = Field(default_factory=dict)
    files: tuple[FileEntry, ...] = ()
    checksum: str | None = None

    @model_validator(mode="after")
    def _fit_the_kind(self) -> Manifest:
        if (self.latent_dim is None, self.translation is None) != (self.kind == "translator", self.kind == "generator"):
            raise ValueError("a generator must have `latent_dim` and a translator `translation`, not both")
        if self.class_names and len(self.class_names) != self.num_classes:
            raise ValueError("`class_names` must be as many names as `num_classes`")
        if self.attribute_names and len(self.attribute_names) != self.num_attributes:
            raise ValueError("`attribute_names` must be as many names as `num_attributes`")
        return self

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Manifest:
        """Reads a manifest.

        Args:
            path: The file, or the version folder that holds it.

        Returns:
            The `Manifest`.

        Raises:
            FileNotFoundError: If there is no manifest.
            ArtifactError: If the file is not a manifest, or was written by a newer keras-gan.
        """
        file = Path(path) / FILENAME if Path(path).is_dir() else Path(path)
        content = _read(file)
        try:
            schema = _Schema.model_validate_json(content).schema_version
            if schema != SCHEMA_VERSION:
                raise ArtifactError(
                    f"Expected a manifest of schema {SCHEMA_VERSION}. Received: `{file}` of schema {schema}. "
                    + ("Upgrade keras-gan to read it" if schema > SCHEMA_VERSION else "Export the model again")
                )
            return cls.model_validate_json(content)
        except ValidationError as error:
            raise ArtifactError(f"Expected an export's manifest. Received: `{file}`: {error}") from error

    def dump(self, folder: Path) -> None:
        """Writes the manifest with its checksum into `folder`."""
        content = self.model_copy(update={"checksum": None}).model_dump_json(indent=2).encode()
        before = content.removesuffix(b"null\n}")
        (folder / FILENAME).write_bytes(before + _end(_sha256(before)))

    def difference(self, folder: Path) -> str | None:
        """Says that the manifest in `folder` differs from its checksum; None if it does not."""
        before = _read(folder / FILENAME).removesuffix(_end(self.checksum or ""))
        return None if _sha256(before) == self.checksum else f"`{folder / FILENAME}` has changed since its export"

    def entry(self, format: str, signature: str = "serving_default") -> ArtifactEntry:
        """Returns the entry of a signature of a format.

        Args:
            format: Name of the format.
            signature: Name of the signature. Defaults to "serving_default".

        Raises:
            ValueError: If the export has no such entry.
        """
        for artifact in self.artifacts:
            if (artifact.format, artifact.signature) == (format, signature):
                return artifact
        formats = [artifact.format for artifact in self.artifacts if artifact.signature == signature]
        raise ValueError(f"Expected one of {formats}. Received: format={format!r}")

    def check(self, folder: str | os.PathLike[str], format: str | None = None, signature: str | None = None) -> None:
        """Checks that the files in a folder are those that were exported, byte for byte.

        Args:
            folder: The version folder.
            format: Name of the only format to check. Defaults to None, all formats.
            signature: Name of the only signature to check. Defaults to None, all signatures.

        Raises:
            ArtifactError: If files are missing or have changed. The message lists all of them.
        """
        chosen = (a for a in self.artifacts if format in (None, a.format) and signature in (None, a.signature))
        files = [file for artifact in chosen for file in artifact.files]
        # Signatures may share files.
        wrong = [found for f in dict.fromkeys(files) if (found := f.difference(Path(folder))) is not None]
        if wrong:
            raise ArtifactError(
                f"Expected the files that `{Path(folder) / FILENAME}` lists. Received: {'; '.join(wrong)}"
            )


class _Schema(BaseModel):
    schema_version: int


def _end(checksum: str) -> bytes:
    """Returns the end of a manifest, after everything that the checksum covers."""
    return f'"{checksum}"\n}}\n'.encode()


def _sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def _read(file: Path) -> bytes:
    if not file.is_file():
        raise FileNotFoundError(f"Expected an export's manifest. Received: `{file}`, which does not exist")
    with file.open("rb") as opened:
        content = opened.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise ArtifactError(f"Expected an export's manifest. Received: `{file}`, larger than {_MOST_BYTES} bytes")
    return content
