"""The `keras-gan` command: subcommands, errors and exit codes."""

from __future__ import annotations

import errno
import logging
import os
import sys

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.flag_names import with_flags
from keras_gan.cli.lazy_commands import LazyGroup
from keras_gan.cli.version import VerboseOption, VersionOption

app = typer.Typer(
    name="keras-gan",
    cls=LazyGroup,
    help="Train a GAN, look at its images, export its generator and verify the export.\n\n"
    "Start with: keras-gan train --preset dcgan --data digits --output run",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def _options(verbose: VerboseOption = False, version: VersionOption = False) -> None:
    pass


def main() -> None:
    """Runs the command. Exit codes: 0 success, 1 failure, 2 wrong usage, 130 interrupted."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("absl").setLevel(logging.ERROR)
    try:
        app()
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        if os.environ.get("KERAS_GAN_TRACEBACK"):
            raise
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        text = f"{error}. Files that were saved before are complete" if full else with_flags(str(error), sys.argv[1:])
        Console(stderr=True, soft_wrap=True).print(f"[bold red]Error:[/] {escape(text)}", highlight=False)
        sys.exit(1)
