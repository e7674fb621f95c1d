"""The server: loads models, answers REST and gRPC, and finishes running requests when it stops."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path

from keras_gan.serving.grpc.server import GrpcServer
from keras_gan.serving.grpc.service import GrpcService
from keras_gan.serving.models.config_file import read_model_configs
from keras_gan.serving.models.models import Models
from keras_gan.serving.models.servable import load
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.options import Options
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.rest.app import Rest
from keras_gan.serving.rest.connections import BytesInFlight, Connections, default_connections
from keras_gan.serving.rest.http_server import FAREWELL_SECONDS, HttpServer, listen
from keras_gan.serving.workers import Workers

logger = logging.getLogger("keras_gan.serving")


class Server:
    """A server of exported models.

    Args:
        options: Options of the server.

    Attributes:
        rest_port: Port of REST, once `run` has begun.
        grpc_port: Port of gRPC, once `run` has begun, or None.
    """

    def __init__(self, options: Options) -> None:
        self.options = options
        metrics = Metrics()
        log = None if options.access_log is None else AccessLog(options.access_log)
        self.models = Models(
            options.models,
            partial(
                load,
                formats=options.formats,
                threads=options.engine_threads,
                signer=options.signer,
                providers=options.onnx_providers,
            ),
            options.poll_seconds,
            warm_up=options.warm_up,
            metrics=metrics,
            strict=options.strict,
        )
        predictor = Predictor(metrics, options.max_rows)
        self.workers = Workers(options.threads, options.queue)
        self.rest = Rest(self.models, predictor, self.workers, metrics, options, log)
        service = GrpcService(self.models, predictor, metrics, options.max_body_bytes, options.allow_reload)
        self.grpc = GrpcServer(service, options, log)
        self.rest_port: int | None = None
        self.grpc_port: int | None = None
        self._stop: Callable[[], object] = lambda: None
        self._last_resort: threading.Timer | None = None

    def run(self, started: Callable[[Server], None] | None = None) -> None:
        """Loads the models and answers requests until SIGTERM, SIGINT or `stop()`. Running requests are finished.

        Args:
            started: Function called once requests are answered. Defaults to None.

        Raises:
            RuntimeError: If no version loads. If the option `strict` is set, if a model has no version that loads.
            OSError: If a port is taken.
        """
        options = self.options
        most = options.max_connections or default_connections()
        self.connections = Connections(most, BytesInFlight(options.max_bytes_in_flight))
        http = HttpServer(
            self.rest.app(), options.rest_tls, options.drain_seconds, self.connections, options.access_log is not None
        )
        loop = (http.config.get_loop_factory() or asyncio.new_event_loop)()
        try:
            self.models.start()
            loop.run_until_complete(self._serve(http, started))
        finally:
            self.models.stop()
            self.workers.close()
            self.grpc.close()
            loop.close()
            if self._last_resort is not None:
                self._last_resort.cancel()

    def stop(self) -> None:
        """Refuses new requests and finishes the running ones. May be called from any thread."""
        self._stop()

    async def _serve(self, http: HttpServer, started: Callable[[Server], None] | None) -> None:
        loop, stopping, options = asyncio.get_running_loop(), asyncio.Event(), self.options
        self._stop = lambda: loop.call_soon_threadsafe(stopping.set)
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(number, self._on_signal, stopping)
        listening = listen(options.host, options.rest_port)
        self.rest_port = listening.getsockname()[1]
        if options.grpc_port is not None:
            host = f"[{options.host}]" if ":" in options.host else options.host
            self.grpc_port = await self.grpc.start(f"{host}:{options.grpc_port}")
        answering = loop.create_task(http.serve([listening]))
        while not (http.started or answering.done()):
            await asyncio.sleep(0.01)
        background = [loop.create_task(stopping.wait()), answering]
        if options.config_file is not None and options.config_poll_seconds > 0:
            background.append(loop.create_task(self._follow(options.config_file)))
        if started is not None:
            started(self)
        await asyncio.wait(background, return_when=asyncio.FIRST_COMPLETED)
        self.rest.draining = True
        http.should_exit = True
        too_late = loop.call_later(options.drain_seconds, self.workers.give_up)
        await asyncio.gather(answering, self.grpc.stop(options.drain_seconds))
        too_late.cancel()
        for task in background:
            task.cancel()

    async def _follow(self, path: Path) -> None:
        """Reads the configuration again and again. Logs a problem once."""
        logged = ""
        while True:
            await asyncio.sleep(self.options.config_poll_seconds)
            problem = ""
            try:
                await asyncio.to_thread(lambda: self.models.reconfigure(read_model_configs(path)))
            except (OSError, ValueError, RuntimeError) as error:
                problem = f"The models stay as they are: {error}"
            if problem and problem != logged:
                logger.error("%s", problem)
            logged = problem

    def _on_signal(self, stopping: asyncio.Event) -> None:
        if stopping.is_set():
            os._exit(1)  # the second signal: do not wait
        logger.info("Stopping. Running requests have %g s to finish", self.options.drain_seconds)
        stopping.set()
        self._last_resort = threading.Timer(self.options.drain_seconds + 2 * FAREWELL_SECONDS, self._exit)
        self._last_resort.daemon = True
        self._last_resort.start()

    def _exit(self) -> None:
        # A thread that runs a model cannot be stopped, and would keep the process alive.
        logger.error("Stopped while a model ran: it took longer than %g s", self.options.drain_seconds)
        os._exit(1)
