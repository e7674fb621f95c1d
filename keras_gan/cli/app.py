"""The command's frame: its subcommands, its errors and its exit codes."""

from __future__ import annotations

import errno
import logging
import os
import sys

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.datasets import datasets
from keras_gan.cli.deploy import deploy
from keras_gan.cli.evaluate import evaluate
from keras_gan.cli.export import export
from keras_gan.cli.presets import presets
from keras_gan.cli.report import report
from keras_gan.cli.sample import sample
from keras_gan.cli.serve import FlagsOfTensorFlow, serve
from keras_gan.cli.train import resume, train
from keras_gan.cli.translate import translate
from keras_gan.cli.verify import verify
from keras_gan.cli.version import VerboseOption, VersionOption
from keras_gan.cli.walk import walk

app = typer.Typer(
    name="keras-gan",
    help="Train a GAN, look at what it draws, export its generator and prove the export.\n\n"
    "Begin with: keras-gan train --preset dcgan --data digits --output run",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode="rich",
    pretty_exceptions_enable=False,
)


@app.callback()
def _options(verbose: VerboseOption = False, version: VersionOption = False) -> None:
    pass


for command in (train, resume, evaluate, report, sample, walk, translate, export, verify, deploy, datasets, presets):
    app.command()(command)
app.command(cls=FlagsOfTensorFlow)(serve)


def main() -> None:
    """Run the command. Exit codes: 0 done, 1 could not be done, 2 wrong usage, 130 interrupted."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    logging.getLogger("absl").setLevel(logging.ERROR)
    try:
        app()
    except (ValueError, OSError, ImportError, RuntimeError) as error:
        if os.environ.get("KERAS_GAN_TRACEBACK"):
            raise
        full = isinstance(error, OSError) and error.errno == errno.ENOSPC
        text = f"{error}. What was saved before is whole" if full else str(error)
        Console(stderr=True, soft_wrap=True).print(f"[bold red]Error:[/] {escape(text)}", highlight=False)
        sys.exit(1)
