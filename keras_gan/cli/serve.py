"""`keras-gan serve`."""

from __future__ import annotations

import gc
import logging
import os
import re
import sys
from collections.abc import Mapping
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any
from urllib.parse import quote

import typer
from rich.console import Console
from rich.markup import escape
from typer.core import TyperCommand

from keras_gan.cli.signing import SignCertificateOption, SignKeyOption
from keras_gan.cli.version import VersionOption
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    from keras_gan.serving.models.model_config import ModelConfig
    from keras_gan.serving.models.servable import Signer
    from keras_gan.serving.server import Server

EngineFormat = Enum("EngineFormat", {name: name for name in ("onnx", "tflite", "saved_model")}, type=str)  # type: ignore[misc]


# Flags of TensorFlow Serving that say how TensorFlow runs: whoever has them in a script need not take them out.
_WITHOUT_EFFECT = frozenset(
    {
        "--enable_per_model_batching_parameters",
        "--enable_profiler",
        "--enable_serialization_as_tensor_content",
        "--enable_signature_method_name_check",
        "--flush_filesystem_caches",
        "--mixed_precision",
        "--num_load_threads",
        "--num_tflite_interpreters_per_pool",
        "--num_tflite_pools",
        "--num_unload_threads",
        "--per_process_gpu_memory_fraction",
        "--remove_unused_fields_from_bundle_metagraph",
        "--skip_initialize_tpu",
        "--tensorflow_inter_op_parallelism",
        "--tensorflow_session_config_file",
        "--tensorflow_session_parallelism",
        "--thread_pool_factory_config_file",
        "--xla_cpu_compilation_enabled",
        "--xla_gpu_compilation_enabled",
    }
)


class FlagsOfTensorFlow(TyperCommand):
    """Flags as TensorFlow Serving's are written: `--rest_api_port=8501`, `--enable_batching=true`."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Bring them into click's form."""
        booleans = {name: option for option in self.params if getattr(option, "is_flag", False) for name in option.opts}
        known = {name for option in self.params for name in option.opts}
        without = [argument for argument in args if argument.partition("=")[0] in _WITHOUT_EFFECT]
        if without:
            note = f"They say how TensorFlow runs, and are without effect here: {' '.join(without)}"
            Console(stderr=True, soft_wrap=True).print(escape(note), highlight=False)
        args = [argument for argument in args if argument not in without]
        return super().parse_args(ctx, [self._rewritten(argument, booleans, known) for argument in args])

    def _rewritten(self, argument: str, booleans: Mapping[str, Any], known: set[str]) -> str:
        found = re.fullmatch(r"--?([A-Za-z][\w-]*)(=.*)?", argument, re.DOTALL)
        if found is None:
            return argument
        names = (f"--{found[1].replace('_', '-')}", f"--{found[1].replace('-', '_')}")
        name = next((name for name in names if name in known), None)
        if name is None:
            return argument
        value = (found[2] or "").removeprefix("=")
        if name in booleans and found[2] is not None:
            if value.lower() in ("true", "1"):
                return name
            if value.lower() in ("false", "0") and booleans[name].secondary_opts:
                return str(booleans[name].secondary_opts[0])
        return f"{name}{found[2] or ''}"


def serve(
    models: Annotated[
        Path | None,
        typer.Argument(help="A folder of exported models; each folder with versions in it is one.", metavar="[DIR]"),
    ] = None,
    model_name: Annotated[str, typer.Option("--model_name", help="What the one model is called.")] = "default",
    model_base_path: Annotated[
        Path | None, typer.Option("--model_base_path", help="The folder of the one model's versions.")
    ] = None,
    model_config_file: Annotated[
        Path | None, typer.Option("--model_config_file", help="A ModelServerConfig: models, versions, labels.")
    ] = None,
    model_config_file_poll_wait_seconds: Annotated[
        int, typer.Option("--model_config_file_poll_wait_seconds", help="Read it again so often; 0 for never.")
    ] = 0,
    file_system_poll_wait_seconds: Annotated[
        int,
        typer.Option("--file_system_poll_wait_seconds", help="Seconds between looks for versions; -1 for one look."),
    ] = 1,
    max_num_load_retries: Annotated[
        int, typer.Option("--max_num_load_retries", min=0, help="How often to load again what fails.")
    ] = 5,
    load_retry_interval_micros: Annotated[
        int, typer.Option("--load_retry_interval_micros", min=0, help="Microseconds between the tries.")
    ] = 60_000_000,
    enable_model_warmup: Annotated[
        bool,
        typer.Option("--enable_model_warmup/--noenable_model_warmup", help="Run a version before it is served."),
    ] = True,
    num_request_iterations_for_warmup: Annotated[
        int,
        typer.Option("--num_request_iterations_for_warmup", min=0, help="How often each warm-up request; 0 is once."),
    ] = 0,
    host: Annotated[str, typer.Option(help="The address to listen at; 0.0.0.0 is all.")] = "127.0.0.1",
    rest_api_port: Annotated[int, typer.Option("--rest_api_port", min=0, max=65535, help="0 for a free one.")] = 8501,
    port: Annotated[
        int, typer.Option("--port", min=-1, max=65535, help="For gRPC; 0 for a free one, -1 for none.")
    ] = 8500,
    grpc_socket_path: Annotated[
        Path | None, typer.Option("--grpc_socket_path", help="A Unix socket for gRPC, besides.")
    ] = None,
    rest_api_timeout_in_ms: Annotated[
        int, typer.Option("--rest_api_timeout_in_ms", min=1, help="Milliseconds for a request.")
    ] = 30_000,
    rest_api_num_threads: Annotated[
        int | None,
        typer.Option("--rest_api_num_threads", min=1, help="Requests at once at most.", show_default="4 a processor"),
    ] = None,
    grpc_max_threads: Annotated[
        int | None, typer.Option("--grpc_max_threads", min=1, help="Calls at once.", show_default="4 a processor")
    ] = None,
    grpc_channel_arguments: Annotated[
        str,
        typer.Option("--grpc_channel_arguments", help='More for gRPC: "grpc.max_concurrent_streams=100,...".'),
    ] = "",
    rest_api_enable_cors_support: Annotated[
        bool,
        typer.Option(
            "--rest_api_enable_cors_support/--norest_api_enable_cors_support", help="Let pages of other sites read."
        ),
    ] = False,
    enable_grpc_healthcheck_service: Annotated[
        bool,
        typer.Option(
            "--enable_grpc_healthcheck_service/--noenable_grpc_healthcheck_service", help="Answer grpc.health.v1."
        ),
    ] = False,
    enable_batching: Annotated[
        bool, typer.Option("--enable_batching/--noenable_batching", help="Put requests together to batches.")
    ] = False,
    batching_parameters_file: Annotated[
        Path | None, typer.Option("--batching_parameters_file", help="BatchingParameters: sizes and times.")
    ] = None,
    monitoring_config_file: Annotated[
        Path | None,
        typer.Option(
            "--monitoring_config_file",
            help="A MonitoringConfig: where Prometheus's figures are.",
            show_default="/monitoring/prometheus/metrics",
        ),
    ] = None,
    ssl_config_file: Annotated[
        Path | None, typer.Option("--ssl_config_file", help="An SSLConfig: key and certificate, for gRPC.")
    ] = None,
    rest_ssl_config_file: Annotated[
        Path | None, typer.Option("--rest_ssl_config_file", help="An SSLConfig for REST, which then is HTTPS.")
    ] = None,
    allow_version_labels_for_unavailable_models: Annotated[
        bool,
        typer.Option(
            "--allow_version_labels_for_unavailable_models/--noallow_version_labels_for_unavailable_models",
            help="Take labels for versions that are not loaded yet.",
        ),
    ] = False,
    prefer_tflite_model: Annotated[
        bool, typer.Option("--prefer_tflite_model/--noprefer_tflite_model", help="Run model.tflite where there is one.")
    ] = False,
    saved_model_tags: Annotated[
        str, typer.Option("--saved_model_tags", help="Those of the graph in a SavedModel, with commas between.")
    ] = "serve",
    tensorflow_intra_op_parallelism: Annotated[
        int,
        typer.Option("--tensorflow_intra_op_parallelism", min=0, help="Threads of one call; 0 for each processor one."),
    ] = 1,
    engine: Annotated[
        EngineFormat | None,
        typer.Option("--format", help="Run this format alone.", show_default="the first there, ONNX before TFLite"),
    ] = None,
    max_rows: Annotated[int, typer.Option(min=1, help="Rows at most in a request.")] = 1024,
    max_body_bytes: Annotated[int, typer.Option(min=1, help="Bytes at most of a request.")] = 32 * 2**20,
    queue: Annotated[int, typer.Option(min=0, help="Requests that may wait; more are answered 503.")] = 256,
    drain_seconds: Annotated[float, typer.Option(min=0.0, help="For requests to finish, at the end.")] = 30.0,
    token_file: Annotated[
        Path | None, typer.Option(help="A file with the bearer token that clients have to send.")
    ] = None,
    sign_key: SignKeyOption = None,
    sign_certificate: SignCertificateOption = None,
    access_log: Annotated[
        str | None, typer.Option(help='A file for a line of JSON for each answer; "-" shows them.')
    ] = None,
    _version: VersionOption = False,
) -> None:
    """Serve exported models on the REST and gRPC API of TensorFlow Serving, without TensorFlow.

    A browser shows them. New versions are taken up while serving. Flags with underscores are TensorFlow Serving's own.

    Examples:
      keras-gan serve exported

      keras-gan serve --model_name=digits --model_base_path=/models/digits --rest_api_port=8501

      keras-gan serve --model_config_file=models.config --enable_batching --batching_parameters_file=batching.config

      curl -d '{"signature_name": "generate", "inputs": {"seed": [7], "index": [0], "truncation": [1.0]}}'
      http://localhost:8501/v1/models/digits:predict
    """
    try:
        from keras_gan.artifacts.formats import FILES
        from keras_gan.serving.memory import give_back_what_is_freed
        from keras_gan.serving.models import config_files
        from keras_gan.serving.models.model_config import ModelConfig
        from keras_gan.serving.rest.app import RestOptions
        from keras_gan.serving.server import Options, Server
    except ModuleNotFoundError as error:
        raise ImportError(f"Serving needs {error.name}: {install_hint('serving')}") from error

    served: Path | list[ModelConfig]
    if [models is None, model_base_path is None, model_config_file is None].count(False) != 1:
        raise typer.BadParameter("Give one of DIR, --model_base_path and --model_config_file.")
    if models is not None:
        if not models.is_dir():
            raise FileNotFoundError(f"Expected a folder of exported models. Received: `{models}`, which is none")
        served = models
    elif model_base_path is not None:
        served = [ModelConfig(model_name, model_base_path)]
    else:
        assert model_config_file is not None
        served = config_files.model_configs(model_config_file)
    if batching_parameters_file is not None and not enable_batching:
        raise typer.BadParameter("--batching_parameters_file is for --enable_batching alone.")
    formats = tuple(FILES) if engine is None else (engine.value,)
    if prefer_tflite_model:
        formats = ("tflite", *(name for name in formats if name != "tflite"))
    threads = 4 * (os.cpu_count() or 1)
    options = Options(
        models=served,
        host=host,
        rest_port=rest_api_port,
        grpc_port=None if port < 0 else port,
        grpc_socket=grpc_socket_path,
        rest=RestOptions(
            timeout=rest_api_timeout_in_ms / 1e3,
            max_body_bytes=max_body_bytes,
            cors=rest_api_enable_cors_support,
            token=None if token_file is None else _token(token_file),
            metrics_path=config_files.metrics_path(monitoring_config_file),
        ),
        rest_tls=config_files.tls(rest_ssl_config_file),
        grpc_tls=config_files.tls(ssl_config_file),
        grpc_channel_arguments=_channel_arguments(grpc_channel_arguments),
        grpc_health=enable_grpc_healthcheck_service,
        access_log=access_log,
        threads=rest_api_num_threads or threads,
        grpc_threads=grpc_max_threads or threads,
        queue=queue,
        max_rows=max_rows,
        batching=config_files.batching_parameters(batching_parameters_file) if enable_batching else None,
        formats=formats,
        engine_threads=tensorflow_intra_op_parallelism or None,
        poll_seconds=file_system_poll_wait_seconds,
        retries=max_num_load_retries,
        retry_seconds=load_retry_interval_micros / 1e6,
        warm_up=max(1, num_request_iterations_for_warmup) if enable_model_warmup else 0,
        drain_seconds=drain_seconds,
        config_file=model_config_file,
        config_poll_seconds=model_config_file_poll_wait_seconds,
        early_labels=allow_version_labels_for_unavailable_models,
        signer=_signer(sign_key, sign_certificate),
        tags=tuple(saved_model_tags.split(",")),
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("keras_gan.serving").setLevel(logging.INFO)
    # It warns of each request that is no HTTP, whoever sends them.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    give_back_what_is_freed()
    Server(options).run(_started)


def _started(server: Server) -> None:
    # What is loaded by now stays, and need not be gone through whenever garbage is collected.
    gc.collect()
    gc.freeze()
    # What waits for Python's lock asks for it after so long; the usual 5 ms are seven small requests.
    sys.setswitchinterval(0.0005)
    console = Console(soft_wrap=True, highlight=False)
    scheme = "http" if server.options.rest_tls is None else "https"
    host = server.options.host
    address = f"{scheme}://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::', '::1') else host}:{server.rest_port}"
    for name in server.models.names():
        console.print(f"[bold]{escape(name)}[/]  {address}/v1/models/{quote(name, safe='')}", style=None)
    console.print(f"Look at them at [bold]{address}/[/]")
    if server.grpc_port is not None:
        console.print(f"gRPC at [bold]{host}:{server.grpc_port}[/]")
    if server.options.grpc_socket is not None:
        console.print(f"gRPC at [bold]unix:{server.options.grpc_socket}[/]")
    console.print("Ctrl+C ends.", style="dim")


def _channel_arguments(text: str) -> tuple[tuple[str, int | str], ...]:
    arguments: list[tuple[str, int | str]] = []
    for part in filter(None, text.split(",")):
        name, equals, value = part.partition("=")
        if not (name and equals):
            raise typer.BadParameter(f"--grpc_channel_arguments are written name=value. Received: {part}")
        arguments.append((name, int(value) if re.fullmatch(r"-?\d+", value) else value))
    return tuple(arguments)


def _signer(key: Path | None, certificate: Path | None) -> Signer | None:
    if (key is None) != (certificate is None):
        given = "--sign-certificate" if key is None else "--sign-key"
        raise typer.BadParameter(f"--sign-key and --sign-certificate go together. Received: {given} alone")
    if key is None or certificate is None:
        return None
    from keras_gan.credentials import ContentCredentials

    ContentCredentials(key, certificate, "model")  # what is wrong with them is said before any model is loaded
    return lambda name, version: ContentCredentials(key, certificate, name, str(version))


def _token(path: Path) -> str:
    token = path.read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[\x21-\x7e]{8,}", token):
        raise ValueError(f"A token must have 8 printable characters or more, and no spaces. Received: `{path}`")
    return token
