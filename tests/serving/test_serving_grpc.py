"""The server over gRPC, asked by TensorFlow Serving's own client, with TensorFlow's tensors."""

import contextlib
import json
import subprocess
import sys
import textwrap

import fork_server
import grpc
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from serving_models import CHANNELS, SIZE, Z, write_generator
from test_serving_rest import serving

from keras_gan import latent
from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.model_config import ModelConfig, Policy
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import to_array

PREDICT = "/tensorflow.serving.PredictionService/Predict"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    for version in (1, 2):
        write_generator(root / "plain" / f"{version}", seed=version, labels=True)
    return root


@pytest.fixture(scope="module")
def address(folder):
    config = ModelConfig("plain", folder / "plain", Policy(all=True), {"old": 1})
    with serving([config], grpc_port=0) as client:
        yield f"127.0.0.1:{client.server.grpc_port}", client


@pytest.fixture(scope="module")
def channel(address):
    with grpc.insecure_channel(address[0]) as channel:
        yield channel


def call(channel, method, request, answer):
    return channel.unary_unary(method, lambda message: message.SerializeToString(), answer.FromString)(
        request, timeout=60
    )


def refused(channel, method, request, answer=messages.PackedPredictResponse):
    with pytest.raises(grpc.RpcError) as caught:
        call(channel, method, request, answer)
    return caught.value.code().name, caught.value.details()


def request(name="plain", signature="", labels=(0,), **spec):
    asked = messages.PredictRequest(model_spec=messages.ModelSpec(name=name, signature_name=signature, **spec))
    asked.inputs["z"].dtype = 1
    asked.inputs["z"].tensor_shape.dim.add(size=1)
    asked.inputs["z"].tensor_shape.dim.add(size=Z)
    asked.inputs["z"].float_val.append(0.5)  # one value fills the shape
    asked.inputs["labels"].dtype = 3
    asked.inputs["labels"].tensor_shape.dim.add(size=len(labels))
    asked.inputs["labels"].int_val.extend(labels)
    return asked


STOCK = """
    import json, sys
    import grpc, numpy as np, tensorflow as tf
    from tensorflow_serving.apis import get_model_metadata_pb2, get_model_status_pb2, model_management_pb2
    from tensorflow_serving.apis import model_service_pb2_grpc, predict_pb2, prediction_service_pb2_grpc
    channel = grpc.insecure_channel(sys.argv[1])
    prediction = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    model = model_service_pb2_grpc.ModelServiceStub(channel)
    told = {}
    z = np.load(sys.argv[2])
    for content in (True, False):
        request = predict_pb2.PredictRequest()
        request.model_spec.name = "plain"
        request.inputs["z"].CopyFrom(tf.make_tensor_proto(z))
        if not content:
            request.inputs["z"].ClearField("tensor_content")
            request.inputs["z"].float_val.extend(z.ravel().tolist())
        request.inputs["labels"].CopyFrom(tf.make_tensor_proto(np.array([0, 1, 2], np.int32)))
        answer = prediction.Predict(request, timeout=60)
        told[f"image {content}"] = tf.make_ndarray(answer.outputs["image"]).tolist()
    told["version"] = answer.model_spec.version.value
    told["signature"] = answer.model_spec.signature_name
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = "plain", "png"
    request.model_spec.version_label = "old"
    for name, value, dtype in (("seed", 7, "i4"), ("index", 0, "i4"), ("truncation", 1, "f4"), ("labels", 2, "i4")):
        request.inputs[name].CopyFrom(tf.make_tensor_proto(np.array([value], dtype)))
    answer = prediction.Predict(request, timeout=60)
    told["png"] = tf.make_ndarray(answer.outputs["image_bytes"])[0].hex()
    told["labelled"] = answer.model_spec.version.value
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = "plain"
    answer = prediction.GetModelMetadata(request, timeout=60)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    assert answer.metadata["signature_def"].Unpack(signatures)
    told["signatures"] = sorted(signatures.signature_def)
    default = signatures.signature_def["serving_default"]
    told["z"] = [default.inputs["z"].dtype, [dim.size for dim in default.inputs["z"].tensor_shape.dim]]
    request = get_model_status_pb2.GetModelStatusRequest()
    request.model_spec.name = "plain"
    answer = model.GetModelStatus(request, timeout=60)
    told["states"] = [[v.version, v.state, v.status.error_code] for v in answer.model_version_status]
    request = model_management_pb2.ReloadConfigRequest()
    request.config.model_config_list.config.add(
        name="plain", base_path=sys.argv[3], model_platform="tensorflow"
    )
    told["reload"] = model.HandleReloadConfigRequest(request, timeout=60).status.error_code
    # One that says nothing is not one that asks for no models.
    told["empty"] = model.HandleReloadConfigRequest(
        model_management_pb2.ReloadConfigRequest(), timeout=60
    ).status.error_code
    print(json.dumps(told))
"""


def test_the_stock_client_needs_no_change(folder, tmp_path):
    """In a process of its own: its stubs bring TensorFlow."""
    z = latent.sample(3, Z, seed=1)
    np.save(tmp_path / "z.npy", z)
    config = ModelConfig("plain", folder / "plain", Policy(all=True), {"old": 1})
    with serving([config], grpc_port=0) as client:
        png = client.get("/v1/models/plain/versions/1:image.png?seed=7&label=2").content
        asked = [f"127.0.0.1:{client.server.grpc_port}", str(tmp_path / "z.npy"), str(folder / "plain")]
        told = json.loads(fork_server.run(STOCK, *asked).splitlines()[-1])
        body = {"inputs": {"z": z.tolist(), "labels": [0, 1, 2]}}
        by_rest = client.post("/v1/models/plain/versions/2:predict", json=body).json()["outputs"]
        # The configuration that it sent asks for the newest version alone.
        states = [v["state"] for v in client.get("/v1/models/plain").json()["model_version_status"]]
    for content in (True, False):
        assert np.shape(told[f"image {content}"]) == (3, SIZE, SIZE, CHANNELS)
        np.testing.assert_allclose(told[f"image {content}"], by_rest, atol=1e-6)
    assert (told["version"], told["signature"], told["labelled"]) == (2, "serving_default", 1)
    assert bytes.fromhex(told["png"]) == png
    assert told["signatures"] == ["generate", "png", "serving_default"]
    assert told["z"] == [1, [-1, Z]]
    assert told["states"] == [[2, 30, 0], [1, 30, 0]]
    assert told["reload"] == 0
    assert told["empty"] == grpc.StatusCode.INVALID_ARGUMENT.value[0]
    assert states == ["AVAILABLE", "END"]


def test_errors_have_tensorflow_servings_codes(channel):
    def assert_refused(asked, code, message):
        assert (refused(channel, PREDICT, asked)[0], message in refused(channel, PREDICT, asked)[1]) == (code, True)

    assert_refused(messages.PredictRequest(), "INVALID_ARGUMENT", "`model_spec` must have a `name`")
    assert_refused(request("none"), "NOT_FOUND", "The model none is not available")
    assert_refused(request(signature="none"), "FAILED_PRECONDITION", "Received: none")
    asked = request()
    del asked.inputs["labels"]
    assert_refused(asked, "INVALID_ARGUMENT", "The inputs must be labels, z. Received: z")
    for outputs in (["none"], ["image", "image"]):
        asked = request()
        asked.output_filter.extend(outputs)
        assert_refused(asked, "INVALID_ARGUMENT", f"at most: ['image']. Received: {outputs}")
    asked = request()
    asked.inputs["z"].dtype = 2
    asked.inputs["z"].double_val.append(0.5)
    assert_refused(asked, "INVALID_ARGUMENT", "`z` must be float32. Received: float64")
    assert_refused(request(labels=(99,)), "INVALID_ARGUMENT", "")
    classify = "/tensorflow.serving.PredictionService/Classify"
    assert refused(channel, classify, request())[0] == "UNIMPLEMENTED"
    code, message = refused(channel, PREDICT, request("n" * 5000))
    assert (code, len(message), message[-12:]) == ("NOT_FOUND", 1024 + 12, "...TRUNCATED")
    metadata = "/tensorflow.serving.PredictionService/GetModelMetadata"
    asked = messages.GetModelMetadataRequest(model_spec=messages.ModelSpec(name="plain"), metadata_field=["other"])
    assert refused(channel, metadata, asked)[0] == "INVALID_ARGUMENT"


def test_one_value_fills_a_shape(channel, address):
    answer = call(channel, PREDICT, request(), messages.PredictResponse)
    body = {"inputs": {"z": [[0.5] * Z], "labels": [0]}}
    wanted = address[1].post("/v1/models/plain:predict", json=body).json()["outputs"]
    np.testing.assert_allclose(answer.outputs["image"].float_val, np.ravel(wanted), rtol=1e-6)


def test_health(channel):
    answer = call(channel, "/grpc.health.v1.Health/Check", messages.HealthCheckRequest(), messages.HealthCheckResponse)
    assert answer.status == messages.HealthCheckResponse.SERVING


def test_huge_shapes_are_refused(channel):
    asked = request()
    for size in (10**12, -1):
        asked.inputs["z"].tensor_shape.dim[0].size = size
        assert refused(channel, PREDICT, asked)[0] == "INVALID_ARGUMENT"


def test_broken_frames_leave_the_server_standing(channel, address):
    method = channel.unary_unary(PREDICT, None, None)
    whole = request().SerializeToString()
    for cut in range(1, len(whole), 3):
        with pytest.raises(grpc.RpcError):
            method(whole[:cut], timeout=60)
    with pytest.raises(grpc.RpcError) as caught:
        method(b"\0" * (33 * 2**20), timeout=60)
    assert caught.value.code().name == "RESOURCE_EXHAUSTED"
    call(channel, PREDICT, request(), messages.PredictResponse)
    assert address[1].get("/healthz").status_code == 200


def test_tokens_and_a_log_of_calls(folder, tmp_path, monkeypatch):
    """All but the health check asks for the token; each call is a line, a fault of the server's own, too."""
    status = "/tensorflow.serving.ModelService/GetModelStatus"
    health = "/grpc.health.v1.Health/Check"
    options = {"token": "secret-token", "access_log": str(tmp_path / "log")}
    with (
        serving([ModelConfig("plain", folder / "plain")], grpc_port=0, **options) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}") as channel,
    ):
        assert refused(channel, PREDICT, request())[0] == "UNAUTHENTICATED"
        told = call(channel, health, messages.HealthCheckRequest(), messages.HealthCheckResponse)
        assert told.status == messages.HealthCheckResponse.SERVING
        token = [("authorization", "Bearer secret-token")]
        method = channel.unary_unary(PREDICT, lambda message: message.SerializeToString(), None)
        assert method(request(), metadata=token, timeout=60)
        assert method(request(), metadata=[("authorization", "bearer secret-token")], timeout=60)
        with pytest.raises(grpc.RpcError, match="UNAUTHENTICATED"):
            method(request(), metadata=[("authorization", "Bearer other")], timeout=60)
        monkeypatch.setattr(client.server.models, "status", lambda name, number: 1 / 0)
        ask = channel.unary_unary(status, lambda message: message.SerializeToString(), None)
        with pytest.raises(grpc.RpcError) as caught:
            ask(messages.GetModelStatusRequest(model_spec={"name": "plain"}), metadata=token, timeout=60)
        assert (caught.value.code().name, "ZeroDivisionError" in caught.value.details()) == ("INTERNAL", True)
    lines = [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]
    assert [(line["path"], line["status"]) for line in lines] == [
        (PREDICT, "UNAUTHENTICATED"),
        (health, "OK"),
        (PREDICT, "OK"),
        (PREDICT, "OK"),
        (PREDICT, "UNAUTHENTICATED"),
        (status, "INTERNAL"),
    ]
    answered = {key: lines[2][key] for key in ("client", "method", "model", "version", "signature")}
    wanted = {"client": "127.0.0.1", "method": "gRPC", "model": "plain", "version": 2, "signature": "serving_default"}
    assert answered == wanted


TENSORS = st.builds(
    lambda dtype, sizes, content, floats, ints: messages.TensorProto(
        dtype=dtype,
        tensor_shape=messages.TensorShapeProto(dim=[{"size": size} for size in sizes]),
        tensor_content=content,
        float_val=floats,
        int_val=ints,
    ),
    st.integers(-5, 130),
    st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(0, 4), max_size=40),
    st.binary(max_size=40),
    st.lists(st.floats(width=32), max_size=6),
    st.lists(st.integers(-(2**31), 2**31 - 1), max_size=6),
)


@settings(max_examples=300, deadline=None)
@given(TENSORS)
@example(messages.TensorProto(dtype=1, tensor_shape={"dim": [{"size": size} for size in (0, 2**62, 4)]}))
def test_any_tensor_is_an_array_or_an_error(tensor):
    with contextlib.suppress(ServingError):
        assert to_array(tensor, "x", 2**20).nbytes <= 2**20


NAMES = {
    "TensorProto": "tensorflow.core.framework.tensor_pb2.TensorProto",
    "ReloadConfigRequest": "tensorflow_serving.apis.model_management_pb2.ReloadConfigRequest",
    "ReloadConfigResponse": "tensorflow_serving.apis.model_management_pb2.ReloadConfigResponse",
    "ModelServerConfig": "tensorflow_serving.config.model_server_config_pb2.ModelServerConfig",
    "ModelConfigList": "tensorflow_serving.config.model_server_config_pb2.ModelConfigList",
    "ModelConfig": "tensorflow_serving.config.model_server_config_pb2.ModelConfig",
    "PackedPredictResponse": "tensorflow_serving.apis.predict_pb2.PredictResponse",
}
NUMBERS = """
    import importlib, json, sys
    told = {}
    for ours, path in json.loads(sys.argv[1]).items():
        module, name = path.rsplit(".", 1)
        fields = getattr(importlib.import_module(module), name).DESCRIPTOR.fields
        told[ours] = {field.name: field.number for field in fields}
        for field in fields:
            if field.name == "model_version_policy":
                told["VersionPolicy"] = {field.name: field.number for field in field.message_type.fields}
    print(json.dumps(told))
"""


def test_the_messages_are_numbered_as_tensorflows():
    """Each field of ours against the stock client's descriptors, in a process of its own."""
    told = json.loads(fork_server.run(NUMBERS, json.dumps(NAMES)).splitlines()[-1])
    assert set(told) == {*NAMES, "VersionPolicy"}
    for name, fields in told.items():
        for field in getattr(messages, name).DESCRIPTOR.fields:
            assert fields[field.name] == field.number, (name, field.name)
    packed, plain = messages.PackedTensorProto.DESCRIPTOR, messages.TensorProto.DESCRIPTOR
    assert all(plain.fields_by_name[field.name].number == field.number for field in packed.fields)


def test_serving_works_without_tensorflow(folder):
    """The server, its engine and its protos, where TensorFlow and Keras cannot be imported."""
    script = """
        import sys, threading, urllib.request
        from pathlib import Path
        for name in ("tensorflow", "keras", "onnx", "tensorflow_serving"):
            sys.modules[name] = None
        from keras_gan.serving.options import Options
        from keras_gan.serving.server import Server
        def started(server):
            def ask():
                url = f"http://127.0.0.1:{server.rest_port}/v1/models/plain:image.png?seed=1&label=1"
                sys.stdout.write(str(len(urllib.request.urlopen(url, timeout=60).read())))
                server.stop()
            threading.Thread(target=ask).start()
        Server(Options(Path(sys.argv[1]), rest_port=0, grpc_port=0)).run(started)
    """
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script), str(folder)],
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert child.returncode == 0, child.stderr[-2000:]
    assert int(child.stdout) > 50
