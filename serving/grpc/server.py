"""The gRPC server: ports, threads, tokens, errors and the access log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from keras_gan.serving import bearer
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.grpc.service import HEALTH, GrpcService
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.options import Options
from keras_gan.serving.protos import messages_pb2 as messages
from keras_gan.serving.tls import Tls

_LONGEST_MESSAGE = 1024
logger = logging.getLogger("keras_gan.serving")


class GrpcServer:
    """Answers gRPC calls with the methods of a service.

    Args:
        service: The service.
        options: Options of the server.
        log: Access log. Defaults to None, no log.
    """

    def __init__(self, service: GrpcService, options: Options, log: AccessLog | None = None) -> None:
        self.service = service
        self.options = options
        self.log = log
        self._server: grpc.Server | None = None
        self._threads: ThreadPoolExecutor | None = None

    def start(self, address: str) -> int:
        """Starts to answer.

        Args:
            address: Host and port, such as "127.0.0.1:8500". Port 0 stands for any free port.

        Returns:
            The port.

        Raises:
            OSError: If the port is taken.
        """
        options = self.options
        self._threads = ThreadPoolExecutor(options.threads, thread_name_prefix="grpc")
        self._server = server = grpc.server(
            self._threads,
            handlers=self._handlers(),
            maximum_concurrent_rpcs=options.threads + options.queue,
            options=[
                ("grpc.max_receive_message_length", options.max_body_bytes),
                ("grpc.max_send_message_length", -1),
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
        server.start()
        return int(port)

    def stop(self, seconds: float) -> None:
        """Refuses new calls, and waits for running calls for at most `seconds`."""
        self.service.draining = True
        if self._server is not None:
            self._server.stop(seconds).wait()

    def close(self) -> None:
        """Waits for the threads, also for calls that `stop` gave up."""
        if self._threads is not None:
            self._threads.shutdown()

    def _handlers(self) -> list[grpc.GenericRpcHandler]:
        return [
            grpc.method_handlers_generic_handler(
                service, {name: self._handler(service, name, *method) for name, method in methods.items()}
            )
            for service, methods in self.service.methods().items()
        ]

    def _handler(self, service: str, name: str, method: Callable[..., Any], kind: Any) -> grpc.RpcMethodHandler:
        def answer(frame: bytes, context: grpc.ServicerContext) -> Any:
            began, code = time.perf_counter(), "OK"
            fields: dict[str, Any] = {}
            try:
                if service != HEALTH:  # a probe cannot send a token, and learns no more than from /readyz
                    self._check_token(context)
                asked: Any = None if kind is None else _parse(kind, frame)
                if hasattr(asked, "model_spec"):
                    fields["model"] = asked.model_spec.name
                response = method(asked, context)
                if isinstance(response, messages.PackedPredictResponse):
                    spec = response.model_spec
                    fields.update(version=spec.version.value, signature=spec.signature_name)
                return response
            except ServingError as error:
                code = error.code
                context.abort(grpc.StatusCode[code], shortened(error.message))
            except Exception as error:  # a bug of the server
                code = "INTERNAL"
                logger.exception("%s failed", name)
                context.abort(grpc.StatusCode.INTERNAL, shortened(f"{type(error).__name__}: {error}"))
            finally:
                if self.log is not None:
                    self.log.write_call(f"/{service}/{name}", context, code, time.perf_counter() - began, fields)

        # Requests are parsed in `answer`: gRPC itself would answer INTERNAL to bytes that are not a message.
        return grpc.unary_unary_rpc_method_handler(
            answer, response_serializer=lambda response: response.SerializeToString()
        )

    def _check_token(self, context: grpc.ServicerContext) -> None:
        if self.options.token is None:
            return
        given = dict(context.invocation_metadata()).get("authorization", "")
        if not bearer.allows(f"{given}", self.options.token):
            raise ServingError("UNAUTHENTICATED", bearer.MESSAGE)


def shortened(message: str) -> str:
    """Returns a message in the length that gRPC's metadata has room for."""
    return message if len(message) <= _LONGEST_MESSAGE else f"{message[:_LONGEST_MESSAGE]}...TRUNCATED"


def _parse(kind: Any, frame: bytes) -> Any:
    try:
        return kind.FromString(frame)
    except DecodeError as error:
        raise invalid(f"The request must be a {kind.DESCRIPTOR.name}. Received: {error}") from error


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.key, tls.certificate)], tls.client_ca or None, require_client_auth=tls.client_verify
    )
