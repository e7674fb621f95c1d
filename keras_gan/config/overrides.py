"""Changes to single fields of a config, as `--set path=value` gives them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from keras_gan.config.files import from_dict, parse_yaml
from keras_gan.config.training import TrainingConfig


def parse_override(text: str) -> tuple[str, Any]:
    """Returns the path and the value of an override.

    Args:
        text: `path=value`, such as `discriminator.filters=32`. The value is YAML.

    Raises:
        ValueError: If it has no path, or the value is not YAML.

    Example:
    ```python
    parse_override("d_optimizer.learning_rate=1e-4")  # ("d_optimizer.learning_rate", 0.0001)
    ```
    """
    path, equals, value = text.partition("=")
    if not equals or not all(path.split(".")):
        raise ValueError(f"--set must be path=value, such as discriminator.filters=32. Received: {text}")
    return path.strip(), parse_yaml(value)


def with_changes(config: TrainingConfig, changes: Mapping[str, Any]) -> TrainingConfig:
    """Returns a config with some fields changed.

    Args:
        config: Config to start from.
        changes: Values by dotted path. Later ones come after earlier ones.

    Raises:
        ConfigError: If a field is unknown or a value is wrong.

    Example:
    ```python
    config = with_changes(keras_gan.presets.PRESETS["dcgan"].config, {"discriminator.filters": 32})
    ```
    """
    data = config.model_dump()
    for path, value in changes.items():
        *parents, last = path.split(".")
        group = data
        for parent in parents:
            inner = group.get(parent)
            if not isinstance(inner, dict):
                inner = {"name": inner} if isinstance(inner, str) else {}
                group[parent] = inner
            group = inner
        group[last] = value
    return from_dict(data)
