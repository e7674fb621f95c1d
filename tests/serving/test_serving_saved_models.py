"""SavedModels that others made: of any rank, of strings, of several signatures, of TensorFlow 1."""

import base64
import json

import grpc
import numpy as np
import pytest
import tensorflow as tf
from ai_edge_litert.tools import flatbuffer_utils
from google.protobuf import json_format
from serving_models import save, save_half_plus, save_identity
from tensorflow.core.protobuf import saved_model_pb2
from tensorflow_serving.apis import get_model_metadata_pb2, predict_pb2, prediction_service_pb2_grpc
from test_serving_json import ENUMS, assert_equal, of_kind, tensor
from test_serving_rest import error, serving

from keras_gan.artifacts.engines import ArtifactError
from keras_gan.serving import Client
from keras_gan.serving.models.model_config import ModelConfig
from keras_gan.serving.models.servable import load

# NumPy's names of the types that JSON, or gRPC alone, carries.
JSON_TYPES = ("float32", "float64", "int8", "uint8", "int16", "int32", "int64", "uint32", "uint64", "bool", "string")
GRPC_TYPES = (*JSON_TYPES, "uint16", "float16")
EXAMPLE = tf.train.Example(
    features=tf.train.Features(feature={"x": tf.train.Feature(float_list=tf.train.FloatList(value=[3.0]))})
).SerializeToString()
# A PNG file of one white pixel.
PIXEL = tf.io.encode_png(np.full((1, 1, 3), 255, np.uint8)).numpy()


def rows(x=((None, 2), tf.float32), y=((None,), tf.float32)):
    return {"sum": x[:, 0] + y, "product": x * y[:, None]}


def pixels(files=((None,), tf.string)):
    return {"pixels": tf.map_fn(lambda one: tf.io.decode_png(one, 3)[0, 0], files, fn_output_signature=tf.uint8)}


def total(x=((), tf.float32)):
    return {"total": tf.reduce_sum(x), "file_bytes": tf.cast("A", tf.string)}


def unique(x=((None,), tf.int32)):
    return {"values": tf.unique(x).y}


def complicated(x=((None,), tf.complex64)):
    return {"y": x}


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("saved_models")
    for dtype in GRPC_TYPES:
        save_identity(root / dtype / "1", x=dtype)
    save_identity(root / "two" / "1", x="float32", y="int32")
    save_half_plus(root / "half_plus_two" / "123", 2.0)
    save_half_plus(root / "half_plus_three" / "123", 3.0)
    save(root / "several" / "1", rows=rows, pixels=pixels, total=total, unique=unique, complicated=complicated)
    return root


@pytest.fixture(scope="module")
def client(folder):
    configs = [ModelConfig(model.name, model) for model in folder.iterdir()]
    with serving(configs, grpc_port=0) as client:
        yield client


@pytest.fixture(scope="module")
def stub(client):
    with grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}") as channel:
        yield prediction_service_pb2_grpc.PredictionServiceStub(channel)


def predict(client, model, body):
    return client.post(f"/v1/models/{model}:predict", content=body if isinstance(body, str) else json.dumps(body))


def grpc_predict(stub, model, signature="", **inputs):
    request = predict_pb2.PredictRequest()
    request.model_spec.name, request.model_spec.signature_name = model, signature
    for name, array in inputs.items():
        request.inputs[name].CopyFrom(tf.make_tensor_proto(array))
    return {name: tf.make_ndarray(one) for name, one in stub.Predict(request, timeout=60).outputs.items()}


def vectors():
    """The recorded answers of TensorFlow Serving for which `folder` has a model, with its name."""
    models = {(dtype,): dtype for dtype in JSON_TYPES} | {("float16",): "float16", ("float32", "int32"): "two"}
    for parameter in of_kind("predict_request"):
        (vector,) = parameter.values
        model = models.get(tuple(ENUMS[enum].numpy for enum in vector["signature_inputs"].values()))
        if model is not None and '"abc"' not in vector["body"]:  # a signature that these models lack
            yield pytest.param(model, vector, id=parameter.id)


@pytest.mark.parametrize(("model", "vector"), list(vectors()))
def test_requests_to_models_of_any_rank_are_answered_as_by_tensorflow_serving(client, model, vector):
    answer = predict(client, model, vector["body"])
    assert answer.status_code == vector.get("http", 200), answer.text
    if not vector["ok"]:
        return
    wanted = {name: tensor(proto) for name, proto in vector["request"]["inputs"].items()}
    if vector["format"] == "row":
        (found,) = answer.json().values()
        found = {"y": found} if model != "two" else {name: [row[name] for row in found] for name in ("x_out", "y_out")}
    else:
        found = answer.json()["outputs"]
        found = {"y": found} if model != "two" else found
    for output, array in zip(found.values(), wanted.values(), strict=True):
        if array.dtype == object:
            assert output == np.vectorize(lambda one: one.decode(errors="replace"), "O")(array).tolist()
        else:
            assert_equal(np.array(output, array.dtype), array)


@pytest.mark.parametrize(
    ("model", "body", "status", "answer"),
    [
        ("float32", {"inputs": 3.5}, 200, {"outputs": 3.5}),
        ("float32", {"inputs": {"x": [[[1]]], "more": 1}}, 200, {"outputs": [[[1.0]]]}),
        ("float32", {"inputs": []}, 200, {"outputs": []}),
        ("float32", {"inputs": [[], []]}, 200, {"outputs": [[], []]}),
        ("float32", {"instances": [[], []]}, 200, {"predictions": [[], []]}),
        ("float32", {"instances": [1, [2]]}, 400, None),
        ("float32", {"instances": [[1], [2, 3]]}, 400, None),
        ("float32", {"instances": [1, "2"]}, 400, None),
        ("float32", {"instances": [1, None]}, 400, None),
        ("float32", {"instances": [{"x": 1}, {"x": 2}]}, 200, {"predictions": [1.0, 2.0]}),
        ("float32", {"instances": [{"x": 1, "y": 2}]}, 400, None),
        ("float32", {"signature_name": "none", "instances": [1]}, 400, None),
        ("float32", {"signature_name": "serving_default", "instances": [1]}, 200, {"predictions": [1.0]}),
        ("two", {"inputs": {"x": [1, 2, 3], "y": 7}}, 200, {"outputs": {"x_out": [1.0, 2.0, 3.0], "y_out": 7}}),
        ("two", {"inputs": {"x": [1]}}, 400, None),
        ("two", {"instances": [{"x": 1}]}, 400, None),
        ("two", {"instances": [{"x": 1, "y": 2, "z": 3}]}, 400, None),
        ("string", {"instances": ["a", {"b64": "w6k="}]}, 200, {"predictions": ["a", "é"]}),
        ("string", {"inputs": "a"}, 200, {"outputs": "a"}),
        ("string", {"instances": [["a", "b"], ["c"]]}, 400, None),
        ("uint16", {"inputs": [1]}, 501, None),
        ("uint16", {"instances": [1]}, 400, None),
        ("float16", {"inputs": [1.0]}, 501, None),
        ("half_plus_two", {"instances": [1.0, 2.0, 5.0]}, 200, {"predictions": [2.5, 3.0, 4.5]}),
        ("half_plus_two", {"instances": [[1.0], [2.0]]}, 200, {"predictions": [[2.5], [3.0]]}),
        ("half_plus_two", {"inputs": 1.0}, 200, {"outputs": 2.5}),
        ("half_plus_three", {"inputs": [4.0]}, 200, {"outputs": [5.0]}),
        ("half_plus_two", {"signature_name": "regress_x2_to_y3", "inputs": [[4.0]]}, 200, {"outputs": [[5.0]]}),
        (
            "half_plus_two",
            {"signature_name": "classify_x_to_y", "instances": [{"b64": base64.b64encode(EXAMPLE).decode()}]},
            200,
            {"predictions": [[3.5]]},
        ),
        ("half_plus_two", {"signature_name": "regress_x_to_y", "instances": ["no example"]}, 400, None),
        ("several", {"instances": [1]}, 400, None),  # it has no `serving_default`
        (
            "several",
            {"signature_name": "rows", "instances": [{"x": [1, 2], "y": 3}]},
            200,
            {"predictions": [{"product": [3.0, 6.0], "sum": 4.0}]},
        ),
        ("several", {"signature_name": "rows", "inputs": {"x": [[1, 2, 3]], "y": [3]}}, 400, None),
        ("several", {"signature_name": "rows", "inputs": {"x": [[1, 2]], "y": [3, 4, 5]}}, 200, None),  # broadcast
        ("several", {"signature_name": "rows", "inputs": {"x": [[1, 2]] * 2, "y": [3, 4, 5]}}, 400, None),
        (
            "several",
            {"signature_name": "pixels", "instances": [{"b64": base64.b64encode(PIXEL).decode()}]},
            200,
            {"predictions": [[255, 255, 255]]},
        ),
        ("several", {"signature_name": "pixels", "instances": ["no image"]}, 400, None),
        (
            "several",
            {"signature_name": "total", "inputs": 2.0},
            200,
            {"outputs": {"file_bytes": {"b64": "QQ=="}, "total": 2.0}},
        ),
        ("several", {"signature_name": "total", "instances": [2.0]}, 400, None),
        ("several", {"signature_name": "unique", "instances": [1, 1, 2]}, 200, {"predictions": [1, 2]}),
        ("several", {"signature_name": "complicated", "instances": [1]}, 400, None),
    ],
)
def test_requests_to_all_kinds_of_signatures(client, model, body, status, answer):
    response = predict(client, model, body)
    assert response.status_code == status, response.text
    assert answer is None or response.json() == answer


def test_arrays_of_all_types_over_grpc(stub):
    for dtype in GRPC_TYPES:
        values = [b"a\0", b""] if dtype == "string" else [0, 1]
        for shape in ((), (0,), (2,), (1, 2), (2, 0, 3), (1, 1, 2, 1)):
            size = int(np.prod(shape))
            array = np.array(values * 2, object if dtype == "string" else dtype)[:size].reshape(shape)
            found = grpc_predict(stub, dtype, x=array)["y"]
            assert found.shape == shape
            assert found.dtype == array.dtype
            np.testing.assert_array_equal(found, array)


def test_other_signatures_over_grpc(stub):
    np.testing.assert_array_equal(grpc_predict(stub, "half_plus_two", x=np.float32(1))["y"], 2.5)
    examples = np.array([EXAMPLE] * 2, object)
    for name, output in (("regress_x_to_y", "outputs"), ("classify_x_to_y", "scores")):
        np.testing.assert_array_equal(grpc_predict(stub, "half_plus_three", name, inputs=examples)[output], [[4.5]] * 2)
    with pytest.raises(grpc.RpcError) as caught:
        grpc_predict(stub, "several", x=np.float32(1))
    assert caught.value.code().name == "FAILED_PRECONDITION"
    with pytest.raises(grpc.RpcError) as caught:
        grpc_predict(stub, "float32", x=np.array([1, 2]))
    assert caught.value.code().name == "INVALID_ARGUMENT"


@pytest.mark.parametrize("model", ["half_plus_two", "several", "string"])
def test_the_metadata_is_that_of_the_file(client, stub, folder, model):
    (path,) = (folder / model).iterdir()
    graph = saved_model_pb2.SavedModel.FromString((path / "saved_model.pb").read_bytes()).meta_graphs[0]
    wanted = {
        name: definition
        for name, definition in graph.signature_def.items()
        if name not in ("__saved_model_init_op", "complicated")
    }
    assert len(wanted) == {"half_plus_two": 4, "several": 4, "string": 1}[model]
    request = get_model_metadata_pb2.GetModelMetadataRequest(metadata_field=["signature_def"])
    request.model_spec.name = model
    found = get_model_metadata_pb2.SignatureDefMap()
    assert stub.GetModelMetadata(request, timeout=60).metadata["signature_def"].Unpack(found)
    assert dict(found.signature_def) == wanted
    options = {"preserving_proto_field_name": True, "always_print_fields_with_no_presence": True}
    listed = client.get(f"/v1/models/{model}/metadata").json()["metadata"]["signature_def"]["signature_def"]
    assert listed == {name: json_format.MessageToDict(one, **options) for name, one in wanted.items()}


@pytest.mark.parametrize("transport", ["http", "grpc"])
def test_the_client_knows_these_signatures(client, transport):
    port = client.server.rest_port if transport == "http" else client.server.grpc_port
    for model, inputs, wanted in (
        ("string", {"x": [[b"a\0", b"b"]]}, {"y": [[b"a\0", b"b"]]}),
        ("string", {"x": b"a"}, {"y": b"a"}),
        ("int64", {"x": 2**40}, {"y": 2**40}),
        ("half_plus_two", {"x": [1.0]}, {"y": [2.5]}),
    ):
        with Client(f"{transport}://127.0.0.1:{port}", model) as own:
            for name, array in own.predict(inputs).items():
                np.testing.assert_array_equal(array, np.array(wanted[name], array.dtype))
                assert array.shape == np.shape(wanted[name])


def test_what_is_not_served_is_logged_and_a_model_of_it_alone_is_refused(folder, tmp_path, caplog):
    loaded = load("several", 1, folder / "several" / "1")
    assert sorted(loaded.signatures) == ["pixels", "rows", "total", "unique"]
    assert "`complicated`: `x` has the type complex64, which is not supported" in caplog.text
    save(tmp_path / "1", complicated=complicated)
    with pytest.raises(ArtifactError, match=r"signature that can be served. Received: .*complex64"):
        load("m", 1, tmp_path / "1")
    tf.saved_model.save(tf.Module(), str(tmp_path / "2"))
    with pytest.raises(ArtifactError, match=r"with a signature. Received: .*, which has none"):
        load("m", 2, tmp_path / "2")


def test_a_tflite_file_without_signatures(tmp_path):
    """As other frameworks' converters write it: inputs and outputs have the names of the graph."""
    save(tmp_path / "saved", serving_default=rows)
    converted = tf.lite.TFLiteConverter.from_saved_model(str(tmp_path / "saved")).convert()
    model = flatbuffer_utils.convert_bytearray_to_object(converted)
    model.signatureDefs = None
    (tmp_path / "models" / "m" / "1").mkdir(parents=True)
    flatbuffer_utils.write_model(model, str(tmp_path / "models" / "m" / "1" / "model.tflite"))
    with serving(tmp_path / "models") as client:
        signatures = client.get("/v1/models/m/metadata").json()["metadata"]["signature_def"]["signature_def"]
        assert list(signatures) == ["serving_default"]
        x, y = (next(n for n in signatures["serving_default"]["inputs"] if letter in n[-3:]) for letter in "xy")
        for n in (1, 3, 2):
            body = {"instances": [{x: [1, 2], y: 3}] * n}
            answer = client.post("/v1/models/m:predict", json=body).json()["predictions"]
            assert [sorted(map(str, row.values())) for row in answer] == [["4.0", "[3.0, 6.0]"]] * n
        assert error(client.post("/v1/models/m:predict", json={"instances": [{x: [1, 2], y: [3]}]}))[0] == 400
