"""Reads a `--model_config_file`: models, their versions and labels."""

from __future__ import annotations

import os
from pathlib import Path

from keras_gan.serving import text_proto
from keras_gan.serving.models.model_config import ModelConfig, Policy
from keras_gan.serving.protos import messages


def read_model_configs(path: str | os.PathLike[str]) -> list[ModelConfig]:
    """Reads a file with a ModelServerConfig.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it holds something else, or a configuration that is not supported.
    """
    return model_configs(text_proto.read(path, messages.ModelServerConfig()))


def model_configs(message: messages.ModelServerConfig) -> list[ModelConfig]:
    """Returns the models of a ModelServerConfig.

    Raises:
        ValueError: If it has no list of models, a model has no name, absolute path or platform, or two models have the
            same name.
    """
    # A file that is being written is empty at first. An empty list, `model_config_list {}`, is on purpose.
    if not message.HasField("model_config_list"):
        raise ValueError(f"A ModelServerConfig must have a `model_config_list`. Received: {str(message)[:200]!r}")
    configs = [_model_config(config) for config in message.model_config_list.config]
    names = [config.name for config in configs]
    repeated = sorted({name for name in names if names.count(name) > 1})
    if repeated:
        raise ValueError(f"Each model must have a different name. Received: {', '.join(repeated)} more than once")
    return configs


def _model_config(message: messages.ModelConfig) -> ModelConfig:
    for field in ("name", "base_path", "model_platform"):
        if not getattr(message, field):
            raise ValueError(f"Each model must have a `{field}`. Received: {str(message)!r}")
    if message.model_platform != "tensorflow":
        raise ValueError(f'`model_platform` must be "tensorflow". Received: {message.model_platform!r}')
    if not Path(message.base_path).is_absolute():
        raise ValueError(f"`base_path` must be absolute. Received: {message.base_path!r} for {message.name}")
    policy = message.model_version_policy
    chosen = policy.WhichOneof("policy_choice")
    if chosen == "specific" and not policy.specific.versions:
        raise ValueError(f"`specific` must name at least one version. Received: none for {message.name}")
    return ModelConfig(
        message.name,
        Path(message.base_path),
        Policy(
            latest=(policy.latest.num_versions or 1) if chosen == "latest" else 1,
            specific=tuple(policy.specific.versions),
            all=chosen == "all",
        ),
        dict(message.version_labels),
    )
