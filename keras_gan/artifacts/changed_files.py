"""Comparison of a version folder with its manifest."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import Manifest

# A folder may hold any number of added files.
_MOST_NAMED = 20


def changed_files(folder: Path, manifest: Manifest, entries: Sequence[ArtifactEntry]) -> dict[str, str]:
    """Finds the files that are missing, changed, added, or links.

    Args:
        folder: The version folder.
        manifest: Its manifest.
        entries: Entries whose files must be there. Files of other entries may be missing.

    Returns:
        A sentence for each such file, by its path in the folder.
    """
    found: dict[str, str | None] = {MANIFEST: _link(folder, MANIFEST) or manifest.difference(folder)}
    for file in (*manifest.files, *(file for entry in entries for file in entry.files)):
        # Signatures share files. A path that is listed with two hashes differs from one of them.
        found[file.path] = found.get(file.path) or _link(folder, file.path) or file.difference(folder)
    of_others = {file.path for entry in manifest.artifacts for file in entry.files}
    added = sorted(_paths(folder) - {*found, *of_others})
    found |= {path: f"`{folder / path}` is not part of the export" for path in added[:_MOST_NAMED]}
    if len(added) > _MOST_NAMED:
        found[""] = f"{len(added) - _MOST_NAMED} more files are not part of the export"
    return {path: sentence for path, sentence in found.items() if sentence is not None}


def _paths(folder: Path) -> set[str]:
    """Returns the paths in `folder` of all files and of links to folders."""
    found = set()
    for parent, folders, files in os.walk(folder):
        names = [*files, *(name for name in folders if (Path(parent) / name).is_symlink())]
        found |= {(Path(parent) / name).relative_to(folder).as_posix() for name in names}
    return found


def _link(folder: Path, path: str) -> str | None:
    """Returns a sentence if a file, or a folder that it is in, is a link."""
    for part in (Path(path), *Path(path).parents):
        if part != Path() and (folder / part).is_symlink():
            return f"`{folder / part}` is a link, to `{(folder / part).readlink()}`"
    return None
