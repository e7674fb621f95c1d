"""Checking an export later, on another machine: the same files, byte for byte, that draw the same images."""

from __future__ import annotations

import dataclasses
import io
import os
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from keras_gan.artifacts.case import Case
from keras_gan.artifacts.comparison import LEVELS, differences, failing, measure, run
from keras_gan.artifacts.engines import ArtifactError, Engine, available, open_engine
from keras_gan.artifacts.load import version_folder
from keras_gan.artifacts.manifest import FILENAME as MANIFEST
from keras_gan.artifacts.manifest import ArtifactEntry, Manifest, Parity, label
from keras_gan.artifacts.reference_images import FILENAME as REFERENCE
from keras_gan.artifacts.reference_images import load_reference
from keras_gan.utils.quiet import CONVERSION, quiet

# Of files that do not belong there; a folder may hold any number.
_NAMED = 20
# In dB: what one image of a file of lower precision may be worse by than the many that were compared at the export.
_FEWER = 3.0


@dataclasses.dataclass(frozen=True)
class Checked:
    """What came of one artifact's signature.

    Args:
        entry: What the manifest says of it.
        rows: How far its images are from Keras's now, a row for each batch.
        problems: A sentence for each thing that is wrong with them.
        skipped: Why it was not run, if it was not.
    """

    entry: ArtifactEntry
    rows: tuple[Parity, ...] = ()
    problems: tuple[str, ...] = ()
    skipped: str | None = None


@dataclasses.dataclass(frozen=True, repr=False)
class Verification:
    """Whether an export is still what it was.

    Args:
        path: The version folder.
        manifest: What stands in its manifest.json.
        checked: Each artifact's signature.
        problems: A sentence for each thing that is wrong.

    Example:
    ```python
    found = keras_gan.export.verify("exported/digits/1")
    if not found.passed:
        print(found.problems)
    ```
    """

    path: Path
    manifest: Manifest
    checked: tuple[Checked, ...]
    problems: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """What could not be checked, and why."""
        return tuple(dict.fromkeys(one.skipped for one in self.checked if one.skipped is not None))

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.problems

    def table(self) -> Table:
        """What came of each artifact, for `rich.print`."""
        table = Table(title=f"{self.manifest.name}, version {self.manifest.version}, verified")
        table.add_column("format")
        for heading in ("size", "images", "max abs error", "at export"):
            table.add_column(heading, justify="right")
        table.add_column("verdict")
        for one in self.checked:
            verdict = "[red]FAIL" if one.problems else "[green]pass" if one.rows else "[yellow]not run"
            images = ", ".join(str(row.batch) for row in one.rows)
            errors = (_worst(one.entry, one.rows), _worst(one.entry, one.entry.parity))
            name = label(one.entry.format, one.entry.signature)
            table.add_row(name, decimal(one.entry.size), images, *errors, verdict)
        return table

    def __str__(self) -> str:
        console = Console(file=io.StringIO(), width=120, color_system=None)
        console.print(self.table())
        for sentence in (*self.notes, *self.problems):
            console.print(sentence, soft_wrap=True, highlight=False, markup=False)
        assert isinstance(console.file, io.StringIO)
        return console.file.getvalue().rstrip()

    __repr__ = __str__


def verify(
    path: str | os.PathLike[str], format: str | None = None, progress: Callable[[str], None] | None = None
) -> Verification:
    """Check that an export is what it was, and draws what it drew, without the model that it is of.

    Every file is held against the hash in the manifest; then each artifact whose runtime is installed is run on the
    inputs in `parity.npz` and its images are compared with those that Keras drew at the export, to the tolerance of
    then. TensorFlow is needed for a SavedModel alone. Nothing in the folder is trusted: no file outside of it is
    opened, links are refused, nothing is unpickled, and what does not agree with its hash is not run.

    The hashes tell of changes, not of who made them: whoever can write the files can write the manifest too.

    Args:
        path: A version folder, or the folder of all versions (its newest is taken).
        format: Verify this format alone, whose runtime must then be installed; files of others may be missing.
            Defaults to None, all.
        progress: Called with what is about to be done, such as "running onnx". Defaults to None.

    Returns:
        The `Verification`. What is wrong stands in its `problems`.

    Raises:
        FileNotFoundError: If there is no manifest.
        ArtifactError: If the manifest is damaged, or one of a newer keras_gan.
        ValueError: If the export has no such format.
        ImportError: If the runtime of `format` is not installed.
    """
    folder = version_folder(Path(path))
    manifest = Manifest.load(folder)
    entries = [entry for entry in manifest.artifacts if format in (None, entry.format)]
    if not entries:
        raise ValueError(
            f"Expected one of {sorted({entry.format for entry in manifest.artifacts})}. Received: format={format!r}"
        )
    say = progress or (lambda _: None)
    say("hashing")
    wrong = _changes(folder, manifest, entries)
    cases, reason = _reference(folder, manifest, wrong)
    problems = list(wrong.values())
    runner = _Runner(folder, manifest, cases)
    checked = []
    for entry in entries:
        name = label(entry.format, entry.signature)
        if not cases:
            checked.append(Checked(entry, skipped=f"Images were not compared: {reason}"))
        elif any(file.path in wrong for file in entry.files):
            checked.append(Checked(entry, skipped=f"{name} was not run: its files are not those that were exported"))
        elif format is None and not available(Path(entry.filename)):
            checked.append(Checked(entry, skipped=f"{entry.format} was not run: its runtime is not installed here"))
        else:
            say(f"running {name}")
            with CONVERSION, quiet():
                checked.append(runner.check(entry))
            problems += [f"{name}: {problem}" for problem in checked[-1].problems]
    if cases and not problems and all(one.skipped for one in checked):
        problems.append("no artifact could be run: none of their runtimes is installed here")
    return Verification(folder, manifest, tuple(checked), tuple(problems))


def _changes(folder: Path, manifest: Manifest, entries: list[ArtifactEntry]) -> dict[str, str]:
    """By its path in the folder, what has become of each file that is not as exported."""
    told: dict[str, str | None] = {MANIFEST: _link(folder, MANIFEST) or manifest.difference(folder)}
    for file in (*manifest.files, *(file for entry in entries for file in entry.files)):
        # Signatures share files, and a path that is listed with two hashes is wrong by one of them.
        told[file.path] = told.get(file.path) or _link(folder, file.path) or file.difference(folder)
    of_others = {file.path for entry in manifest.artifacts for file in entry.files}
    added = sorted(_there(folder) - {*told, *of_others})
    told |= {path: f"`{folder / path}` is not of the export" for path in added[:_NAMED]}
    if len(added) > _NAMED:
        told[""] = f"{len(added) - _NAMED} more files are not of the export"
    return {path: sentence for path, sentence in told.items() if sentence is not None}


def _there(folder: Path) -> set[str]:
    """All that is no folder, and links to folders, by their paths in `folder`."""
    found = set()
    for parent, folders, files in os.walk(folder):
        names = [*files, *(name for name in folders if (Path(parent) / name).is_symlink())]
        found |= {(Path(parent) / name).relative_to(folder).as_posix() for name in names}
    return found


def _link(folder: Path, path: str) -> str | None:
    """A sentence if a file, or a folder that it is in, is a link."""
    for part in (Path(path), *Path(path).parents):
        if part != Path() and (folder / part).is_symlink():
            return f"`{folder / part}` is a link, to `{(folder / part).readlink()}`"
    return None


def _reference(folder: Path, manifest: Manifest, wrong: dict[str, str]) -> tuple[tuple[Case, ...], str]:
    """What Keras drew at the export, and if that is not known why not."""
    if REFERENCE not in {file.path for file in manifest.files}:
        return (), f"the export keeps none of Keras's (its manifest is of schema {manifest.schema_version})"
    if REFERENCE in wrong:
        return (), f"{REFERENCE} is not what was exported"
    try:
        return load_reference(folder / REFERENCE), ""
    except ArtifactError as error:
        wrong[REFERENCE] = str(error)
        return (), f"{REFERENCE} cannot be read"


class _Runner:
    """Runs artifacts on the reference images; signatures of one file share its engine."""

    def __init__(self, folder: Path, manifest: Manifest, cases: tuple[Case, ...]) -> None:
        self.folder = folder
        self.manifest = manifest
        self.cases = cases
        self._engines: dict[str, Engine] = {}

    def check(self, entry: ArtifactEntry) -> Checked:
        """Compare one signature's images."""
        if entry.filename not in {file.path for file in entry.files}:
            return Checked(entry, problems=(f"`{entry.filename}` is none of its files",))
        try:
            if entry.filename not in self._engines:
                self._engines[entry.filename] = open_engine(self.folder / entry.filename)
        except ValueError as error:
            return Checked(entry, problems=(str(error),))
        engine = self._engines[entry.filename]
        engine = engine.signature(entry.signature) or engine
        problems = [
            *differences("inputs", entry.inputs, engine.inputs),
            *differences("output", entry.outputs, engine.outputs),
        ]
        if lacking := sorted({spec.name for spec in entry.inputs} - set(self.cases[0].inputs)):
            problems.append(f"{REFERENCE} has no {', '.join(lacking)}")
        if problems:
            return Checked(entry, problems=tuple(problems))
        rows = []
        for case in self._cases(engine):
            row = self._row(engine, entry, case)
            if isinstance(row, str):
                problems.append(f"{case}: {row}")
                continue
            rows.append(row)
            if not row.passed:
                problems.append(f"{case}: {failing(row)}")
        return Checked(entry, tuple(rows), tuple(problems))

    def _cases(self, engine: Engine) -> Iterator[Case]:
        """One image and all images of each size that the engine takes."""
        for case in self.cases:
            if engine.image_sizes is None or case.image_size in engine.image_sizes:
                for n in sorted({1, len(case.expected)}):
                    yield Case({name: array[:n] for name, array in case.inputs.items()}, case.expected[:n])

    def _row(self, engine: Engine, entry: ArtifactEntry, case: Case) -> Parity | str:
        given = case.called_by(entry, self.manifest.image_range)
        drawn = run(engine, given, entry.outputs[0])
        if isinstance(drawn, str):
            return drawn
        image_range = self.manifest.image_range if entry.dtype == "float32" else LEVELS
        tolerance = max((row.tolerance for row in entry.parity if row.tolerance is not None), default=0.0)
        least = min((row.min_psnr for row in entry.parity if row.min_psnr is not None), default=None)
        least = None if least is None else least - _FEWER
        return measure(drawn, given.expected, image_range, tolerance, case.image_size, min_psnr=least)


def _worst(entry: ArtifactEntry, rows: tuple[Parity, ...]) -> str:
    if not rows:
        return ""
    error = max(row.max_abs_error for row in rows)
    return f"{error:.1e}" if entry.dtype == "float32" else f"{error:.0f} of 255"
