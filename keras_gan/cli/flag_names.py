"""Names of Python arguments in messages, replaced by the options of the command that was called."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from keras_gan.cli.lazy_commands import COMMANDS, LazyCommands


def with_flags(text: str, arguments: Sequence[str]) -> str:
    """Returns a message with options such as `--image-size` in place of `image_size`.

    Args:
        text: Message of an error of the Python interface.
        arguments: Arguments of the command line, without the program's name.
    """
    name = next((argument for argument in arguments if argument in COMMANDS), None)
    return text if name is None else _replaced(text, flags_of(LazyCommands()[name]))


def flags_of(command: Any) -> dict[str, str]:
    """Returns the longest option of each parameter of a command, by the parameter's name."""
    found: dict[str, str] = {}
    for parameter in command.params:
        flags = [flag for flag in parameter.opts if flag.startswith("--")]
        if flags:
            flag = max(flags, key=len)
            found |= {str(parameter.name): flag, flag.removeprefix("--").replace("-", "_"): flag}
    return found


def _replaced(text: str, flags: Mapping[str, str]) -> str:
    def quoted(match: re.Match[str]) -> str:
        return flags.get(match[1], match[0])

    def given(match: re.Match[str]) -> str:
        flag, value = flags.get(match[1]), match[2]
        if flag is None:
            return match[0]
        return {"None": f"no {flag}", "True": flag, "False": f"no {flag}"}.get(value, f"{flag} {value}")

    text = re.sub(r"`([a-z_]+)`", quoted, text)
    value = r"(\([^()]*\)|\[[^\[\]]*\]|'[^']*'|\"[^\"]*\"|[^\s,;]+)"
    # Not in --set generator.halvings=5, nor in code such as fit(batch_size=8).
    return re.sub(rf"(?<![\w.(-])(?<!--set )([a-z_]+)={value}", given, text)
