"""A file as a manifest lists it. It imports no TensorFlow."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath

from pydantic import BaseModel, ConfigDict, field_validator


class Part(BaseModel):
    """A part of a manifest: it does not change, and holds nothing that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class FileEntry(Part):
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

    def difference(self, folder: Path) -> str | None:
        """What has become of the file in `folder`, in words; `None` if it is the same byte for byte."""
        path = folder / self.path
        if not path.is_file():
            return f"`{path}` is missing"
        if path.stat().st_size != self.size:
            return f"`{path}` has {path.stat().st_size} bytes instead of {self.size}"
        return f"`{path}` has changed since its export" if _sha256(path) != self.sha256 else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        # hashlib.file_digest came with Python 3.11.
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
