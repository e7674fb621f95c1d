"""The manifest: what was exported, from what, with which hashes and figures. It imports no TensorFlow."""

from __future__ import annotations

import hashlib
import os
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from keras_gan.serving.engines.errors import ArtifactError
from keras_gan.serving.engines.specs import TensorSpec

FILENAME = "manifest.json"
SCHEMA_VERSION = 1


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(_Part):
    """One file of an artifact.

    Args:
        path: Relative to the manifest, with forward slashes.
        size: In bytes.
        sha256: In hexadecimal.
    """

    path: str
    size: int
    sha256: str

    @field_validator("path")
    @classmethod
    def _stay_inside(cls, path: str) -> str:
        if PurePosixPath(path).is_absolute() or ".." in PurePosixPath(path).parts or "\\" in path:
            raise ValueError(f"must be a path inside the export. Received: {path!r}")
        return path

    @classmethod
    def of(cls, folder: Path, file: Path) -> FileEntry:
        """Describe `file`, which lies in `folder`."""
        return cls(path=file.relative_to(folder).as_posix(), size=file.stat().st_size, sha256=_sha256(file))


class Parity(_Part):
    """How far an artifact's images are from the Keras generator's, on one batch.

    Args:
        batch: Its size.
        max_abs_error: The largest difference of two pixels.
        psnr: In dB, of the width of the value range; `None` if the images are the same to the bit.
        tolerance: The largest difference that was allowed.
    """

    batch: int
    max_abs_error: float
    psnr: float | None
    tolerance: float

    @property
    def passed(self) -> bool:
        """Whether the difference was allowed. A NaN never is."""
        return self.max_abs_error <= self.tolerance


class ArtifactEntry(_Part):
    """One format of the generator.

    Args:
        format: The format's name.
        filename: The file that an engine opens.
        files: All of its files.
        parity: A row for each batch that was compared.
    """

    format: str
    filename: str
    files: tuple[FileEntry, ...]
    parity: tuple[Parity, ...]

    @property
    def size(self) -> int:
        """In bytes, all files together."""
        return sum(file.size for file in self.files)


class Manifest(_Part):
    """The account of one export.

    Args:
        schema_version: Of the manifest itself.
        name: What the generator is served as.
        version: Its version.
        created: When, in UTC.
        packages: The version of each package that had a part in it.
        recipe: How the generator was trained.
        latent_dim: The length of z.
        num_classes: How many classes it draws by label; `None` for no labels.
        image_shape: (height, width, channels).
        image_range: The least and the greatest pixel value.
        inputs: What each artifact takes.
        outputs: What each artifact returns.
        artifacts: The formats.

    Example:
    ```python
    manifest = keras_gan.export.Manifest.load("exported/digits/1")
    manifest.image_shape
    ```
    """

    current_schema: ClassVar[int] = SCHEMA_VERSION

    schema_version: int = SCHEMA_VERSION
    name: str
    version: int
    created: datetime
    packages: dict[str, str]
    recipe: dict[str, Any]
    latent_dim: int = Field(ge=1)
    num_classes: int | None = Field(ge=1)
    image_shape: tuple[int, int, int]
    image_range: tuple[float, float]
    inputs: tuple[TensorSpec, ...]
    outputs: tuple[TensorSpec, ...]
    artifacts: tuple[ArtifactEntry, ...]

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Manifest:
        """Read a manifest.

        Args:
            path: The file, or the version folder that holds it.

        Returns:
            The `Manifest`.

        Raises:
            FileNotFoundError: If there is none.
            ArtifactError: If it is not a manifest, or one of a newer keras_gan.
        """
        file = Path(path) / FILENAME if Path(path).is_dir() else Path(path)
        if not file.is_file():
            raise FileNotFoundError(f"Expected an export's manifest. Received: `{file}`, which does not exist")
        try:
            schema = _Schema.model_validate_json(file.read_bytes()).schema_version
            if schema > SCHEMA_VERSION:
                raise ArtifactError(
                    f"Expected a manifest of schema {SCHEMA_VERSION} or older. Received: `{file}` of schema {schema}: "
                    "upgrade keras-gan to read it"
                )
            return cls.model_validate_json(file.read_bytes())
        except ValidationError as error:
            raise ArtifactError(f"Expected an export's manifest. Received: `{file}`, which says: {error}") from error

    def dump(self, folder: Path) -> None:
        """Write the manifest into `folder`."""
        (folder / FILENAME).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")

    def entry(self, format: str) -> ArtifactEntry:
        """The artifact of one format.

        Raises:
            ValueError: If the export has none.
        """
        for artifact in self.artifacts:
            if artifact.format == format:
                return artifact
        raise ValueError(f"Expected one of {[a.format for a in self.artifacts]}. Received: format={format!r}")

    def check(self, folder: str | os.PathLike[str], format: str | None = None) -> None:
        """See that the files are the ones that were exported, byte for byte.

        Args:
            folder: The version folder.
            format: Check this format alone. Defaults to None, all of them.

        Raises:
            ArtifactError: If files are missing or have changed; the message lists them all.
        """
        artifacts = self.artifacts if format is None else (self.entry(format),)
        wrong = [found for a in artifacts for file in a.files if (found := _difference(Path(folder), file)) is not None]
        if wrong:
            raise ArtifactError(
                f"Expected the files that `{Path(folder) / FILENAME}` lists. Received: {'; '.join(wrong)}"
            )


class _Schema(BaseModel):
    schema_version: int


def _difference(folder: Path, file: FileEntry) -> str | None:
    path = folder / file.path
    if not path.is_file():
        return f"`{path}` is missing"
    if path.stat().st_size != file.size:
        return f"`{path}` has {path.stat().st_size} bytes instead of {file.size}"
    return f"`{path}` has changed since its export" if _sha256(path) != file.sha256 else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        # hashlib.file_digest came with Python 3.11.
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
