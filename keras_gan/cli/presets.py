"""`keras-gan presets`."""

from __future__ import annotations

from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from keras_gan import config as configs
from keras_gan.presets import catalogue


def presets(
    name: Annotated[
        str | None, typer.Argument(help="Preset to print as a config file.", show_default="lists all presets")
    ] = None,
) -> None:
    """List the presets, or print one as YAML.

    A preset has the networks, the loss and the settings of a paper. To change
    one, save its YAML, edit it, and train with `keras-gan train my.yaml`. Before
    the YAML are the time and the metric of a measured training, or "not
    measured". What the paper states is named as such.

    Examples:
      keras-gan presets

      keras-gan presets dcgan > my.yaml
    """
    if name is not None:
        preset = catalogue.get(name)
        typer.echo("\n".join(f"# {line}" for line in preset.lines()))
        typer.echo(configs.dump(preset.config), nl=False)
        return
    table = Table("preset", "summary", "arXiv")
    for key, preset in catalogue.PRESETS.items():
        table.add_row(key, preset.summary, preset.reference.rpartition("/")[2])
    Console().print(table)
