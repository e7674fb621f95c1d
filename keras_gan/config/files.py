"""Configs as YAML files."""

from __future__ import annotations

import os
import re
import textwrap
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pydantic
import yaml

from keras_gan.config.cyclegan import CycleGANConfig
from keras_gan.config.errors import ConfigError
from keras_gan.config.fields import fields, kind_of
from keras_gan.config.gan import GANConfig
from keras_gan.config.networks import options
from keras_gan.config.pix2pix import Pix2PixConfig
from keras_gan.config.section import Section
from keras_gan.config.training import TrainingConfig
from keras_gan.utils.files import atomic_path

CONFIGS: dict[str, type[TrainingConfig]] = {"gan": GANConfig, "cyclegan": CycleGANConfig, "pix2pix": Pix2PixConfig}
WIDTH = 100


class _Loader(yaml.SafeLoader):
    """YAML loader that reads 2e-4 as a number, which YAML 1.1 takes for text."""


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:float", re.compile(r"^[-+]?(?:\d+\.?\d*|\.\d+)[eE][-+]?\d+$"), list("-+.0123456789")
)


def parse_yaml(text: str) -> Any:
    """Returns the value of a YAML text.

    Raises:
        ValueError: If it is not YAML.
    """
    try:
        return yaml.load(text, _Loader)
    except yaml.YAMLError as error:
        raise ValueError(f"Expected YAML. Received: {text!r} ({' '.join(str(error).split())})") from error


def paths(config: type[TrainingConfig], network: str | None = None) -> list[str]:
    """Returns the dotted names of all fields, with the options of a network.

    Args:
        config: Class of the config.
        network: Name of a module of `keras_gan.networks`. Defaults to `None`, no options of networks.
    """
    found = [field.path for field in fields(config)]
    for part in ("generator", "discriminator") if network is not None else ():
        found += [f"{part}.{name}" for name in options(str(network), part)]
    return found


def from_dict(data: Any) -> TrainingConfig:
    """Returns the config that plain data describe.

    Args:
        data: Mapping with the field `model`, as `config.model_dump()` returns it.

    Raises:
        ConfigError: If a field is unknown or a value is wrong.

    Example:
    ```python
    config = keras_gan.config.from_dict({"model": "gan", "network": "dcgan", "epochs": 6})
    ```
    """
    if not isinstance(data, Mapping):
        raise ConfigError(f"A config must be a mapping of fields. Received: {data!r}")
    if data.get("model") not in CONFIGS:
        raise ConfigError(f"model must be one of {', '.join(CONFIGS)}. Received: {data.get('model')!r}")
    kind = CONFIGS[data["model"]]
    try:
        return kind.model_validate(dict(data))
    except pydantic.ValidationError as error:
        network = data.get("network", kind.model_fields["network"].default)
        raise ConfigError.of(error, paths(kind, network)) from error


def load(path: str | os.PathLike[str]) -> TrainingConfig:
    """Reads a config.

    Args:
        path: YAML file.

    Raises:
        ConfigError: If the file is not a config.

    Example:
    ```python
    config = keras_gan.config.load("run/config.yaml")
    ```
    """
    try:
        return from_dict(parse_yaml(Path(path).read_text(encoding="utf-8")))
    except ValueError as error:
        raise ConfigError(f"{path}: {error}") from error


def save(config: TrainingConfig, path: str | os.PathLike[str]) -> None:
    """Writes a config, so that a reader never sees half of it.

    Args:
        config: Config of a training.
        path: YAML file to write.
    """
    with atomic_path(path) as temporary:
        temporary.write_text(dump(config, comments=False), encoding="utf-8")


def dump(config: TrainingConfig, comments: bool = True) -> str:
    """Returns a config as YAML.

    Args:
        config: Config of a training.
        comments: Write the description of each field above it. Defaults to `True`.
    """
    return "\n".join(_lines(config, config, comments)) + "\n"


def _lines(config: TrainingConfig, section: Section, comments: bool) -> list[str]:
    found = []
    for name, field in type(section).model_fields.items():
        value = getattr(section, name)
        if comments:
            text = f"{field.description} ({kind_of(field)})"
            if section is config and name in ("generator", "discriminator"):
                defaults = (f"{key}={_flow(one.default)}" for key, one in options(config.network, name).items())
                text += f" Options and defaults: {', '.join(defaults)}."
            found += textwrap.wrap(text, WIDTH, initial_indent="# ", subsequent_indent="# ")
        if isinstance(value, Section):
            found += [f"{name}:", *(f"  {line}" for line in _lines(config, value, comments))]
        else:
            found.append(f"{name}: {_flow(value)}")
    return found + [f"{name}: {_flow(value)}" for name, value in (section.model_extra or {}).items()]


def _flow(value: Any) -> str:
    text = yaml.safe_dump(value, default_flow_style=True, sort_keys=False, allow_unicode=True, width=10**9)
    return text.removesuffix("\n").removesuffix("\n...").strip()
