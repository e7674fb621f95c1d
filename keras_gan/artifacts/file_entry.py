"""Files as a manifest lists them."""

from __future__ import annotations

import hashlib
from pathlib import Path, PurePosixPath
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field


class Part(BaseModel):
    """Base class of a part of a manifest: immutable, without unknown fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


def _inside(path: str) -> str:
    parts = PurePosixPath(path).parts
    printable = path.isprintable() and not set(path) & set("\\:")
    if not parts or not printable or PurePosixPath(path).is_absolute() or ".." in parts:
        raise ValueError(f"must be a path inside the export. Received: {path!r}")
    return path


InsidePath = Annotated[str, AfterValidator(_inside)]


class FileEntry(Part):
    """One file of an export.

    Args:
        path: Path relative to the manifest, with forward slashes.
        size: Size in bytes.
        sha256: SHA-256 in hexadecimal.
    """

    path: InsidePath
    size: int = Field(ge=0)
    sha256: str

    @classmethod
    def of(cls, folder: Path, file: Path) -> FileEntry:
        """Describes `file`, which lies in `folder`."""
        return cls(path=file.relative_to(folder).as_posix(), size=file.stat().st_size, sha256=_sha256(file))

    def difference(self, folder: Path) -> str | None:
        """Says how the file in `folder` differs from this entry; None if it is identical."""
        path = folder / self.path
        if not path.is_file():
            return f"`{path}` is missing"
        if path.stat().st_size != self.size:
            return f"`{path}` has {path.stat().st_size} bytes instead of {self.size}"
        return f"`{path}` has changed since its export" if _sha256(path) != self.sha256 else None


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        # Python 3.10 has no hashlib.file_digest.
        digest = hashlib.sha256()
        while block := file.read(1 << 20):
            digest.update(block)
    return digest.hexdigest()
