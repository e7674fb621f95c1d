"""Verification of an export, later and on another machine."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.case import Case
from keras_gan.artifacts.changed_files import changed_files
from keras_gan.artifacts.engines import is_available
from keras_gan.artifacts.errors import ArtifactError
from keras_gan.artifacts.load import version_folder
from keras_gan.artifacts.manifest import Manifest
from keras_gan.artifacts.reference_check import ReferenceCheck
from keras_gan.artifacts.reference_images import FILENAME as REFERENCE
from keras_gan.artifacts.reference_images import load_reference
from keras_gan.artifacts.verification import Verification, VerifiedArtifact
from keras_gan.utils.quiet import CONVERSION, quiet


def verify(
    path: str | os.PathLike[str], format: str | None = None, progress: Callable[[str], None] | None = None
) -> Verification:
    """Checks that an export is unchanged and still generates the images of the Keras generator.

    It first compares every file with its hash in the manifest. Then it runs each artifact whose runtime is installed,
    on the inputs in `parity.npz`. It compares the images with the images of Keras in that file, with the tolerance of
    the export. It needs no Keras model. It needs TensorFlow only for a SavedModel.

    It does not trust the folder. It opens no file outside the folder, follows no links, unpickles nothing, and does not
    run a file that differs from its hash. The hashes show changes, but not who made them. Anybody who can change the
    files can also change the manifest.

    Args:
        path: A version folder, or the folder of all versions (the newest is verified).
        format: Name of the only format to verify. Its runtime must be installed, and files of other formats may be
            missing. Defaults to None, all formats.
        progress: Function that is called with the next step, such as "running onnx". Defaults to None.

    Returns:
        The `Verification`, whose `problems` list everything that is wrong.

    Raises:
        FileNotFoundError: If there is no manifest.
        ArtifactError: If the manifest is damaged, or was written by a newer keras-gan.
        ValueError: If the export has no such format.
        ImportError: If the runtime of `format` is not installed.

    Example:
    ```python
    assert keras_gan.export.verify("exported/digits").passed
    ```
    """
    folder = version_folder(Path(path))
    manifest = Manifest.load(folder)
    entries = [entry for entry in manifest.artifacts if format in (None, entry.format)]
    if not entries:
        raise ValueError(
            f"Expected one of {sorted({entry.format for entry in manifest.artifacts})}. Received: format={format!r}"
        )
    report = progress or (lambda _: None)
    report("hashing")
    changed = changed_files(folder, manifest, entries)
    cases = _reference(folder, manifest, changed)
    problems = list(changed.values())
    reference = ReferenceCheck(folder, manifest.image_range, cases)
    artifacts = []
    for entry in entries:
        skipped = _reason_to_skip(entry, cases, changed, requested=format is not None)
        if skipped is not None:
            artifacts.append(VerifiedArtifact(entry, skipped=skipped))
            continue
        report(f"running {entry.label}")
        with CONVERSION, quiet():
            artifacts.append(reference.check(entry))
        problems += [f"{entry.label}: {problem}" for problem in artifacts[-1].problems]
    if cases and not problems and all(one.skipped for one in artifacts):
        problems.append("no artifact was run: none of their runtimes is installed here")
    return Verification(folder, manifest, tuple(artifacts), tuple(problems))


def _reference(folder: Path, manifest: Manifest, changed: dict[str, str]) -> tuple[Case, ...]:
    """Returns the reference images; none, with the reason added to `changed`, if they cannot be used."""
    if REFERENCE not in {file.path for file in manifest.files}:
        changed[REFERENCE] = f"the manifest does not list `{REFERENCE}`"
    if REFERENCE in changed:
        return ()
    try:
        return load_reference(folder / REFERENCE)
    except ArtifactError as error:
        changed[REFERENCE] = str(error)
        return ()


def _reason_to_skip(
    entry: ArtifactEntry, cases: tuple[Case, ...], changed: dict[str, str], requested: bool
) -> str | None:
    """Says why an artifact is not run; None if it is."""
    if not cases:
        return f"Images were not compared: {REFERENCE} cannot be used"
    if any(file.path in changed for file in entry.files):
        return f"{entry.label} was not run: its files have changed since the export"
    if not requested and not is_available(entry.filename):
        return f"{entry.format} was not run: its runtime is not installed here"
    return None
