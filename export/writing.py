"""One format of an export: written, proved, and written anew where 8 bits spoil its images."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.export.formats.format import Format
from keras_gan.export.parity.proof import Proof
from keras_gan.export.sources.source import Source
from keras_gan.utils.quiet import CONVERSION, quiet


def write_and_check(
    form: Format, source: Source, folder: Path, proof: Proof, say: Callable[[str], None], note: str | None = None
) -> tuple[list[str], str | None]:
    """Write one format, and prove it; where that fails, its fallback in its place.

    One rule for all that is in 8 bits, that of the proof: what `min_psnr` and `max_kid` refuse has its weights alone
    in 8 bits. Without normalisation features have no size of their own: R3GAN's differ by the image and by the channel
    so much that 8 bits of one range leave too little of them.

    Args:
        form: The format.
        source: What to write.
        folder: Where to.
        proof: What checks it, and keeps what it finds.
        say: Called with what is about to be done.
        note: As in `ArtifactEntry`. Defaults to None.

    Returns:
        A sentence for each thing that is wrong with it; and why it could not be written, `None` if it could.
    """
    say(f"writing {form.name}")
    files, failure = _write(form, source, folder)
    if failure is not None:
        return [], failure
    say(f"checking {form.name}")
    problems = proof.check(form, files, note)
    if not problems or form.fallback is None:
        return problems, None
    for file in files:
        (folder / file.path).unlink()
    why = problems[0].removeprefix(f"{form.name}: ")
    note = f"the weights alone are in 8 bits. With more of it in 8 bits: {why}"
    return write_and_check(form.fallback, source, folder, proof, say, note)


def _write(form: Format, source: Source, folder: Path) -> tuple[tuple[FileEntry, ...], str | None]:
    """Write one format; the files that it added, and why it could not be written."""
    before = files_in(folder)
    try:
        with CONVERSION, quiet():
            form.write(source, folder)
    except OSError:
        raise
    except Exception as error:  # converters raise whatever they please, and all of it should be told at once
        return (), reason(error)
    return tuple(FileEntry.of(folder, file) for file in sorted(files_in(folder) - before)), None


def reason(error: Exception) -> str:
    """What an error says, without the name of a node that is nobody's, and without colours."""
    told = re.sub(r"\{\{.*?\}\} |\x1b\[\d*m", "", str(error)) or type(error).__name__
    if "Using a symbolic `tf.Tensor` as a Python `bool`" in told:
        return (
            "a layer must know the size of its images, and the generator's input leaves it open. Build the generator "
            f"for one size to export it for that one, with keras.Input((256, 256, 3)). {told.splitlines()[0]}"
        )
    return told


def files_in(folder: Path) -> set[Path]:
    """All files in a folder and below it."""
    return {path for path in folder.rglob("*") if path.is_file()}
