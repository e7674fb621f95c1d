"""Flags of the command line that set fields of a config."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand

from keras_gan import config as configs
from keras_gan import pretrained
from keras_gan.config import CycleGANConfig, GANConfig, TrainingConfig
from keras_gan.config.fields import fields
from keras_gan.config.files import CONFIGS, paths
from keras_gan.config.gan import ImageData
from keras_gan.config.suggestions import nearest
from keras_gan.presets import catalogue

UsageError: Any = typer.BadParameter.__mro__[1]  # of the click package that this version of Typer uses
START, DATA, TRAINING, RUN = "Config", "Data", "Training", "Run"
DEFAULT = "dcgan"
# Fields that a flag sets.
FLAGS: Mapping[str, tuple[str, ...]] = {
    "data": ("data.name",),
    "x": ("data.x",),
    "y": ("data.y",),
    "labels": ("data.labels",),
    "image_size": ("data.image_size",),
    "channels": ("data.channels",),
    "value_range": ("data.value_range",),
    "limit": ("data.limit",),
    "init": ("init",),
    "freeze_d": ("freeze_d",),
    "epochs": ("epochs",),
    "batch_size": ("batch_size",),
    "learning_rate": ("d_optimizer.learning_rate", "g_optimizer.learning_rate"),
    "seed": ("seed",),
    "deterministic": ("deterministic",),
}
_DESCRIPTIONS = {field.path: field.description for kind in (CycleGANConfig, GANConfig) for field in fields(kind)}


def field_option(
    path: str, panel: str | None, default: str | bool = "the preset's", *names: str, metavar: str | None = None
) -> Any:
    """Returns the Typer option of a field, with the field's description as help.

    Args:
        path: Dotted name of the field.
        panel: Title of the group in the help.
        default: Default in the help, or `False` for none. Defaults to "the preset's".
        *names: Names of the flag. Defaults to the name of the argument.
        metavar: Value in the help. Defaults to `None`, its type.
    """
    return typer.Option(*names, help=_DESCRIPTIONS[path], show_default=default, rich_help_panel=panel, metavar=metavar)


def starting_config(file: Path | None, preset: str | None, init: str | None = None) -> TrainingConfig:
    """Returns the config of a file, of a preset, or of the trained GAN that `--init` names.

    Args:
        file: YAML file, or `None`.
        preset: Name of a preset, or `None`.
        init: Trained GAN. Its config is used if the others are `None`. Defaults to `None`.

    Raises:
        ValueError: If both a file and a preset are given, or there is no such preset.
    """
    if file is not None and preset is not None:
        raise ValueError(f"Give a config file or --preset, not both. Received: {file} and --preset {preset}")
    if file is not None:
        return configs.load(file)
    found = None if init is None or preset is not None else _config_of(init)
    return catalogue.get(preset or DEFAULT).config if found is None else _for_other_images(found)


def _config_of(init: str) -> TrainingConfig | None:
    """Returns the config of a trained GAN, or `None` if it has none, such as a `.keras` file."""
    folder = pretrained.find(init) or Path(init).expanduser()
    return configs.load(folder / pretrained.CONFIG) if (folder / pretrained.CONFIG).is_file() else None


def _for_other_images(config: TrainingConfig) -> TrainingConfig:
    """Returns a config without what belongs to its own images, except their size, so that all layers fit."""
    if not isinstance(config, GANConfig):
        return config
    size = {name: getattr(config.data, name) for name in ("image_size", "channels")}
    return config.model_copy(update={"data": ImageData(**size), "init": None, "freeze_d": 0})


def changes_of(config: TrainingConfig, flags: Mapping[str, Any], overrides: Iterable[str]) -> dict[str, Any]:
    """Returns values by dotted path, those of `--set` last.

    Args:
        config: Config that they change.
        flags: Values by name of the flag. `None` for flags that were not given.
        overrides: Values of `--set`.

    Raises:
        ValueError: If a flag sets a field that this kind of model does not have.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    known = paths(type(config))
    foreign = [f"--{name.replace('_', '-')}" for name in given if not set(FLAGS[name]) <= set(known)]
    if foreign:
        expected = "translates images: expected --x and --y" if config.translates else "is a GAN: expected --data"
        raise ValueError(f"{config.name} {expected}. Received: {', '.join(foreign)}")
    changes = {path: value for name, value in given.items() for path in FLAGS[name]}
    return changes | dict(configs.parse_override(text) for text in overrides)


class ConfigCommand(TyperCommand):
    """Command that answers an unknown flag with the `--set` that has its meaning."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Parses the arguments, see `parse_args` of click's `Command`."""
        try:
            return super().parse_args(ctx, args)
        except UsageError as error:
            name = getattr(error, "option_name", "").lstrip("-").replace("-", "_")
            if type(error).__name__ != "NoSuchOption":
                raise
            known = dict.fromkeys(
                path for kind in CONFIGS.values() for path in paths(kind, kind.model_fields["network"].default)
            )
            found = nearest(name, known)
            if found and not error.possibilities:
                error.message += f". Use {' or '.join(f'--set {path}=VALUE' for path in found)}"
            raise
