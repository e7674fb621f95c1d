"""Reference of all fields as Markdown, for docs/api/config.md."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping
from typing import Any

from keras_gan.config.fields import Described, fields
from keras_gan.config.files import CONFIGS
from keras_gan.config.networks import available, options
from keras_gan.config.section import Section
from keras_gan.utils.registry import classes_of

HEAD = """# Config of a training

`keras-gan train CONFIG.yaml --output RUN` trains from a YAML file. `keras-gan presets dcgan > my.yaml` writes one to
start from. `--set path=value` changes single fields:

```console
$ keras-gan train --preset dcgan --set discriminator.filters=32 --set ema.momentum=0.999 --output run
```

`RUN/config.yaml` has all fields of a run. Training from it with the same seed gives the same images.
When a run resumes, only fields with a star may change.

`python -m keras_gan.config > docs/api/config.md` writes this page.
"""
ROOMS = {"losses": "Losses", "penalties": "Penalties", "augmentations": "Augmentations"}


def markdown() -> str:
    """Returns the page."""
    lines = [HEAD]
    by_kind = {name: {field.path: field for field in fields(kind)} for name, kind in CONFIGS.items()}
    shared = [
        path for path in by_kind["gan"] if all(of_one.get(path) == by_kind["gan"][path] for of_one in by_kind.values())
    ]
    lines += ["## All models", "", *_table(by_kind["gan"][path] for path in shared), ""]
    for name, of_one in by_kind.items():
        own = [field for path, field in of_one.items() if path not in shared and path != "model"]
        lines += [f"## `model: {name}`", "", *_table(own), ""]
    lines += ["## Options of the networks", "", "| network | part | options and defaults |", "|---|---|---|"]
    for network in [*available(True), *available(False)]:
        for part in ("generator", "discriminator"):
            known = {name: option.default for name, option in options(network, part).items()}
            lines.append(f"| `{network}` | `{part}` | {_defaults(known)} |")
    for room, title in ROOMS.items():
        lines += ["", f"## {title}", "", "| name | options and defaults |", "|---|---|"]
        lines += [f"| `{name}` | {_defaults(known)} |" for name, known in _registry(room).items()]
    return "\n".join(lines) + "\n"


def _table(described: Any) -> Iterator[str]:
    yield "| field | type and range | default | meaning |"
    yield "|---|---|---|---|"
    for field in described:
        star = " \\*" if field.resumable else ""
        yield f"| `{field.path}`{star} | {field.kind} | {_default(field)} | {field.description} |"


def _default(field: Described) -> str:
    if field.is_required:
        return "required"
    if isinstance(field.default, Section):
        return ""
    return f"`{_yaml(field.default)}`"


def _defaults(known: Mapping[str, Any]) -> str:
    return ", ".join(f"`{name}: {_yaml(default)}`" for name, default in known.items())


def _yaml(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _registry(room: str) -> dict[str, dict[str, Any]]:
    return {name: _arguments(part) for name, part in sorted(classes_of(room).items())}


def _arguments(part: Any) -> dict[str, Any]:
    parameters = inspect.signature(part).parameters.items()
    return {name: one.default for name, one in parameters if one.kind is not one.VAR_KEYWORD}
