"""The server over REST: its paths, its answers, and what it refuses."""

import base64
import gzip
import io
import json
import re
import shutil
import socket
import threading
from contextlib import contextmanager
from pathlib import Path

import httpx
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto
from PIL import Image
from prometheus_client.parser import text_string_to_metric_families
from serving_models import CHANNELS, CLASSES, SIZE, Z, write_generator, write_identity

from keras_gan import latent
from keras_gan.cli.serve import _on_start
from keras_gan.images import to_uint8
from keras_gan.serving.models.model_config import ModelConfig, Policy
from keras_gan.serving.options import Options
from keras_gan.serving.server import Server


@contextmanager
def serving(models, **options):
    """A running server and a client of its REST API."""
    server = Server(Options(models, **{"rest_port": 0, "grpc_port": None, "poll_seconds": -1, **options}))
    up = threading.Event()
    thread = threading.Thread(target=server.run, args=(lambda _: up.set(),))
    thread.start()
    assert up.wait(60)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{server.rest_port}", timeout=60) as client:
            client.server = server
            yield client
    finally:
        server.stop()
        thread.join(60)
        assert not thread.is_alive()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    write_generator(root / "plain" / "1", seed=1)
    write_generator(root / "plain" / "00000002", seed=2)
    (root / "plain" / "notes").mkdir()
    (root / "plain" / f"{2**63}").mkdir()  # no number of TensorFlow Serving's
    (root / "plain" / "\u0663").mkdir()
    write_generator(root / "classes" / "5", labels=True)
    write_identity(root / "same" / "1", {"x": TensorProto.FLOAT, "y": TensorProto.INT32})
    write_identity(root / "doubles" / "1", {"x": TensorProto.DOUBLE}, rank=2)
    return root


@pytest.fixture(scope="module")
def client(folder):
    names = ("plain", "classes", "same", "doubles")
    both = Policy(all=True)
    configs = [ModelConfig(name, folder / name, both, {"old": 1} if name == "plain" else {}) for name in names]
    with serving(configs) as client:
        yield client


def error(response):
    return response.status_code, response.json()["error"]


def images(weights, z):
    return np.tanh(z @ weights).reshape(-1, SIZE, SIZE, CHANNELS)


def test_predict_is_the_models_arithmetic(client, tmp_path):
    z = latent.sample(3, Z, seed=4)
    for version, seed in ((1, 1), (2, 2)):
        wanted = images(write_generator(tmp_path / f"{version}", seed=seed), z)
        row = client.post(f"/v1/models/plain/versions/{version}:predict", json={"instances": z.tolist()})
        column = client.post(f"/v1/models/plain/versions/{version}:predict", json={"inputs": z.tolist()})
        assert row.headers["content-type"] == column.headers["content-type"] == "application/json"
        np.testing.assert_allclose(row.json()["predictions"], wanted, atol=1e-6)
        np.testing.assert_array_equal(row.json()["predictions"], column.json()["outputs"])


def test_versions_and_labels_in_paths(client):
    body = {"instances": [[1.0] * Z]}
    by_label = client.post("/v1/models/plain/labels/old:predict", json=body)
    assert by_label.content == client.post("/v1/models/plain/versions/1:predict", json=body).content
    newest = client.post("/v1/models/plain:predict", json=body)
    assert newest.content == client.post("/V1/Models/plain/versions/2:PREDICT", json=body).content
    assert newest.content != by_label.content


@pytest.mark.parametrize(
    ("method", "path", "status", "message"),
    [
        ("POST", "/v1/models/none:predict", 404, "The model none is not available"),
        ("POST", "/v1/models/plain/versions/9:predict", 404, "Version 9 of the model plain is not available"),
        ("POST", "/v1/models/plain/labels/new:predict", 400, "no label new. Its labels are: old"),
        ("GET", "/v1/models/none", 404, "does not have the model none"),
        ("GET", "/v1/models/plain/versions/9", 404, "does not have version 9 of the model plain"),
        ("GET", f"/v1/models/plain/versions/{'0' * 5000}9", 404, "does not have version 9 of the model plain"),
        ("GET", "/v1/models", 400, "must name a model"),
        ("GET", "/v1/models/plain:predict", 400, "GET /v1/models/plain:predict is not supported"),
        ("HEAD", "/v1/models/plain", 400, None),
        ("POST", "/v1/models/plain", 400, "POST /v1/models/plain is not supported"),
        ("DELETE", "/v1/models/plain", 400, "DELETE /v1/models/plain is not supported"),
        ("POST", "/v1/models/plain/versions/1/labels/old:predict", 400, "is not supported"),
        ("GET", "/v1/models/plain/versions/99999999999999999999", 400, "Received: 99999999999999999999"),
        ("OPTIONS", "/v1/models/plain", 400, "Origin"),
        ("POST", "/v1/models/plain:classify", 501, "Use predict"),
    ],
)
def test_errors_of_paths(client, method, path, status, message):
    body = '{"instances": [1]}' if method == "POST" else None
    response = client.request(method, path, content=body)
    assert response.status_code == status
    assert message is None or message in response.json()["error"]


def test_outside_v1_there_is_no_json(client):
    response = client.get("/v2/models/plain")
    assert response.status_code == 404
    assert "application/json" not in response.headers.get("content-type", "")


def test_errors_come_in_tensorflow_servings_order(client):
    def answer(path, body):
        return error(client.post(f"/v1/models/{path}:predict", content=body))

    assert answer("none", "{")[0] == 400
    assert "signature_name" in answer("none", '{"signature_name": 1}')[1]
    assert answer("none", '{"signature_name": "none"}')[0] == 404
    status, message = answer("plain", '{"signature_name": "none", "instances": 5}')
    assert (status, "one of generate, png, serving_default. Received: none" in message) == (400, True)
    assert answer("plain", "{}")[0] == 400


def test_several_inputs_and_outputs(client):
    row = client.post("/v1/models/same:predict", json={"instances": [{"x": 1.5, "y": 2}, {"x": 2.5, "y": 3}]})
    assert row.json() == {"predictions": [{"x_out": 1.5, "y_out": 2}, {"x_out": 2.5, "y_out": 3}]}
    column = client.post("/v1/models/same:predict", json={"inputs": {"x": [1.5], "y": [2], "more": 1}})
    assert column.json() == {"outputs": {"x_out": [1.5], "y_out": [2]}}


def test_not_a_number_goes_in_and_out(client):
    answer = client.post("/v1/models/doubles:predict", content='{"instances": [[NaN, -Infinity], [0.1, 1e300]]}')
    assert "[[NaN,-Infinity],[0.1,1e+300]]" in answer.text


def test_status(client):
    listed = client.get("/v1/models/plain").json()["model_version_status"]
    assert [version["version"] for version in listed] == ["2", "1"]
    fine = {"error_code": "OK", "error_message": ""}
    assert all(version["state"] == "AVAILABLE" and version["status"] == fine for version in listed)
    # A label in a status path is ignored.
    assert client.get("/v1/models/plain/labels/any").json()["model_version_status"] == listed
    assert client.get("/v1/models/plain/versions/1").json()["model_version_status"] == listed[1:]


def test_metadata(client):
    told = client.get("/v1/models/classes/metadata").json()
    assert told["model_spec"] == {"name": "classes", "signature_name": "", "version": "5"}
    signatures = told["metadata"]["signature_def"]["signature_def"]
    assert set(signatures) == {"serving_default", "generate", "png"}
    default = signatures["serving_default"]
    assert default["method_name"] == "tensorflow/serving/predict"
    assert default["inputs"]["z"] == {
        "dtype": "DT_FLOAT",
        "tensor_shape": {
            "dim": [{"size": "-1", "name": ""}, {"size": str(Z), "name": ""}],
            "unknown_rank": False,
        },
        "name": "serving_default_z:0",
    }
    assert default["inputs"]["labels"]["dtype"] == "DT_INT32"
    assert signatures["png"]["outputs"]["image_bytes"]["dtype"] == "DT_STRING"


def test_images_by_seed(client, tmp_path):
    """Signatures `generate` and `png`, and the path for an `<img>`: the same image."""
    weights = write_generator(tmp_path / "1", seed=2)
    wanted = to_uint8(images(weights, latent.sample(3, Z, seed=7, truncation=0.5)))
    asked = {"seed": [7] * 3, "index": [0, 1, 2], "truncation": [0.5] * 3}
    drawn = client.post("/v1/models/plain:predict", json={"signature_name": "generate", "inputs": asked})
    np.testing.assert_allclose(to_uint8(np.array(drawn.json()["outputs"])), wanted, atol=1)
    files = client.post("/v1/models/plain:predict", json={"signature_name": "png", "inputs": asked}).json()["outputs"]
    files = [base64.b64decode(file["b64"]) for file in files]
    for file, image in zip(files, wanted, strict=True):
        np.testing.assert_allclose(np.asarray(Image.open(io.BytesIO(file))), image, atol=1)
    shown = client.get("/v1/models/plain:image.png?seed=7&index=1&truncation=0.5")
    assert shown.headers["content-type"] == "image/png"
    np.testing.assert_allclose(np.asarray(Image.open(io.BytesIO(shown.content))), wanted[1], atol=1)


def test_what_a_browser_may_keep(client):
    first = client.get("/v1/models/plain:image.png?seed=3")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/v1/models/plain:image.png?seed=3", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    for tags in ("*", f'"other", W/{first.headers["etag"]}'):
        assert client.get("/v1/models/plain:image.png?seed=3", headers={"if-none-match": tags}).status_code == 304
    old = {"if-none-match": '"other"'}
    assert client.get("/v1/models/plain:image.png?seed=3", headers=old).status_code == 200
    for path in ("/v1/models/plain/versions/2:image.png?seed=3", "/v1/models/plain:image.png?seed=3&version=2"):
        fixed = client.get(path)
        assert "immutable" in fixed.headers["cache-control"]
        assert fixed.content == first.content
    other = client.get("/v1/models/plain/versions/1:image.png?seed=3")
    assert other.headers["etag"] != first.headers["etag"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("seed=-1", "`seed` must be an integer from 0 to 2147483647. Received: '-1'"),
        ("seed=2147483648", "`seed` must be"),
        ("index=x", "`index` must be"),
        ("truncation=nan", "`truncation` must be"),
        ("label=1", "`label` is not supported, because plain has no classes"),
    ],
)
def test_queries_that_are_refused(client, query, message):
    status, told = error(client.get(f"/v1/models/plain:image.png?{query}"))
    assert (status, told.startswith(message)) == (400, True)


def test_a_name_may_be_of_any_letters(folder, capsys):
    with serving([ModelConfig("猫 a/b", folder / "plain")]) as client:
        _on_start(client.server)
        url = re.search(r"http\S+/v1/\S+", capsys.readouterr().out)[0]
        assert client.get(url).status_code == 200
        answer = client.get(f"{url}:image.png?seed=3")
    assert answer.headers["content-disposition"] == "inline; filename*=UTF-8''%E7%8C%AB%20a%2Fb-2-seed3-0.png"


@pytest.mark.parametrize(("channels", "mode"), [(1, "L"), (2, "LA"), (4, "RGBA"), (5, None)])
def test_pictures_of_any_channels_that_png_has(tmp_path, channels, mode):
    write_generator(tmp_path / "m" / "1", channels=channels)
    with serving(tmp_path) as client:
        body = {"signature_name": "generate", "instances": [{"seed": 7, "index": 0, "truncation": 1.0}]}
        assert client.post("/v1/models/m:predict", json=body).status_code == 200
        answer = client.get("/v1/models/m:image.png")
    if mode is None:
        assert error(answer) == (404, "m version 1 does not generate PNG files from seeds")
    else:
        assert Image.open(io.BytesIO(answer.content)).mode == mode


def test_labels_choose_the_class(client):
    files = {client.get(f"/v1/models/classes:image.png?label={label}").content for label in range(CLASSES)}
    assert len(files) == CLASSES
    assert error(client.get("/v1/models/classes:image.png?label=99"))[0] == 400
    assert error(client.get("/v1/models/classes:image.png"))[0] == 400  # no manifest tells how many there are


def test_bodies_that_are_refused(client):
    url = "/v1/models/plain:predict"
    assert error(client.post(url, json={"instances": [[1.0] * 3]}))[0] == 400
    too_many = client.post(url, json={"instances": [[0] * Z] * 1025})
    assert error(too_many) == (400, "A request may have at most 1024 rows. Received: 1025")
    packed = gzip.compress(json.dumps({"instances": [[0.5] * Z]}).encode())
    text = json.dumps({"instances": [[0.5] * Z]}).encode()
    for whole in (packed, gzip.compress(text[:20]) + gzip.compress(text[20:])):
        assert client.post(url, content=whole, headers={"content-encoding": "gzip"}).status_code == 200
    for broken in (b"no gzip", packed[:-9]):
        assert error(client.post(url, content=broken, headers={"content-encoding": "gzip"}))[0] == 400


def test_limits_of_bytes(folder):
    with serving([ModelConfig("plain", folder / "plain")], max_body_bytes=1000) as client:
        url = "/v1/models/plain:predict"
        assert error(client.post(url, content=b" " * 1001))[0] == 413
        assert error(client.post(url, content=(b" " * 400 for _ in range(5))))[0] == 413
        bomb = gzip.compress(b" " * 10**7)
        assert error(client.post(url, content=bomb, headers={"content-encoding": "gzip"}))[0] == 413


def test_tokens_and_other_origins(folder):
    with serving([ModelConfig("plain", folder / "plain")], token="secret-token", cors=True) as client:
        for headers in ({}, {"authorization": "Bearer other"}, {"authorization": "secret-token"}):
            assert error(client.get("/v1/models/plain", headers=headers))[0] == 401
            refused = client.get("/models.json", headers=headers)
            assert refused.status_code == 401
            assert refused.headers["access-control-allow-origin"] == "*"
        lower_case = {"authorization": "bearer secret-token"}
        assert client.get("/v1/models/plain", headers=lower_case).status_code == 200
        answer = client.get("/v1/models/plain", headers={"authorization": "Bearer secret-token"})
        assert answer.status_code == 200
        assert answer.headers["access-control-allow-origin"] == "*"
        assert client.get("/healthz").status_code == 200
        # A browser asks without the token whether it may send it.
        told = client.options("/v1/models/plain:predict", headers={"origin": "https://example.com"})
        assert told.status_code == 200
        assert told.headers["access-control-allow-headers"] == "Content-Type, Authorization"


def test_health_metrics_and_lists(client):
    assert client.get("/healthz").status_code == client.get("/readyz").status_code == 200
    listed = {model["name"]: model for model in client.get("/models.json").json()["models"]}
    assert listed["plain"] == {"name": "plain", "versions": [2, 1], "labels": {"old": 1}}
    client.post("/v1/models/plain:predict", json={"instances": [[1.0] * Z]})
    client.post("/v1/models/plain:predict", content="{")
    client.post("/v1/models/any-name-at-all:predict", json={"instances": [1]})
    told = client.get("/monitoring/prometheus/metrics").text
    assert '\n:tensorflow:serving:request_count{model_name="plain",status="OK"} ' in told
    assert '\n:tensorflow:serving:request_count{model_name="plain",status="INVALID_ARGUMENT"} ' in told
    assert "# TYPE :tensorflow:serving:request_count counter" in told
    assert (
        ':tensorflow:serving:request_latency_bucket{API="Predict",entrypoint="REST",le="10.0",model_name="plain"}'
        in told
    )
    assert ':tensorflow:serving:request_example_count_total{model="plain"} ' in told
    families = {family.name: family for family in text_string_to_metric_families(told)}
    latency = families[":tensorflow:serving:request_latency"]
    assert latency.type == "histogram"
    counts = [sample.value for sample in latency.samples if sample.name.endswith("_bucket")]
    assert len(counts) >= 34
    # Names that clients make up would fill the memory.
    assert "any-name-at-all" not in told
    assert set(client.get("/openapi.json").json()["paths"]) >= {"/v1/models/{model}:predict"}


def test_an_access_log_is_lines_of_json(folder, tmp_path):
    log = tmp_path / "log.jsonl"
    with serving([ModelConfig("plain", folder / "plain")], access_log=str(log)) as client:
        client.post("/v1/models/plain:predict", json={"instances": [[1.0] * Z]})
        client.get("/v1/models/plain:image.png?seed=3")
        client.get("/v1/models/none")
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [(line["method"], line["status"]) for line in lines] == [("POST", 200), ("GET", 200), ("GET", 404)]
    assert lines[0]["version"] == 2
    assert lines[1]["query"] == "seed=3"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a file that is always full")
def test_a_log_that_cannot_be_written_is_told_of_once(folder, caplog):
    with serving([ModelConfig("plain", folder / "plain")], access_log="/dev/full") as client:
        connection = {client.get("/healthz").extensions["network_stream"].get_extra_info("client_addr") for _ in "123"}
    assert len(connection) == 1
    assert [line.message for line in caplog.records if line.levelname == "ERROR"] == [
        "The access log cannot be written. The server goes on without it: [Errno 28] No space left on device"
    ]


def test_signing_is_the_last_thing_done_to_a_file(folder):
    def signer(name, version):
        return lambda file: file + f"signed {name} {version}".encode()

    with serving([ModelConfig("plain", folder / "plain")], signer=signer) as client:
        answer = client.get("/v1/models/plain:image.png")
        assert answer.content.endswith(b"IEND\xaeB`\x82signed plain 2")
        assert answer.headers["etag"].startswith('W/"')


def raw(client, request):
    """The status line that bytes are answered with."""
    with socket.create_connection(("127.0.0.1", client.server.rest_port), timeout=60) as connection:
        connection.sendall(request)
        return connection.makefile("rb").read()


PATHS = st.text("/.:%?#v1models0123456789abcABC-_~\\\x7f é", max_size=40).map(lambda text: f"/v1/models/{text}")
TRAVERSALS = ["/../../etc/passwd", "/v1/models/..%2f..%2fetc:predict", "/%2e%2e/%2e%2e/etc/passwd", "//etc/passwd"]


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATHS | st.sampled_from(TRAVERSALS))
def test_any_path_is_an_answer(client, path):
    answer = raw(client, b"GET %s HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n" % path.replace(" ", "").encode())
    assert int(answer.split()[1]) in (200, 400, 404)
    assert b"root:" not in answer


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.binary(max_size=100)
    | st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
        lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["z", "seed", "b64"]), inner),
        max_leaves=20,
    ).map(lambda values: json.dumps({"instances": values}).encode())
)
def test_any_body_is_an_answer(client, body):
    for name in ("plain", "classes", "same"):
        assert client.post(f"/v1/models/{name}:predict", content=body).status_code in (200, 400)


def test_a_manifest_is_given(tmp_path, folder):
    shutil.copytree(folder / "plain" / "1", tmp_path / "m" / "1")
    with serving([ModelConfig("m", tmp_path / "m")]) as client:
        assert error(client.get("/v1/models/m:manifest")) == (404, "m version 1 has no manifest")
