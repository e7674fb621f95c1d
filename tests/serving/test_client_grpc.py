"""The client over gRPC, against TensorFlow Serving's own service classes."""

import re
from concurrent import futures
from pathlib import Path

import grpc
import numpy as np
import pytest
import tensorflow as tf
from authority import Authority, write_certificates, write_key
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from tensorflow.core.framework import tensor_pb2, tensor_shape_pb2, types_pb2
from tensorflow.core.protobuf import meta_graph_pb2
from tensorflow_serving.apis import (
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_management_pb2,
    model_pb2,
    model_service_pb2_grpc,
    predict_pb2,
    prediction_log_pb2,
    prediction_service_pb2_grpc,
    status_pb2,
)
from tensorflow_serving.config import model_server_config_pb2

from keras_gan.serving import Client, ServerError
from keras_gan.serving.client import VersionStatus
from keras_gan.serving.dtypes import DTYPES
from keras_gan.serving.errors import ServingError
from keras_gan.serving.protos import messages as messages_pb2
from keras_gan.serving.protos.tensor_proto import fill_content, to_array

STOCK = (
    tensor_pb2,
    tensor_shape_pb2,
    meta_graph_pb2,
    predict_pb2,
    prediction_log_pb2,
    get_model_metadata_pb2,
    get_model_status_pb2,
    model_pb2,
    status_pb2,
    model_management_pb2,
    model_server_config_pb2,
)
NOT_IN_THE_STOCK_CLIENT = {
    "PackedTensorProto",
    "PackedPredictResponse",
    "HealthCheckRequest",
    "HealthCheckResponse",
    "VersionPolicy",
    "BatchingParameters",
    "PrometheusConfig",
    "MonitoringConfig",
    "SSLConfig",
}


def info(dtype, *sizes):
    dims = [tensor_shape_pb2.TensorShapeProto.Dim(size=size) for size in sizes]
    return meta_graph_pb2.TensorInfo(name="x:0", dtype=dtype, tensor_shape=tensor_shape_pb2.TensorShapeProto(dim=dims))


def signatures():
    rows = {"seed": info(tf.int32.as_datatype_enum, -1), "index": info(tf.int32.as_datatype_enum, -1)}
    rows["truncation"] = info(tf.float32.as_datatype_enum, -1)
    image = {"image": info(tf.float32.as_datatype_enum, -1, 2, 3, 1)}
    generate = meta_graph_pb2.SignatureDef(inputs=rows, outputs=image)
    png = meta_graph_pb2.SignatureDef(inputs=rows, outputs={"image_bytes": info(tf.string.as_datatype_enum, -1)})
    return {"generate": generate, "png": png, "__saved_model_init_op": meta_graph_pb2.SignatureDef()}


class Serving(prediction_service_pb2_grpc.PredictionServiceServicer, model_service_pb2_grpc.ModelServiceServicer):
    """A fake TensorFlow Serving that remembers the requests."""

    def __init__(self):
        self.requests = []
        self.metadata = []
        self.failures = []
        self.as_content = False

    def _begin(self, request, context):
        self.requests.append(request)
        self.metadata.append(dict(context.invocation_metadata()))
        if self.failures:
            context.abort(*self.failures.pop(0))

    def Predict(self, request, context):
        self._begin(request, context)
        rows = {name: tf.make_ndarray(proto) for name, proto in request.inputs.items()}
        if request.model_spec.signature_name == "png":
            return answer({"image_bytes": np.array([b"PNG %d" % i for i in rows["index"]], object)})
        image = np.zeros((len(rows["seed"]), 2, 3, 1), np.float32)
        image[:, 0, 0, 0], image[:, 0, 1, 0], image[:, 0, 2, 0] = rows["seed"], rows["index"], rows["truncation"]
        return answer({"image": image}, self.as_content)

    def GetModelMetadata(self, request, context):
        self._begin(request, context)
        assert list(request.metadata_field) == ["signature_def"]
        response = get_model_metadata_pb2.GetModelMetadataResponse()
        response.model_spec.name, response.model_spec.version.value = request.model_spec.name, 12
        found = get_model_metadata_pb2.SignatureDefMap(signature_def=signatures())
        response.metadata["signature_def"].Pack(found)
        return response

    def GetModelStatus(self, request, context):
        self._begin(request, context)
        response = get_model_status_pb2.GetModelStatusResponse()
        response.model_version_status.add(version=12, state="AVAILABLE")
        response.model_version_status.add(
            version=11, state="END", status=status_pb2.StatusProto(error_code=13, error_message="it is broken")
        )
        return response


def answer(outputs, as_content=True):
    protos = {name: tf.make_tensor_proto(array) for name, array in outputs.items()}
    if not as_content:
        for name, array in outputs.items():
            if array.dtype == np.float32:
                protos[name].ClearField("tensor_content")
                protos[name].float_val.extend(array.ravel())
    return predict_pb2.PredictResponse(outputs=protos)


@pytest.fixture
def start():
    """Start a `Serving`, and stop it."""
    servers = []

    def begin(credentials=None):
        service, server = Serving(), grpc.server(futures.ThreadPoolExecutor(4))
        prediction_service_pb2_grpc.add_PredictionServiceServicer_to_server(service, server)
        model_service_pb2_grpc.add_ModelServiceServicer_to_server(service, server)
        add = server.add_secure_port if credentials else server.add_insecure_port
        port = add("127.0.0.1:0", *([credentials] if credentials else []))
        server.start()
        servers.append(server)
        return service, port

    yield begin
    for server in servers:
        server.stop(None)


@pytest.fixture
def serving(start):
    service, port = start()
    with Client(f"grpc://127.0.0.1:{port}", "digits", batch_size=4) as client:
        yield service, client


@pytest.mark.parametrize("as_content", [True, False])
def test_generate(serving, as_content):
    service, client = serving
    service.as_content = as_content
    images = client.generate(3, seed=7, truncation=0.5)
    assert (images.dtype, images.shape) == (np.float32, (3, 2, 3, 1))
    np.testing.assert_array_equal(images[:, 0, :, 0], [[7, 0, 0.5], [7, 1, 0.5], [7, 2, 0.5]])
    images[0] = 1  # it may be written to, as any other array
    spec = service.requests[-1].model_spec
    assert (spec.name, spec.signature_name, spec.WhichOneof("version_choice")) == ("digits", "generate", None)


def test_many_images_come_in_parts_of_one_version(serving):
    service, client = serving
    np.testing.assert_array_equal(client.generate(10)[:, 0, 1, 0], np.arange(10))
    assert [request.model_spec.version.value for request in service.requests[-3:]] == [12] * 3


def test_png_status_metadata_and_labels(serving):
    service, client = serving
    assert client.png(2) == [b"PNG 0", b"PNG 1"]
    assert client.status() == [VersionStatus(12, "AVAILABLE"), VersionStatus(11, "END", "INTERNAL", "it is broken")]
    assert sorted(client.metadata()) == ["generate", "png"]
    assert client.metadata()["generate"].outputs["image"].shape == (None, 2, 3, 1)
    with pytest.raises(ValueError, match="for gRPC, which has no list of models"):
        client.models()
    with Client(client.url, "digits", label="stable", token="secret") as labelled:
        labelled.generate(1)
    assert service.requests[-1].model_spec.version_label == "stable"
    assert service.metadata[-1]["authorization"] == "Bearer secret"


def test_a_busy_server_is_asked_again_and_others_are_not(serving):
    service, client = serving
    full = (grpc.StatusCode.UNAVAILABLE, "The batch scheduling queue is full")
    too_many = (grpc.StatusCode.RESOURCE_EXHAUSTED, "Concurrent RPC limit exceeded!")
    service.failures = [full, too_many, full]
    assert client.status()[0].version == 12
    assert len(service.requests) == 4
    service.failures = [full] * 9
    with pytest.raises(ServerError, match="UNAVAILABLE, The batch scheduling queue is full"):
        client.status()
    for code, said in (
        ("NOT_FOUND", "Servable not found for request: Latest(digits)"),
        ("RESOURCE_EXHAUSTED", "Received message larger than max"),
    ):
        service.requests.clear()
        service.failures = [(grpc.StatusCode[code], said)]
        with pytest.raises(ServerError, match=f"Received: {code}, {said[:20]}") as raised:
            client.status()
        assert (raised.value.code, len(service.requests)) == (code, 1)


def test_no_server_and_one_that_is_late(start):
    with pytest.raises(ConnectionError, match=r"Expected a server at grpc://127.0.0.1:9. Received: failed to connect"):
        Client("grpc://127.0.0.1:9", "digits", retries=1).status()
    service, port = start()
    service._begin = lambda *_: __import__("time").sleep(2)
    with pytest.raises(TimeoutError, match=r"GetModelStatus within 0\.\d+ s. Received: none"):
        Client(f"grpc://127.0.0.1:{port}", "digits", timeout=0.5).status()


def test_tls_with_certificates_of_both_sides(start, tmp_path):
    authority = Authority()
    server_key, client_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    pem = {
        name: path.read_bytes()
        for name, path in {
            "key": write_key(tmp_path / "server.key", server_key),
            "chain": write_certificates(
                tmp_path / "server.pem",
                authority.issue(server_key, ExtendedKeyUsageOID.SERVER_AUTH, names=["localhost"]),
            ),
        }.items()
    }
    root = authority.certificate.public_bytes(serialization.Encoding.PEM)
    (tmp_path / "ca.pem").write_bytes(root)
    _, port = start(grpc.ssl_server_credentials([(pem["key"], pem["chain"])], root, require_client_auth=True))
    mine = (
        write_certificates(
            tmp_path / "client.pem", authority.issue(client_key, ExtendedKeyUsageOID.CLIENT_AUTH, names=["me"])
        ),
        write_key(tmp_path / "client.key", client_key),
    )
    url, trusted = f"grpcs://localhost:{port}", {"ca_certificate": tmp_path / "ca.pem"}
    assert Client(url, "digits", client_certificate=mine, **trusted).status()[0].version == 12
    for arguments in (trusted, {"client_certificate": mine}):
        with pytest.raises((ConnectionError, ServerError)):
            Client(url, "digits", retries=0, timeout=5, **arguments).status()


def test_our_messages_number_their_fields_as_tensorflow_does():
    stock = {name: one for module in STOCK for name, one in module.DESCRIPTOR.message_types_by_name.items()}
    compared = 0
    known = messages_pb2.ModelSpec.DESCRIPTOR.file.message_types_by_name
    assert set(known) - set(stock) == NOT_IN_THE_STOCK_CLIENT
    for name in set(known) & set(stock):
        for field in known[name].fields:
            theirs = stock[name].fields_by_number[field.number]
            # An enum and an int32 are sent alike.
            assert (theirs.name, {14: 5}.get(theirs.type, theirs.type)) == (
                field.name,
                {14: 5}.get(field.type, field.type),
            )
            assert theirs.is_repeated == field.is_repeated
            compared += 1
    assert compared > 40
    states = messages_pb2.ModelVersionStatus.State.items()
    assert states == get_model_status_pb2.ModelVersionStatus.State.items()


def test_the_compiled_messages_are_those_of_the_source():
    source = (Path(messages_pb2.__file__).parent / "messages.proto").read_text()
    written = sorted((name, int(number)) for name, number in re.findall(r"(\w+) = (\d+);", source))
    compiled, left = [], list(messages_pb2.ModelSpec.DESCRIPTOR.file.message_types_by_name.values())
    while left:
        message = left.pop()
        left += message.nested_types
        if not message.GetOptions().map_entry:
            compiled += [(field.name, field.number) for field in message.fields]
            compiled += [(value.name, value.number) for enum in message.enum_types for value in enum.values]
    assert sorted(compiled) == written


def to_proto(array):
    tensor = messages_pb2.TensorProto()
    fill_content(tensor, array)
    return tensor


def to_numpy(proto):
    return to_array(messages_pb2.TensorProto.FromString(proto.SerializeToString()), "x", 2**20)


@pytest.mark.parametrize("dtype", DTYPES, ids=lambda dtype: dtype.numpy)
def test_types_are_tensorflows(dtype):
    theirs = tf.dtypes.as_dtype(dtype.number)
    assert (theirs.name, types_pb2.DataType.Name(dtype.number)) == (dtype.numpy, dtype.enum)


@given(
    st.sampled_from([dtype.numpy for dtype in DTYPES if dtype.numpy not in ("string", "bfloat16")]).flatmap(
        lambda name: arrays.arrays(name, arrays.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4))
    )
)
def test_tensors_are_read_by_tensorflow_and_back(array):
    theirs = tensor_pb2.TensorProto.FromString(to_proto(array).SerializeToString())
    np.testing.assert_array_equal(tf.make_ndarray(theirs), array)
    again = to_numpy(tf.make_tensor_proto(array))
    np.testing.assert_array_equal(again, array)
    assert again.dtype == array.dtype


def test_strings_and_one_value_for_all():
    strings = np.array([[b"a", b"\xff"], [b"", b"d"]], object)
    theirs = tensor_pb2.TensorProto.FromString(to_proto(strings).SerializeToString())
    assert tf.make_ndarray(theirs).tolist() == strings.tolist()
    one = tensor_pb2.TensorProto(dtype=1, float_val=[0.5])
    one.tensor_shape.dim.add(size=3)
    np.testing.assert_array_equal(to_numpy(one), [0.5] * 3)
    one.tensor_shape.dim[0].size = 0
    with pytest.raises(ServingError, match=r"must have 0 values .* Received: 1"):
        to_numpy(one)
