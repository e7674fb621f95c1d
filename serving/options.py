"""Options of the server."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from keras_gan.artifacts.formats import FILES
from keras_gan.serving.models.model_config import ModelConfig
from keras_gan.serving.models.servable import Signer
from keras_gan.serving.tls import Tls


@dataclass(frozen=True)
class Options:
    """Options of the server. `keras-gan serve --help` describes the others.

    Args:
        models: Folder of models, or a `ModelConfig` for each model.
        rest_port: Port of REST. 0 stands for any free port.
        grpc_port: Port of gRPC, or None for no gRPC. 0 stands for any free port.
        max_body_bytes: Largest request, also after gzip is unpacked.
        max_bytes_in_flight: Largest sum of the bytes of unfinished REST requests, and of answers that clients have not
            read. Beyond it, the slowest client is disconnected.
        max_connections: Largest number of connections to REST and to gRPC each. None stands for as many as the limit of
            open files has room for.
        token: Token that clients must send as `Authorization: Bearer TOKEN`. None lets anyone in.
        threads: Number of requests that run at once, for REST and for gRPC each. 0 stands for the number of
            processors, at least 2. More threads only wait for Python's lock.
        onnx_providers: Execution providers of ONNX Runtime, the preferred one first. () stands for the CPU.
        engine_threads: Number of threads for one call of a model, or None for the choice of its runtime.
        poll_seconds: Seconds between two looks for new versions. Below 0, the disk is read once.
        warm_up: Number of times that each warm-up request runs before a version is served. 0 turns the warm-up off.
        signer: Function from a model's name and version to a function that signs a PNG file.
        config_file: ModelServerConfig that `models` comes from.
        config_poll_seconds: Seconds after which `config_file` is read again. 0 stands for never.
    """

    models: Path | Sequence[ModelConfig]
    host: str = "127.0.0.1"
    rest_port: int = 8501
    grpc_port: int | None = 8500
    timeout: float = 30.0
    max_body_bytes: int = 32 * 2**20
    max_bytes_in_flight: int = 256 * 2**20
    max_connections: int | None = None
    cors: bool = False
    token: str | None = None
    rest_tls: Tls | None = None
    grpc_tls: Tls | None = None
    access_log: str | None = None
    threads: int = 0
    queue: int = 256
    max_rows: int = 1024
    formats: tuple[str, ...] = tuple(FILES)
    onnx_providers: tuple[str, ...] = ()
    engine_threads: int | None = 1
    poll_seconds: float = 1.0
    warm_up: int = 1
    strict: bool = False
    allow_reload: bool = True
    drain_seconds: float = 30.0
    signer: Signer | None = None
    config_file: Path | None = None
    config_poll_seconds: float = 0.0

    def __post_init__(self) -> None:
        """Chooses the number of threads."""
        if not self.threads:
            object.__setattr__(self, "threads", max(2, os.cpu_count() or 1))
