"""The command `keras-gan verify`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.models.exported import models_in, refuse_runs
from keras_gan.cli.models.generator import FormatOption
from keras_gan.cli.models.packaged import PACKAGED_HELP, resolve_packaged


def verify(
    directory: Annotated[
        Path,
        typer.Argument(
            help="Folder of an exported version, or of all versions: then the newest. " + PACKAGED_HELP,
            show_default=False,
            metavar="DIR",
            callback=resolve_packaged,
        ),
    ],
    format: FormatOption = None,
) -> None:
    """Check that an export is unchanged and still generates the images of Keras.

    It compares each file with its hash in the manifest, and runs each artifact on the reference inputs of the export.
    It needs neither the model nor its training code, and TensorFlow only for a SavedModel. If a file is changed,
    missing or added, or an image differs, it lists the problems and exits with code 1.

    Examples:
      keras-gan verify exported/digits

      keras-gan verify exported/digits/3 --format tflite
    """
    from keras_gan.artifacts.versions import numbers
    from keras_gan.export import verify as verify_export

    refuse_runs(directory, "verify", place="exported/NAME")
    if not directory.is_dir():
        what = "is a file" if directory.exists() else "does not exist"
        raise FileNotFoundError(f"Expected the folder of an exported model. Received: `{directory}`, which {what}")
    if not numbers(directory) and (models := models_in(directory)):
        raise FileNotFoundError(
            f"Expected the folder of one model. Received: `{directory}`. Choose one of its models: {models}"
        )
    console = Console(soft_wrap=True, highlight=False)
    with console.status("verifying") as status:
        found = verify_export(directory, format, progress=status.update)
    console.print(found.table())
    for note in found.notes:
        console.print(f"[yellow]Note:[/] {escape(note)}")
    for problem in found.problems:
        console.print(f"[red]Wrong:[/] {escape(problem)}")
    if not found.passed:
        raise typer.Exit(1)
    console.print(f"Verified: [bold]{escape(str(found.path))}[/]")
