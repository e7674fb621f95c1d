"""`--version`."""

from typing import Annotated

import typer

import keras_gan


def _tell(wanted: bool) -> None:
    if wanted:
        typer.echo(f"keras-gan {keras_gan.__version__}")
        raise typer.Exit


VersionOption = Annotated[bool, typer.Option("--version", help="Tell it, and end.", callback=_tell, is_eager=True)]
