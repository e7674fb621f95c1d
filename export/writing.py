"""Writing of one format, with a parity check and a fallback."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.export.formats.format import Format
from keras_gan.export.parity.check import ParityCheck
from keras_gan.export.sources.source import Source
from keras_gan.utils.quiet import CONVERSION, quiet


def write_and_check(
    form: Format,
    source: Source,
    folder: Path,
    parity: ParityCheck,
    report: Callable[[str], None],
    note: str | None = None,
) -> tuple[list[str], str | None]:
    """Writes one format and checks its parity. If that fails, it writes the format's fallback instead.

    The fallback has only the weights in 8 bits. R3GAN needs it: without normalisation, the size of its features differs
    between images and channels, and 8 bits with one range are too coarse.

    Args:
        form: The format.
        source: Model to write.
        folder: Folder to write to.
        parity: Parity check of the export.
        report: Function that is called with the next step.
        note: Sentence that says how the artifact differs from its precision. Defaults to None.

    Returns:
        A sentence for each problem, and the reason why the format cannot be written; None if it was written.
    """
    report(f"writing {form.name}")
    files, failure = _write(form, source, folder)
    if failure is not None:
        return [], failure
    report(f"checking {form.name}")
    problems = parity.check(form, files, note)
    if not problems or form.fallback is None:
        return problems, None
    for file in files:
        (folder / file.path).unlink()
    why = problems[0].removeprefix(f"{form.name}: ")
    note = f"only the weights are in 8 bits. With activations in 8 bits: {why}"
    return write_and_check(form.fallback, source, folder, parity, report, note)


def _write(form: Format, source: Source, folder: Path) -> tuple[tuple[FileEntry, ...], str | None]:
    """Writes one format; returns the added files, and the reason for a failure."""
    before = files_in(folder)
    try:
        with CONVERSION, quiet():
            form.write(source, folder)
    except OSError:
        raise
    except Exception as error:  # converters raise any class, and the problems of all formats are reported together
        return (), reason_of(error)
    return tuple(FileEntry.of(folder, file) for file in sorted(files_in(folder) - before)), None


def reason_of(error: Exception) -> str:
    """Returns the message of an error without names of graph nodes and without colours."""
    message = re.sub(r"\{\{.*?\}\} |\x1b\[\d*m", "", str(error)) or type(error).__name__
    if "Using a symbolic `tf.Tensor` as a Python `bool`" in message:
        return (
            "a layer must know the size of its images, and the generator's input does not fix it. Build the generator "
            f"for one size to export it for that size, with keras.Input((256, 256, 3)). {message.splitlines()[0]}"
        )
    return message


def files_in(folder: Path) -> set[Path]:
    """Returns all files in a folder and its subfolders."""
    return {path for path in folder.rglob("*") if path.is_file()}
