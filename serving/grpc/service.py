"""The gRPC API: TensorFlow Serving's PredictionService and ModelService, and grpc.health.v1."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import grpc
from google.protobuf.message import DecodeError

from keras_gan.artifacts.engines import TensorSpec
from keras_gan.serving import bearer
from keras_gan.serving.dtypes import BY_NUMPY
from keras_gan.serving.errors import ServingError, invalid
from keras_gan.serving.models.config_files import Tls, configs_of
from keras_gan.serving.models.metadata import METHOD, tensor_names
from keras_gan.serving.models.models import STATES, Models
from keras_gan.serving.models.servable import DEFAULT, Servable
from keras_gan.serving.monitoring.access_log import AccessLog
from keras_gan.serving.monitoring.metrics import Metrics
from keras_gan.serving.predict.predictor import Predictor
from keras_gan.serving.protos import messages_pb2 as messages
from keras_gan.serving.protos.tensor_proto import fill, to_array

# Where clients look for the message that an Any holds.
_SIGNATURES_URL = "type.googleapis.com/tensorflow.serving.SignatureDefMap"
_LONGEST_ERROR = 1024
_HEALTH = "grpc.health.v1.Health"
logger = logging.getLogger("keras_gan.serving")


@dataclass(frozen=True)
class GrpcOptions:
    """How calls are answered.

    Args:
        threads: Calls at once. Defaults to 8.
        queue: Calls that may wait beside; more are answered RESOURCE_EXHAUSTED. Defaults to 256.
        max_message_bytes: Larger messages are refused. Defaults to 32 MiB.
        tls: Key and certificate. Defaults to None, plain text.
        token: What clients have to send as the metadata `authorization: Bearer TOKEN`, except to grpc.health.v1.
            Defaults to None.
        health: Whether grpc.health.v1 is answered. Defaults to False.
        channel_arguments: What gRPC is told besides, such as `("grpc.max_concurrent_streams", 100)`. Defaults to none.
    """

    threads: int = 8
    queue: int = 256
    max_message_bytes: int = 32 * 2**20
    tls: Tls | None = None
    token: str | None = None
    health: bool = False
    channel_arguments: tuple[tuple[str, int | str], ...] = ()


class GrpcService:
    """The services, and the server that answers them.

    Args:
        models: What is served.
        predictor: What runs it.
        metrics: Where answers are counted.
        options: Defaults to `GrpcOptions()`.
        log: Where they are told of. Defaults to None, nowhere.
    """

    def __init__(
        self,
        models: Models,
        predictor: Predictor,
        metrics: Metrics,
        options: GrpcOptions | None = None,
        log: AccessLog | None = None,
    ) -> None:
        self.models = models
        self.predictor = predictor
        self.metrics = metrics
        self.options = options or GrpcOptions()
        self.log = log
        self.draining = False
        self._server: grpc.Server | None = None
        self._threads: ThreadPoolExecutor | None = None

    def start(self, *addresses: str) -> int:
        """Answer calls from now on.

        Args:
            *addresses: Such as "127.0.0.1:8500"; the port 0 is any that is free. Or "unix:/run/generators.sock".

        Returns:
            The first one's port.

        Raises:
            OSError: If it is taken.
        """
        options = self.options
        self._threads = ThreadPoolExecutor(options.threads, thread_name_prefix="grpc")
        self._server = server = grpc.server(
            self._threads,
            handlers=self._handlers(),
            maximum_concurrent_rpcs=options.threads + options.queue,
            options=[
                *options.channel_arguments,  # gRPC takes the first of two that have one name
                ("grpc.max_receive_message_length", options.max_message_bytes),
                ("grpc.max_send_message_length", -1),
                # Two servers on one port would each answer some of the calls.
                ("grpc.so_reuseport", 0),
            ],
        )
        ports = []
        for address in addresses:
            try:
                ports.append(
                    server.add_insecure_port(address)
                    if options.tls is None
                    else server.add_secure_port(address, _credentials(options.tls))
                )
            except RuntimeError as error:
                raise OSError(f"gRPC cannot listen at {address}: {error}") from error
        server.start()
        return int(ports[0])

    def stop(self, seconds: float) -> None:
        """Take no more calls, and wait so long for those that are being answered."""
        self.draining = True
        if self._server is not None:
            self._server.stop(seconds).wait()

    def close(self) -> None:
        """Wait for what still runs, though nobody waits for its answer."""
        if self._threads is not None:
            self._threads.shutdown()

    def _handlers(self) -> list[grpc.GenericRpcHandler]:
        served: dict[str, dict[str, tuple[Callable[..., Any], Any]]] = {
            "tensorflow.serving.PredictionService": {
                "Predict": (self._predict, messages.PredictRequest),
                "GetModelMetadata": (self._metadata, messages.GetModelMetadataRequest),
                **dict.fromkeys(("Classify", "Regress", "MultiInference"), (self._not_for_generators, None)),
            },
            "tensorflow.serving.ModelService": {
                "GetModelStatus": (self._status, messages.GetModelStatusRequest),
                "HandleReloadConfigRequest": (self._reload, messages.ReloadConfigRequest),
            },
        }
        if self.options.health:
            served[_HEALTH] = {"Check": (self._health, messages.HealthCheckRequest)}
        return [
            grpc.method_handlers_generic_handler(
                service, {name: self._handler(service, name, *method) for name, method in methods.items()}
            )
            for service, methods in served.items()
        ]

    def _handler(self, service: str, name: str, method: Callable[..., Any], kind: Any) -> grpc.RpcMethodHandler:
        def answer(frame: bytes, context: grpc.ServicerContext) -> Any:
            began, code = time.perf_counter(), "OK"
            about: dict[str, Any] = {}
            try:
                # A probe cannot send a token; what it is told is what /readyz tells.
                if service != _HEALTH:
                    self._check_token(context)
                asked: Any = None if kind is None else _message(kind, frame)
                if hasattr(asked, "model_spec"):
                    about["model"] = asked.model_spec.name
                response = method(asked, context)
                if isinstance(response, messages.PackedPredictResponse):
                    spec = response.model_spec
                    about.update(version=spec.version.value, signature=spec.signature_name)
                return response
            except ServingError as error:
                code = error.code
                context.abort(grpc.StatusCode[code], _short(error.message))
            except Exception as error:  # a fault of ours: its answer has the form of the others
                code = "INTERNAL"
                logger.exception("%s failed", name)
                context.abort(grpc.StatusCode.INTERNAL, _short(f"{type(error).__name__}: {error}"))
            finally:
                if self.log is not None:
                    self.log.called(f"/{service}/{name}", context, code, time.perf_counter() - began, about)

        # Frames are taken as they are: what gRPC says itself of one that is no message is INTERNAL.
        return grpc.unary_unary_rpc_method_handler(
            answer, response_serializer=lambda response: response.SerializeToString()
        )

    def _check_token(self, context: grpc.ServicerContext) -> None:
        if self.options.token is None:
            return
        given = dict(context.invocation_metadata()).get("authorization", "")
        if not bearer.allows(f"{given}", self.options.token):
            raise ServingError("UNAUTHENTICATED", "A bearer token is needed, or is wrong")

    def _predict(self, asked: Any, context: grpc.ServicerContext) -> Any:
        began, code = time.perf_counter(), "INTERNAL"
        try:
            response = self._run(asked, context)
            code = "OK"
            return response
        except ServingError as error:
            code = error.code
            raise
        finally:
            name = asked.model_spec.name
            known = name if self.models.knows(name) else "unknown"
            self.metrics.answered(known, code, time.perf_counter() - began, "GRPC")

    def _run(self, asked: Any, context: grpc.ServicerContext) -> Any:
        name, version, label = _spec(asked.model_spec)
        with self.models.use(name, version, label) as servable:
            wanted = asked.model_spec.signature_name or DEFAULT
            signature = servable.signatures.get(wanted)
            if signature is None:
                raise ServingError("FAILED_PRECONDITION", f'Serving signature key "{wanted}" not found.')
            chosen = _filter(asked.output_filter, [spec.name for spec in signature.outputs])
            inputs = self._inputs(asked.inputs, signature.inputs)
            left = context.time_remaining()
            if not context.is_active():
                raise ServingError("CANCELLED", "The client has gone")
            deadline = None if left is None else time.monotonic() + left
            outputs = self.predictor.run(servable, wanted, inputs, deadline)
            response = messages.PackedPredictResponse()
            response.model_spec.name = name
            response.model_spec.version.value = servable.version
            response.model_spec.signature_name = wanted
            for output in chosen:
                fill(response.outputs[output], outputs[output])
        return response

    def _inputs(self, given: Any, specs: tuple[TensorSpec, ...]) -> dict[str, Any]:
        names = [spec.name for spec in specs]
        if set(given) != set(names):
            # One error for a number that differs, another for names, as TensorFlow Serving has them.
            sent = ",".join(sorted(given))
            extra = ",".join(sorted(set(given) - set(names)))
            missing = ",".join(sorted(set(names) - set(given)))
            raise invalid(
                f"input size does not match signature: {len(given)}!={len(names)} len({{{sent}}}) != "
                f"len({{{','.join(sorted(names))}}}). Sent extra: {{{extra}}}. Missing but required: {{{missing}}}."
            )
        arrays = {}
        for spec in specs:
            array = to_array(given[spec.name], spec.name, self.options.max_message_bytes)
            dtype = "string" if array.dtype == object else array.dtype.name
            if dtype != spec.dtype:
                wanted, got = BY_NUMPY[spec.dtype].tensorflow, BY_NUMPY[dtype].tensorflow
                raise invalid(f"Expects {spec.name} to be {wanted} but {got} is provided")
            arrays[spec.name] = array
        return arrays

    def _metadata(self, asked: Any, context: grpc.ServicerContext) -> Any:
        if not asked.metadata_field:
            raise invalid("GetModelMetadataRequest must specify at least one metadata_field")
        for field in asked.metadata_field:
            if field != "signature_def":
                raise invalid(f"Metadata field {field} is not supported")
        with self.models.use(*_spec(asked.model_spec)) as servable:
            response = messages.GetModelMetadataResponse()
            response.model_spec.name = servable.name
            response.model_spec.version.value = servable.version
            response.metadata["signature_def"].type_url = _SIGNATURES_URL
            response.metadata["signature_def"].value = _signatures(servable).SerializeToString()
        return response

    def _status(self, asked: Any, context: grpc.ServicerContext) -> Any:
        name, version, _ = _spec(asked.model_spec)
        response = messages.GetModelStatusResponse()
        for known in self.models.status(name, version):
            told = response.model_version_status.add(version=known.number, state=STATES[known.state])
            told.status.error_code = grpc.StatusCode[known.code].value[0]
            told.status.error_message = _short(known.message)
        return response

    def _reload(self, asked: Any, context: grpc.ServicerContext) -> Any:
        response = messages.ReloadConfigResponse()
        try:
            self.models.reconfigure(configs_of(asked.config))
        except (ValueError, RuntimeError) as error:
            wrong = isinstance(error, ValueError)
            code = grpc.StatusCode.INVALID_ARGUMENT if wrong else grpc.StatusCode.FAILED_PRECONDITION
            response.status.error_code = code.value[0]
            response.status.error_message = _short(str(error))
        return response

    def _health(self, asked: Any, context: grpc.ServicerContext) -> Any:
        ready = self.models.ready and not self.draining
        return messages.HealthCheckResponse(status="SERVING" if ready else "NOT_SERVING")

    def _not_for_generators(self, asked: Any, context: grpc.ServicerContext) -> Any:
        raise ServingError("UNIMPLEMENTED", "A generator has no such method: use Predict")


def _message(kind: Any, frame: bytes) -> Any:
    try:
        return kind.FromString(frame)
    except DecodeError as error:
        raise invalid(f"The request is no {kind.DESCRIPTOR.name}: {error}") from error


def _spec(spec: Any) -> tuple[str, int | None, str | None]:
    if not spec.name:
        raise invalid("ModelSpec has no name specified.")
    choice = spec.WhichOneof("version_choice")
    return (
        spec.name,
        spec.version.value if choice == "version" else None,
        spec.version_label if choice == "version_label" else None,
    )


def _filter(wanted: Any, names: list[str]) -> list[str]:
    for i, name in enumerate(wanted):
        if name not in names:
            raise invalid(
                f"output tensor alias not found in signature: {name} Outputs expected to be in the set "
                f"{{{','.join(sorted(names))}}}."
            )
        if name in wanted[:i]:
            raise invalid(f"duplicate output tensor alias: {name}")
    return list(wanted) or names


def _signatures(servable: Servable) -> Any:
    message = messages.SignatureDefMap()
    for name, signature in servable.signatures.items():
        described = message.signature_def[name]
        described.method_name = METHOD
        for specs, tensors, outputs in (
            (signature.inputs, described.inputs, False),
            (signature.outputs, described.outputs, True),
        ):
            names = tensor_names(name, specs, outputs)
            for spec in specs:
                info = tensors[spec.name]
                info.name, info.dtype = names[spec.name], BY_NUMPY[spec.dtype].number
                info.tensor_shape.SetInParent()
                for size in spec.shape:
                    info.tensor_shape.dim.add(size=-1 if size is None else size)
    return message


def _short(message: str) -> str:
    return message if len(message) <= _LONGEST_ERROR else f"{message[:_LONGEST_ERROR]}...TRUNCATED"


def _credentials(tls: Tls) -> grpc.ServerCredentials:
    return grpc.ssl_server_credentials(
        [(tls.key, tls.certificate)], tls.client_ca or None, require_client_auth=tls.client_verify
    )
