"""The server: models from disk, REST and gRPC over one predictor, and an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
import os
import signal
import socket
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import uvicorn

from keras_gan.artifacts.formats import FILES
from keras_gan.serving.errors import ServingError
from keras_gan.serving.grpc.service import GrpcOptions, GrpcService
from keras_gan.serving.models.config_files import Tls, model_configs
from keras_gan.serving.models.model_config import ModelConfig
from keras_gan.serving.models.models import Models
from keras_gan.serving.models.servable import Signer, load
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.batching import Batcher, BatchingParameters
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.rest.app import Rest, RestOptions
from keras_gan.serving.rest.http_protocol import PatientProtocol
from keras_gan.serving.rest.workers import Workers

logger = logging.getLogger("keras_gan.serving")
# Seconds for the last answers to be sent.
_FAREWELL = 1.0
# A client that takes nothing of its answer for so long is cut off, as what it does not read stays in memory.
MOST_READ_SECONDS = 30.0


@dataclass(frozen=True)
class Options:
    """What a server does.

    Args:
        models: What is served: a folder of models, or `ModelConfig`s.
        host: Where it listens. Defaults to "127.0.0.1", this machine alone.
        rest_port: For REST; 0 for any that is free. Defaults to 8501.
        grpc_port: For gRPC, likewise; `None` for none. Defaults to 8500.
        grpc_socket: A Unix socket for gRPC, besides. Defaults to None.
        rest: How REST answers. Defaults to `RestOptions()`.
        rest_tls: Key and certificate of REST, which then is HTTPS. Defaults to None.
        grpc_tls: The same for gRPC. Defaults to None.
        grpc_health: Whether gRPC answers grpc.health.v1. Defaults to False.
        grpc_channel_arguments: What gRPC is told besides. Defaults to none.
        access_log: A file for a line of JSON for each answer, "-" for the standard output. Defaults to None, no log.
        threads: REST requests that are worked on at once at most, usually one for each processor. Defaults to 4 for
            each.
        grpc_threads: gRPC calls, likewise. Defaults to 4 for each processor.
        queue: Requests that may wait beside; more are answered 503. Defaults to 256.
        max_rows: Rows at most in a request. Defaults to 1024.
        batching: How requests are put together. Defaults to None, each is run alone.
        formats: Those to look for in a version folder, the preferred first. Defaults to
            those of float32, ONNX first, then those of lower precision.
        engine_threads: For one call of a model. Defaults to 1, as requests run beside each other.
        poll_seconds: Between looks for new versions; below 0 for none but the first. Defaults to 1.0.
        retries: How often a version that fails is loaded again. Defaults to 5.
        retry_seconds: Between the tries. Defaults to 60.0.
        warm_up: How often the requests of `assets.extra/tf_serving_warmup_requests`, or else one row of zeros, are run
            before a version is served; 0 for never. Defaults to 1.
        drain_seconds: What requests have to finish when the server is told to end; what is not done by then is answered
            503. Defaults to 30.0.
        signer: Given a model's name and version, what is done to each of its PNG files. Defaults to None.
        tags: Those of the graph in a SavedModel. Defaults to ("serve",).
        config_file: The ModelServerConfig that `models` are from, to be read again. Defaults to None.
        config_poll_seconds: How often that is; 0 for never. Defaults to 0.0.
        early_labels: Whether labels may be of versions that are not loaded. Defaults to False.
    """

    models: Path | Sequence[ModelConfig]
    host: str = "127.0.0.1"
    rest_port: int = 8501
    grpc_port: int | None = 8500
    grpc_socket: Path | None = None
    rest: RestOptions = field(default_factory=RestOptions)
    rest_tls: Tls | None = None
    grpc_tls: Tls | None = None
    grpc_health: bool = False
    grpc_channel_arguments: tuple[tuple[str, int | str], ...] = ()
    access_log: str | None = None
    threads: int = 4 * (os.cpu_count() or 1)
    grpc_threads: int = 4 * (os.cpu_count() or 1)
    queue: int = 256
    max_rows: int = 1024
    batching: BatchingParameters | None = None
    formats: tuple[str, ...] = tuple(FILES)
    engine_threads: int | None = 1
    poll_seconds: float = 1.0
    retries: int = 5
    retry_seconds: float = 60.0
    warm_up: int = 1
    drain_seconds: float = 30.0
    signer: Signer | None = None
    tags: tuple[str, ...] = ("serve",)
    config_file: Path | None = None
    config_poll_seconds: float = 0.0
    early_labels: bool = False


class Server:
    """A server, made of the parts that `options` ask for.

    Args:
        options: What it does.

    Attributes:
        rest_port: The port that REST is answered on, once `run` has begun.
        grpc_port: That of gRPC; `None` if there is none.

    Example:
    ```python
    Server(Options(Path("exported"))).run()
    ```
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        self.metrics = Metrics()
        self.models = Models(
            options.models,
            partial(
                load, formats=options.formats, threads=options.engine_threads, signer=options.signer, tags=options.tags
            ),
            options.poll_seconds,
            options.retries,
            options.retry_seconds,
            options.warm_up,
            self.metrics.warmed,
            options.early_labels,
        )
        self.batcher = None if options.batching is None else Batcher(options.batching, self.metrics.queued)
        self.predictor = Predictor(self.metrics, self.batcher, options.max_rows)
        # What waits for a batch to fill keeps its thread meanwhile.
        usual = None if self.batcher is None else options.threads
        self.workers = Workers(options.threads, options.queue, usual)
        log = None if options.access_log is None else AccessLog(options.access_log)
        self.rest = Rest(self.models, self.predictor, self.workers, self.metrics, log, options.rest)
        self.grpc = GrpcService(
            self.models,
            self.predictor,
            self.metrics,
            GrpcOptions(
                options.grpc_threads,
                options.queue,
                options.rest.max_body_bytes,
                options.grpc_tls,
                options.rest.token,
                options.grpc_health,
                options.grpc_channel_arguments,
            ),
            log,
        )
        self.rest_port: int | None = None
        self.grpc_port: int | None = None
        self._end: Callable[[], object] = lambda: None
        self._last_resort: threading.Timer | None = None

    def run(self, started: Callable[[Server], None] | None = None) -> None:
        """Load the models and answer until SIGTERM, SIGINT or `end`; what is being answered then is finished.

        Args:
            started: Called once requests are answered. Defaults to None.

        Raises:
            RuntimeError: If a model has no version that loads.
            OSError: If a port is taken.
        """
        http = self._http()
        loop = (http.config.get_loop_factory() or asyncio.new_event_loop)()
        try:
            self.models.start()
            loop.run_until_complete(self._serve(http, started))
        finally:
            self.models.stop()
            if self.batcher is not None:
                self.batcher.close()
            self.workers.close()
            self.grpc.close()
            loop.close()
            if self._last_resort is not None:
                self._last_resort.cancel()

    def end(self) -> None:
        """Stop, from any thread: take no more requests, and finish those that are being answered."""
        self._end()

    async def _serve(self, http: _Http, started: Callable[[Server], None] | None) -> None:
        loop, ending = asyncio.get_running_loop(), asyncio.Event()
        self._end = lambda: loop.call_soon_threadsafe(ending.set)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._signalled, ending)
        listening = _listen(self.options.host, self.options.rest_port)
        self.rest_port = listening.getsockname()[1]
        options = self.options
        addresses = [] if options.grpc_port is None else [_address(options.host, options.grpc_port)]
        addresses += [] if options.grpc_socket is None else [f"unix:{options.grpc_socket}"]
        if addresses:
            port = self.grpc.start(*addresses)
            self.grpc_port = None if options.grpc_port is None else port
        answering = loop.create_task(http.serve([listening]))
        while not (http.started or answering.done()):
            await asyncio.sleep(0.01)
        background = [loop.create_task(ending.wait()), answering]
        if self.options.config_file is not None and self.options.config_poll_seconds > 0:
            background.append(loop.create_task(self._follow(self.options.config_file)))
        if started is not None:
            started(self)
        await asyncio.wait(background, return_when=asyncio.FIRST_COMPLETED)
        self.rest.draining = True
        http.should_exit = True
        too_late = loop.call_later(options.drain_seconds, self._give_up)
        await asyncio.gather(answering, asyncio.to_thread(self.grpc.stop, self.options.drain_seconds))
        too_late.cancel()
        for task in background:
            task.cancel()

    async def _follow(self, path: Path) -> None:
        """Serve what the configuration says, whenever it says otherwise."""
        while True:
            await asyncio.sleep(self.options.config_poll_seconds)
            try:
                await asyncio.to_thread(lambda: self.models.reconfigure(model_configs(path)))
            except (OSError, ValueError, RuntimeError) as error:
                logger.error("The models stay as they are: %s", error)

    def _give_up(self) -> None:
        """Answer what is not done."""
        for future in self.workers.unfinished.copy():
            if not future.done():
                future.set_exception(
                    ServingError("UNAVAILABLE", "The server is ending, and had no time to finish this")
                )

    def _signalled(self, ending: asyncio.Event) -> None:
        if ending.is_set():
            os._exit(1)  # asked a second time: whoever asks does not want to wait
        logger.info("Ending: requests that are being answered have %g s", self.options.drain_seconds)
        ending.set()
        self._last_resort = threading.Timer(self.options.drain_seconds + 2 * _FAREWELL, self._break_off)
        self._last_resort.daemon = True
        self._last_resort.start()

    def _break_off(self) -> None:
        # A model's run has no way to be stopped, and threads that run one would keep the process.
        logger.error("Ended while models ran: %g s were not enough", self.options.drain_seconds)
        os._exit(1)

    def _http(self) -> _Http:
        config = uvicorn.Config(
            self.rest.app(),
            lifespan="off",
            http=PatientProtocol,
            ws="none",
            log_config=None,
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=math.ceil(self.options.drain_seconds + _FAREWELL),
        )
        config.load()
        if self.options.rest_tls is not None:
            config.ssl = self.options.rest_tls.ssl_context()
        return _Http(config)


class _Http(uvicorn.Server):
    """Uvicorn's server, which leaves signals to us."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.create_server((host, port), family=family, backlog=2048)
    if hasattr(socket, "TCP_USER_TIMEOUT"):  # Linux; what is accepted inherits it
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, round(MOST_READ_SECONDS * 1000))
    return listening


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
