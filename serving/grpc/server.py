"""The gRPC server: ports, limits, tokens, errors and the access log."""

from __future__ import annotations

import asyncio
import logging
import math
import re
import time
from collections.abc import Generator
from typing import Any
from urllib.parse import unquote

import grpc
from google.protobuf.message import DecodeError

from keras_gan.serving import bearer
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.grpc.health import HEALTH, Health
from keras_gan.serving.grpc.service import GrpcService, Method
from keras_gan.serving.grpc.turns import Turns
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.options import Options
from keras_gan.serving.rest.connections import default_connections
from keras_gan.serving.tls import Tls
from keras_gan.serving.workers import Steps, Workers

_LONGEST_MESSAGE = 1024
# Larger messages, in bytes, are parsed one at a time. Smaller ones do not count as bytes in flight.
_LARGE = 2**20
_HANDSHAKE_MS = 10_000
_IDLE_MS = 300_000
_KEEPALIVE_MS = 60_000
logger = logging.getLogger("keras_gan.serving")


class GrpcServer:
    """Answers gRPC calls with the methods of a service, on the event loop that calls `start`."""

    def __init__(self, service: GrpcService, options: Options, log: AccessLog | None = None) -> None:
        self.service = service
        self.options = options
        self.log = log
        self.health = Health(service.models)
        self.workers = Workers(options.threads, options.queue)
        self._server: grpc.aio.Server | None = None
        self._bytes = 0
        turns = max(2, options.max_bytes_in_flight // options.max_body_bytes)
        self._turns, self._health_turns = Turns(turns), Turns(2)

    async def start(self, address: str) -> int:
        """Starts to answer at an address such as "127.0.0.1:8500". Returns the port, which 0 leaves open.

        Raises:
            OSError: If the port is taken.
        """
        options, calls = self.options, self.options.threads + self.options.queue
        self._server = server = grpc.aio.server(
            handlers=self._handlers(),
            # Calls that wait for a message count too. `Workers` limits those that have one.
            maximum_concurrent_rpcs=4 * calls,
            options=[
                ("grpc.max_receive_message_length", options.max_body_bytes),
                ("grpc.max_send_message_length", -1),
                ("grpc.max_concurrent_streams", calls),
                ("grpc.max_allowed_incoming_connections", options.max_connections or default_connections()),
                ("grpc.server_handshake_timeout_ms", _HANDSHAKE_MS),
                ("grpc.max_connection_idle_ms", _IDLE_MS),
                ("grpc.keepalive_time_ms", _KEEPALIVE_MS),
                # Two servers on one port would each answer some of the calls.
                ("grpc.so_reuseport", 0),
            ],
        )
        try:
            if options.grpc_tls is None:
                port = server.add_insecure_port(address)
            else:
                port = server.add_secure_port(address, _credentials(options.grpc_tls))
        except RuntimeError as error:
            raise OSError(f"gRPC cannot listen at {address}: {error}") from error
        await server.start()
        return int(port)

    async def stop(self, seconds: float) -> None:
        """Refuses new calls, and waits for running calls for at most `seconds`."""
        self.health.draining = True
        if self._server is not None:
            await self._server.stop(seconds)

    def close(self) -> None:
        """Waits for the threads, also for calls that `stop` gave up."""
        self.workers.close()

    def _handlers(self) -> list[grpc.GenericRpcHandler]:
        # A handler of streams reads and writes messages itself, so that it can limit their time.
        methods: dict[str, dict[str, Any]] = {**self.service.methods(), HEALTH: self.health.methods()}
        return [
            grpc.method_handlers_generic_handler(
                service,
                {
                    name: grpc.stream_stream_rpc_method_handler(self._handler(service, name, *method))
                    for name, method in named.items()
                },
            )
            for service, named in methods.items()
        ]

    def _handler(self, service: str, name: str, method: Any, kind: Any) -> Any:
        async def answer(_: Any, context: grpc.aio.ServicerContext) -> None:
            began, code, fields = time.perf_counter(), "OK", dict[str, Any]()
            try:
                if service == HEALTH:  # a probe cannot send a token, and learns no more than from /readyz
                    async for response in method(kind.FromString(await self._read(context, self._health_turns))):
                        await context.write(response.SerializeToString())
                else:
                    self._check_token(context)
                    await self._answer(method, kind, context, fields)
            except ServingError as error:
                code = error.code
                await context.abort(grpc.StatusCode[code], shortened(error.message))
            except DecodeError as error:
                code = "INVALID_ARGUMENT"
                await context.abort(grpc.StatusCode.INVALID_ARGUMENT, shortened(f"{error}"))
            except asyncio.CancelledError:
                code = "CANCELLED"
                raise
            except Exception as error:  # a bug of the server
                code = "INTERNAL"
                logger.exception("%s failed", name)
                await context.abort(grpc.StatusCode.INTERNAL, shortened(f"{type(error).__name__}: {error}"))
            finally:
                if self.log is not None:
                    address = re.fullmatch(r"ipv[46]:\[?(.*?)\]?:\d+", unquote(context.peer()))
                    seconds = time.perf_counter() - began
                    self.log.write(address and address[1], "gRPC", f"/{service}/{name}", code, seconds, fields)

        return answer

    async def _answer(
        self, method: Method, kind: Any, context: grpc.aio.ServicerContext, fields: dict[str, Any]
    ) -> None:
        left = context.time_remaining()
        deadline = math.inf if left is None else time.monotonic() + left
        frame = b"" if kind is None else await self._read(context, self._turns)
        held = self._hold(len(frame))
        try:
            parsed = None
            if len(frame) > _LARGE:
                parsed = await self.workers.run_large(_parse(kind, frame), None, deadline)

            def work() -> Steps[bytes]:
                asked = parsed or (yield from _parse(kind, frame))
                if hasattr(asked, "model_spec"):
                    fields["model"] = asked.model_spec.name
                response = method(asked)
                if isinstance(response, Generator):
                    response = yield from response
                    spec = response.model_spec
                    fields.update(version=spec.version.value, signature=spec.signature_name)
                return bytes(response.SerializeToString())

            answer = await self.workers.run(work(), None, deadline)
            held += self._hold(len(answer))
            try:
                await asyncio.wait_for(context.write(answer), self.options.timeout)
            except (TimeoutError, asyncio.TimeoutError):
                raise ServingError("DEADLINE_EXCEEDED", "The client did not read the answer in time") from None
        finally:
            self._bytes -= held

    def _hold(self, size: int) -> int:
        """Counts the bytes of a large message, and returns their number."""
        if size <= _LARGE:
            return 0
        if self._bytes and self._bytes + size > self.options.max_bytes_in_flight:
            raise ServingError("RESOURCE_EXHAUSTED", "The server holds too many bytes of unfinished calls. Try again")
        self._bytes += size
        return size

    async def _read(self, context: grpc.aio.ServicerContext, turns: Turns) -> bytes:
        """Receives the message of a call."""
        deadline = time.monotonic() + self.options.timeout
        frame = await turns.take(context.read, deadline)
        if not isinstance(frame, bytes):
            raise invalid("The call must have a message. Received: none")
        return frame

    def _check_token(self, context: grpc.aio.ServicerContext) -> None:
        if self.options.token is None:
            return
        given = dict(context.invocation_metadata() or ()).get("authorization", "")
        if not bearer.allows(f"{given}", self.options.token):
            raise ServingError("UNAUTHENTICATED", bearer.MESSAGE)


def shortened(message: str) -> str:
    """Returns a message in the length that gRPC's metadata has room for."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}...TRUNCATED"


def _parse(kind: Any, frame: bytes) -> Steps[Any]:
    yield
    try:
        return None if kind is None else kind.FromString(frame)
    except DecodeError as error:
        raise invalid(f"The request must be a {kind.DESCRIPTOR.name}. Received: {error}") from error


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.key, tls.certificate)], tls.client_ca or None, require_client_auth=tls.client_verify
    )
