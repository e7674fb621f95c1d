"""Comparison of configs when a training resumes."""

from __future__ import annotations

from typing import Any

from keras_gan.config.errors import ConfigError
from keras_gan.config.fields import fields
from keras_gan.config.training import TrainingConfig


def check_resume(before: TrainingConfig, now: TrainingConfig, command: str) -> None:
    """Checks that a config resumes the training of another.

    Args:
        before: Config that the run was started with.
        now: Config that was asked for.
        command: Command that resumes the run with its own config, for the message.

    Raises:
        ConfigError: If a field differs that may not change. The message has its values before and now.
    """
    free = {field.path for field in fields(type(now)) if field.resumable}
    a, b = flat(before.model_dump()), flat(now.model_dump())
    changed = [path for path in dict.fromkeys([*a, *b]) if path not in free and a.get(path) != b.get(path)]
    if changed:
        differences = ", ".join(f"{path} {b.get(path)} (was {a.get(path)})" for path in changed)
        raise ConfigError(f"A resumed run keeps its config: `{command}` uses it. Received: other {differences}")


def flat(data: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Returns nested mappings as one, with dotted names."""
    found: dict[str, Any] = {}
    for name, value in data.items():
        found |= flat(value, f"{prefix}{name}.") if isinstance(value, dict) else {f"{prefix}{name}": value}
    return found
