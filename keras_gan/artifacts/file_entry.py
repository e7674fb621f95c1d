"""A file as a manifest lists it. It imports no TensorFlow."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Part(BaseModel):
    """A part of a manifest: it does not change, and holds nothing that is not known."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    printable = path.isprintable() and not set(path) & set("\\:")
    if not parts or not printable or PurePosixPath(path).is_absolute() or ".." in parts:
        raise ValueError(f"must be a path inside the export. Received: {path!r}")
    return path


InsidePath = Annotated[str, AfterValidator(_inside)]


class FileEntry(Part):
    """One file of an artifact.

    Args:
        path: Relative to the manifest, with forward slashes.
        size: In bytes.
        sha256: In hexadecimal.
    """

    path: InsidePath
    size: int = Field(ge=0)
    sha256: str

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
