"""`keras-gan serve`."""

from __future__ import annotations

import gc
import logging
import re
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

import typer
from rich.console import Console
from rich.markup import escape

from keras_gan.cli.models.exported import refuse_runs
from keras_gan.cli.models.packaged import PACKAGED_HELP, resolve_packaged
from keras_gan.cli.models.signing import SignCertificateOption, SignKeyOption, signer
from keras_gan.cli.tf_serving_flags import TfServingCommand  # noqa: F401, looked up by the command line
from keras_gan.cli.version import VersionOption
from keras_gan.utils.extras import install_hint

if TYPE_CHECKING:
    from keras_gan.serving.models.model_config import ModelConfig
    from keras_gan.serving.server import Server

EngineFormat = Enum("EngineFormat", {name: name for name in ("onnx", "tflite", "saved_model")}, type=str)  # type: ignore[misc]


def serve(
    models: Annotated[
        Path | None,
        typer.Argument(
            help="Folder of exported models: DIR/NAME/VERSION/. " + PACKAGED_HELP,
            metavar="DIR",
        ),
    ] = None,
    model_name: Annotated[str, typer.Option("--model_name", help="Name of a single model.")] = "default",
    model_base_path: Annotated[
        Path | None,
        typer.Option("--model_base_path", help="Folder of a single model's versions."),
    ] = None,
    model_config_file: Annotated[
        Path | None,
        typer.Option("--model_config_file", help="ModelServerConfig with models, versions and labels."),
    ] = None,
    config_poll_seconds: Annotated[
        int,
        typer.Option(
            "--model_config_file_poll_wait_seconds", help="Seconds between two reads of that file. 0 reads it once."
        ),
    ] = 0,
    poll_seconds: Annotated[
        int,
        typer.Option(
            "--file_system_poll_wait_seconds", help="Seconds between two looks for new versions. -1 looks once."
        ),
    ] = 1,
    warm_up: Annotated[
        int,
        typer.Option(
            "--num_request_iterations_for_warmup", min=0, help="Number of runs of each warm-up request. 0 stands for 1."
        ),
    ] = 0,
    engine: Annotated[
        EngineFormat | None,
        typer.Option("--format", help="Serve this format only.", show_default="the first found, ONNX before TFLite"),
    ] = None,
    engine_threads: Annotated[
        int,
        typer.Option(
            "--tensorflow_intra_op_parallelism",
            min=0,
            help="Number of threads for one call. 0 stands for the processors.",
        ),
    ] = 1,
    onnx_providers: Annotated[
        str,
        typer.Option("--onnx_providers", help='Providers of ONNX Runtime, such as "cuda,cpu". Defaults to the CPU.'),
    ] = "",
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Start, and be ready, only if all models load. Else one model is enough."),
    ] = False,
    host: Annotated[str, typer.Option(help="Address to listen at. 0.0.0.0 stands for all.")] = "127.0.0.1",
    rest_port: Annotated[
        int,
        typer.Option("--rest_api_port", min=0, max=65535, help="Port of REST. 0 stands for any free port."),
    ] = 8501,
    grpc_port: Annotated[
        int,
        typer.Option("--port", min=-1, max=65535, help="Port of gRPC. 0 stands for any free port, -1 turns gRPC off."),
    ] = 8500,
    cors: Annotated[
        bool,
        typer.Option(
            "--rest_api_enable_cors_support/--norest_api_enable_cors_support",
            help="Let pages of other sites read the answers.",
        ),
    ] = False,
    allow_reload: Annotated[
        bool,
        typer.Option(
            "--enable_reload_config/--noenable_reload_config",
            help="Let gRPC clients replace the models (HandleReloadConfigRequest).",
        ),
    ] = True,
    ssl_config_file: Annotated[
        Path | None,
        typer.Option("--ssl_config_file", help="SSLConfig with key and certificate of gRPC."),
    ] = None,
    rest_ssl_config_file: Annotated[
        Path | None,
        typer.Option("--rest_ssl_config_file", help="SSLConfig with key and certificate of REST, for HTTPS."),
    ] = None,
    token_file: Annotated[
        Path | None,
        typer.Option(help="File with the bearer token that clients must send."),
    ] = None,
    access_log: Annotated[
        str | None,
        typer.Option(help='File for a line of JSON for each answer. "-" prints them.'),
    ] = None,
    timeout_ms: Annotated[
        int,
        typer.Option("--rest_api_timeout_in_ms", min=1, help="Milliseconds until a request is answered 504."),
    ] = 30_000,
    max_rows: Annotated[int, typer.Option(min=1, help="Largest number of rows in a request.")] = 1024,
    max_body_bytes: Annotated[int, typer.Option(min=1, help="Largest size of a request.")] = 32 * 2**20,
    max_bytes_in_flight: Annotated[
        int, typer.Option(min=1, help="Largest sum of unfinished requests and of unread answers.")
    ] = 256 * 2**20,
    max_connections: Annotated[
        int | None,
        typer.Option(
            min=1,
            help="Connections to REST and to gRPC each. Beyond it, REST closes the one that idles for longest.",
            show_default="what the limit of open files allows, at most 1000",
        ),
    ] = None,
    queue: Annotated[int, typer.Option(min=0, help="Number of requests that may wait. More are answered 503.")] = 256,
    drain_seconds: Annotated[
        float, typer.Option(min=0.0, help="Seconds to finish running requests after SIGTERM.")
    ] = 30.0,
    sign_key: SignKeyOption = None,
    sign_certificate: SignCertificateOption = None,
    _version: VersionOption = False,
) -> None:
    """Serve exported models on TensorFlow Serving's REST and gRPC API, without TensorFlow.

    Open the printed address in a browser to see the models. New versions are loaded while the server runs. Flags with
    underscores are TensorFlow Serving's. Its other flags are accepted and have no effect.

    Examples:

    \b
      keras-gan serve exported
      keras-gan serve digits
      keras-gan serve --model_name=digits --model_base_path=/models/digits
      curl -d '{"instances": [{"seed": 7, "index": 0, "truncation": 1}],
        "signature_name": "generate"}' localhost:8501/v1/models/digits:predict
    """  # noqa: D301, D412
    try:
        from keras_gan.artifacts.formats import FILES
        from keras_gan.serving.memory import return_freed_memory
        from keras_gan.serving.models.providers import find_providers
        from keras_gan.serving.options import Options
        from keras_gan.serving.server import Server
        from keras_gan.serving.tls import read_tls
    except ModuleNotFoundError as error:
        raise ImportError(f"Serving needs {error.name}: {install_hint('serving')}") from error

    options = Options(
        models=_models(models, model_name, model_base_path, model_config_file),
        host=host,
        rest_port=rest_port,
        grpc_port=None if grpc_port < 0 else grpc_port,
        timeout=timeout_ms / 1e3,
        max_body_bytes=max_body_bytes,
        cors=cors,
        token=None if token_file is None else _read_token(token_file),
        rest_tls=read_tls(rest_ssl_config_file),
        grpc_tls=read_tls(ssl_config_file),
        access_log=access_log,
        max_bytes_in_flight=max_bytes_in_flight,
        max_connections=max_connections,
        queue=queue,
        max_rows=max_rows,
        formats=tuple(FILES) if engine is None else (engine.value,),
        onnx_providers=find_providers(onnx_providers) if onnx_providers else (),
        engine_threads=engine_threads or None,
        strict=strict,
        allow_reload=allow_reload,
        poll_seconds=poll_seconds,
        warm_up=max(1, warm_up),
        drain_seconds=drain_seconds,
        config_file=model_config_file,
        config_poll_seconds=config_poll_seconds,
        signer=signer(sign_key, sign_certificate),
    )
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(message)s")
    logging.getLogger("keras_gan.serving").setLevel(logging.INFO)
    # Uvicorn warns about each request that is not HTTP, which anyone can send.
    logging.getLogger("uvicorn.error").setLevel(logging.ERROR)
    return_freed_memory()
    Server(options).run(_on_start)


def _models(
    folder: Path | None, name: str, base_path: Path | None, config_file: Path | None
) -> Path | list[ModelConfig]:
    from keras_gan.serving.models.config_file import read_model_configs
    from keras_gan.serving.models.model_config import ModelConfig

    if [folder is None, base_path is None, config_file is None].count(False) != 1:
        raise typer.BadParameter("Give one of DIR, --model_base_path and --model_config_file.")
    for given in (folder, base_path):
        if given is not None:
            refuse_runs(given, "serve")
    if config_file is not None:
        return read_model_configs(config_file)
    if base_path is not None:
        return [ModelConfig(name, base_path)]
    assert folder is not None
    packaged = resolve_packaged(folder)
    if packaged is not None and packaged != folder:
        return [ModelConfig(folder.name, packaged)]
    if not folder.is_dir():
        raise FileNotFoundError(f"Expected a folder of exported models. Received: `{folder}`, which is not a folder")
    return folder


def _on_start(server: Server) -> None:
    # What is loaded now stays. The garbage collector need not look at it again.
    gc.collect()
    gc.freeze()
    console = Console(soft_wrap=True, highlight=False)
    scheme = "http" if server.options.rest_tls is None else "https"
    host = server.options.host
    address = f"{scheme}://{'localhost' if host in ('127.0.0.1', '0.0.0.0', '::', '::1') else host}:{server.rest_port}"
    for name in server.models.names():
        console.print(f"[bold]{escape(name)}[/]  {address}/v1/models/{quote(name, safe='')}", style=None)
    console.print(f"Look at them at [bold]{address}/[/]")
    if server.grpc_port is not None:
        console.print(f"gRPC at [bold]{host}:{server.grpc_port}[/]")
    console.print("Press Ctrl+C to stop.", style="dim")


def _read_token(path: Path) -> str:
    token = path.read_text(encoding="utf-8").strip()
    if not re.fullmatch(r"[\x21-\x7e]{8,}", token):
        raise ValueError(f"A token must have at least 8 printable characters and no spaces. Received: that of `{path}`")
    return token
