"""The files that TensorFlow Serving's flags name, in protobuf's text format."""

from __future__ import annotations

import os
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf import text_format

from keras_gan.serving.models.model_config import ModelConfig, Policy
from keras_gan.serving.monitoring.metrics import PATH as METRICS_PATH
from keras_gan.serving.predict.batching import BatchingParameters
from keras_gan.serving.protos import messages_pb2 as messages


def _parse(path: str | os.PathLike[str], message: Any, name: str) -> Any:
    try:
        return text_format.Parse(Path(path).read_bytes(), message)
    except (text_format.ParseError, UnicodeDecodeError) as error:
        raise ValueError(f"Error parsing text-format tensorflow.serving.{name}: {path}: {error}") from error


def model_configs(path: str | os.PathLike[str]) -> list[ModelConfig]:
    """Read a `--model_config_file`.

    Args:
        path: A file with a ModelServerConfig.

    Returns:
        A `ModelConfig` for each model.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is no ModelServerConfig, or says what cannot be done.
    """
    return configs_of(_parse(path, messages.ModelServerConfig(), "ModelServerConfig"))


def configs_of(message: Any) -> list[ModelConfig]:
    """The models that a ModelServerConfig names.

    Raises:
        ValueError: If it has no list of models, one has no name, path or platform, a name comes twice, or a path is not
            absolute.
    """
    # A file that is being written is empty at first; an empty list, `model_config_list {}`, has to be meant.
    if not message.HasField("model_config_list"):
        raise ValueError(f"A ModelServerConfig must have a `model_config_list`. Received: {str(message)[:200]!r}")
    configs = [_config(config) for config in message.model_config_list.config]
    names = [config.name for config in configs]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise ValueError(f"Each model must have a name of its own. Received: {', '.join(twice)} more than once")
    return configs


def _config(message: Any) -> ModelConfig:
    for field in ("name", "base_path", "model_platform"):
        if not getattr(message, field):
            raise ValueError(f"Each model must have a `{field}`. Received: {text_format.MessageToString(message)!r}")
    if message.model_platform != "tensorflow":
        raise ValueError(f'`model_platform` must be "tensorflow". Received: {message.model_platform!r}')
    if not Path(message.base_path).is_absolute():
        raise ValueError(f"`base_path` must be absolute. Received: {message.base_path!r}, of {message.name}")
    policy = message.model_version_policy
    chosen = policy.WhichOneof("policy_choice")
    if chosen == "specific" and not policy.specific.versions:
        raise ValueError(f"`specific` must name a version at least. Received: none, of {message.name}")
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


def batching_parameters(path: str | os.PathLike[str] | None) -> BatchingParameters:
    """Read a `--batching_parameters_file`.

    Args:
        path: A file with BatchingParameters; `None` for TensorFlow Serving's defaults.

    Returns:
        The `BatchingParameters`; `num_batch_threads` is by default the number of processors.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is none, or says what cannot be done.
    """
    message = messages.BatchingParameters()
    if path is not None:
        _parse(path, message, "BatchingParameters")
    if message.pad_variable_length_inputs:
        raise ValueError("`pad_variable_length_inputs` must be false: padding would change a generator's images")
    given = {
        name: getattr(message, name).value
        for name in (
            "max_batch_size",
            "batch_timeout_micros",
            "max_enqueued_batches",
            "num_batch_threads",
            "enable_large_batch_splitting",
            "max_execution_batch_size",
        )
        if message.HasField(name)
    }
    given.setdefault("num_batch_threads", os.cpu_count() or 1)
    return BatchingParameters(**given, allowed_batch_sizes=tuple(message.allowed_batch_sizes))


def metrics_path(path: str | os.PathLike[str] | None) -> str | None:
    """Where a `--monitoring_config_file` has Prometheus's figures; `None` for nowhere.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is no MonitoringConfig, or the path does not begin with a slash.
    """
    if path is None:
        return METRICS_PATH
    config = _parse(path, messages.MonitoringConfig(), "MonitoringConfig").prometheus_config
    if config.path and not config.path.startswith("/"):
        raise ValueError(f'`path` must begin with "/". Received: {config.path!r}')
    return (config.path or METRICS_PATH) if config.enable else None


@dataclass(frozen=True)
class Tls:
    """What a server shows to its clients, and asks of them.

    Args:
        key: Its private key, PEM.
        certificate: Its certificate and those that vouch for it, PEM.
        client_ca: Whose certificates clients have to show, PEM. Defaults to none.
        client_verify: Whether they have to. Defaults to False.
    """

    key: bytes
    certificate: bytes
    client_ca: bytes = b""
    client_verify: bool = False

    def ssl_context(self) -> Any:
        """For HTTPS.

        Raises:
            ValueError: If key and certificate are none, or do not belong together.
        """
        import ssl

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        # Python reads them from a file alone; the folder is the user's own, and goes at once.
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "chain.pem"
            file.touch(mode=0o600)
            file.write_bytes(self.key + b"\n" + self.certificate)
            try:
                context.load_cert_chain(file)
                if self.client_ca:
                    context.load_verify_locations(cadata=self.client_ca.decode())
            except (ssl.SSLError, ValueError) as error:
                raise ValueError(f"The key and the certificates of the SSLConfig cannot be used: {error}") from error
        if self.client_verify:
            context.verify_mode = ssl.CERT_REQUIRED
        return context


def tls(path: str | os.PathLike[str] | None) -> Tls | None:
    """Read an `--ssl_config_file`, whose fields hold PEM text.

    Raises:
        OSError: If the file cannot be read.
        ValueError: If it is no SSLConfig, has no key or certificate, or those that it has cannot be used.
    """
    if path is None:
        return None
    config = _parse(path, messages.SSLConfig(), "SSLConfig")
    for field in ("server_key", "server_cert"):
        if not getattr(config, field):
            raise ValueError(f"`{field}` must be PEM text. Received: none, in {path}")
    if config.client_verify and not config.custom_ca:
        raise ValueError(f"`custom_ca` must be PEM text where `client_verify` is true. Received: none, in {path}")
    found = Tls(
        config.server_key.encode(), config.server_cert.encode(), config.custom_ca.encode(), config.client_verify
    )
    found.ssl_context()  # what gRPC says itself of a key that does not fit is that a port cannot be had
    return found
