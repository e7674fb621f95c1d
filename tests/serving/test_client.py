"""The client, against answers that TensorFlow Serving's specification gives."""

import base64
import functools
import json
import re
import time

import httpx
import numpy as np
import pytest

import keras_gan
from keras_gan.serving import Client, ServerError
from keras_gan.serving.client import VersionStatus
from keras_gan.serving.client.retry import retry


def tensor(dtype, *sizes):
    dims = [{"size": str(size), "name": ""} for size in sizes]
    return {"dtype": dtype, "tensor_shape": {"dim": dims, "unknown_rank": False}, "name": "serving_default_x:0"}


ROWS = {"seed": tensor("DT_INT32", -1), "index": tensor("DT_INT32", -1), "truncation": tensor("DT_FLOAT", -1)}
IMAGE = {"image": tensor("DT_FLOAT", -1, 2, 3, 1)}
METADATA = {
    "model_spec": {"name": "digits", "signature_name": "", "version": "12"},
    "metadata": {
        "signature_def": {
            "signature_def": {
                "serving_default": {"inputs": {"z": tensor("DT_FLOAT", -1, 6)}, "outputs": IMAGE},
                "generate": {"inputs": ROWS, "outputs": IMAGE},
                "png": {"inputs": ROWS, "outputs": {"image_bytes": tensor("DT_STRING", -1)}},
                "two": {
                    "inputs": {"z": tensor("DT_FLOAT", -1, 6), "labels": tensor("DT_INT32", -1)},
                    "outputs": {"a": tensor("DT_INT64", -1), "b": tensor("DT_BOOL", -1)},
                },
                "__saved_model_init_op": {"inputs": {}, "outputs": {"__op": tensor("DT_INVALID")}},
            }
        }
    },
}
# Each is what tensorflow/serving's json_tensor.cc writes for the outputs beside it.
UPSTREAM = [
    (
        '{\n    "outputs": [\n        0.2,\n        1.0,\n        1e-05,\n        9e+06,\n        NaN,\n'
        "        Infinity,\n        -Infinity\n    ]\n}",
        np.array([0.2, 1.0, 1e-05, 9e6, np.nan, np.inf, -np.inf], np.float32),
    ),
    ('{\n    "outputs": [\n        []\n    ]\n}', np.zeros((1, 0), np.float32)),
]


def drawn(inputs):
    """Images that show their inputs."""
    rows = zip(inputs["seed"], inputs["index"], inputs["truncation"], strict=True)
    return [[[[seed], [index], [truncation]], [[0.0], [0.5], [-1e-05]]] for seed, index, truncation in rows]


class Server:
    """A fake server that remembers the requests."""

    def __init__(self):
        self.requests = []
        self.answers = []

    def __call__(self, request):
        self.requests.append(request)
        if self.answers:
            answer = self.answers.pop(0)
            if isinstance(answer, Exception):
                raise answer
            return answer
        return httpx.Response(200, json=self.answer(request))

    def answer(self, request):
        path = request.url.path
        if path == "/models.json":
            return {"models": [{"name": "digits"}]}
        if path.endswith("/metadata"):
            return METADATA
        if path.endswith(":predict"):
            body = json.loads(request.content)
            outputs = {
                "generate": drawn,
                "png": lambda inputs: [{"b64": base64.b64encode(b"PNG %d" % i).decode()} for i in inputs["index"]],
                "two": lambda _: {"b": [True, False], "a": [1, 2**40]},
            }
            return {"outputs": outputs[body["signature_name"]](body["inputs"])}
        states = [("12", "AVAILABLE", "OK", ""), ("11", "END", "INTERNAL", "it is broken")]
        return {
            "model_version_status": [
                {"version": v, "state": s, "status": {"error_code": code, "error_message": message}}
                for v, s, code, message in states
            ]
        }

    @property
    def paths(self):
        return [request.url.raw_path.decode() for request in self.requests]


@pytest.fixture
def server(monkeypatch):
    server = Server()
    faked = functools.partial(httpx.Client, transport=httpx.MockTransport(server))
    monkeypatch.setattr(httpx, "Client", faked)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    return server


@pytest.fixture
def client(server):
    with Client("http://127.0.0.1:8501", "digits") as client:
        yield client


def test_generate_asks_for_the_rows_of_a_seed(client, server):
    images = client.generate(3, seed=7, truncation=0.5)
    assert (images.dtype, images.shape) == (np.float32, (3, 2, 3, 1))
    np.testing.assert_array_equal(images[:, 0, :, 0], [[7, 0, 0.5], [7, 1, 0.5], [7, 2, 0.5]])
    np.testing.assert_array_equal(images[:, 1, 2, 0], np.float32([-1e-05] * 3))
    assert server.paths == ["/v1/models/digits/metadata", "/v1/models/digits:predict"]
    assert json.loads(server.requests[-1].content) == {
        "signature_name": "generate",
        "inputs": {"seed": [7, 7, 7], "index": [0, 1, 2], "truncation": [0.5, 0.5, 0.5]},
    }
    client.generate(1)
    assert server.paths[2:] == ["/v1/models/digits:predict"]  # the signatures are known by now


def test_many_images_come_in_parts_of_one_version(server):
    images = Client("http://host:8501", "digits", batch_size=4).generate(10, seed=7)
    np.testing.assert_array_equal(images[:, 0, 1, 0], np.arange(10))
    assert server.paths == ["/v1/models/digits/metadata", *["/v1/models/digits/versions/12:predict"] * 3]


def test_no_images(client):
    assert client.generate(0).shape == (0, 2, 3, 1)
    assert client.png(0) == []


def test_png_files(client):
    assert client.png(3, seed=1) == [b"PNG 0", b"PNG 1", b"PNG 2"]


def test_predict_with_several_outputs(client):
    outputs = client.predict({"z": np.zeros((2, 6)), "labels": [3, 4]}, "two")
    assert {name: (array.dtype, array.tolist()) for name, array in outputs.items()} == {
        "a": (np.int64, [1, 2**40]),
        "b": (np.bool_, [True, False]),
    }


@pytest.mark.parametrize(("text", "expected"), UPSTREAM)
def test_numbers_as_tensorflow_serving_writes_them(client, server, text, expected):
    client.metadata()
    server.answers = [httpx.Response(200, text=text)]
    found = client.predict({"z": np.zeros((1, 6), np.float32)})["image"]
    np.testing.assert_array_equal(found, expected)
    assert found.dtype == expected.dtype


def test_z_is_sent_to_the_last_bit(client, server):
    z = np.float32([[0.1, np.nan, np.inf, -np.inf, 1e-45, 3.4e38]])
    server.answers = [httpx.Response(200, json=METADATA), httpx.Response(200, json={"outputs": []})]
    client.predict({"z": z})
    sent = np.float32(json.loads(server.requests[-1].content)["inputs"]["z"])
    np.testing.assert_array_equal(sent, z)


@pytest.mark.parametrize(
    ("version", "label", "path"),
    [
        (None, None, "/v1/models/a%20%2Fb"),
        (3, None, "/v1/models/a%20%2Fb/versions/3"),
        (None, "x y", "/v1/models/a%20%2Fb/labels/x%20y"),
    ],
)
def test_versions_labels_and_names_of_any_kind(server, version, label, path):
    Client("https://host/prefix/", "a /b", version=version, label=label).status()
    assert server.paths == ["/prefix" + path]


def test_status_and_metadata(client):
    assert client.status() == [
        VersionStatus(12, "AVAILABLE"),
        VersionStatus(11, "END", "INTERNAL", "it is broken"),
    ]
    signatures = client.metadata()
    assert sorted(signatures) == ["generate", "png", "serving_default", "two"]
    assert signatures["serving_default"].inputs["z"].shape == (None, 6)
    assert signatures["png"].outputs["image_bytes"].dtype == "string"


def test_the_only_model_need_not_be_named(server):
    client = Client("http://host:8501")
    assert (client.models(), client.model) == (["digits"], "digits")
    server.answers = [httpx.Response(200, json={"models": [{"name": "a"}, {"name": "b"}]})]
    with pytest.raises(ValueError, match=r"`model` must be one of \['a', 'b'\]. Received: None"):
        Client("http://host:8501").generate(1)
    server.answers = [httpx.Response(404)]  # TensorFlow Serving's
    with pytest.raises(ValueError, match="`model` must be given, because the server does not list its models"):
        Client("http://host:8501").generate(1)


def test_the_token_is_sent(server):
    Client("http://host:8501", "digits", token="secret").status()
    assert server.requests[0].headers["authorization"] == "Bearer secret"
    assert "secret" not in repr(Client("http://host:8501", "digits", token="secret"))


REFUSED = httpx.ConnectError("[Errno 111] Connection refused")
BUSY = httpx.Response(503, json={"error": "The batch scheduling queue to which this task was submitted is full"})


@pytest.mark.parametrize("failure", [REFUSED, httpx.ConnectTimeout("slow"), BUSY])
def test_what_was_not_begun_is_sent_again(client, server, failure):
    server.answers = [failure] * 4
    assert client.status()[0].version == 12
    assert len(server.requests) == 5


def test_after_the_last_retry_it_fails_with_what_came(client, server):
    server.answers = [REFUSED] * 9
    with pytest.raises(ConnectionError, match=r"a server at http://127.0.0.1:8501. Received: .*Connection refused"):
        client.status()
    assert len(server.requests) == 5
    server.answers = [BUSY] * 9
    with pytest.raises(ServerError, match="UNAVAILABLE, The batch scheduling queue") as raised:
        client.status()
    assert raised.value.code == "UNAVAILABLE"


@pytest.mark.parametrize(
    ("answer", "error", "says"),
    [
        (httpx.ReadTimeout("slow"), TimeoutError, "models/digits within 30 s. Received: none"),
        (httpx.Response(504, json={"error": "too late"}), TimeoutError, "models/digits. Received: too late"),
        (httpx.ReadError("reset"), ConnectionError, "Received: reset"),
        (
            httpx.Response(404, json={"error": "Servable not found for request: Latest(digits)"}),
            ServerError,
            "NOT_FOUND",
        ),
        (httpx.Response(500, json={"error": "out of memory"}), ServerError, "INTERNAL, out of memory"),
        (httpx.Response(401, json={"error": "no token"}), ServerError, "UNAUTHENTICATED, no token"),
        (
            httpx.Response(502, text="<html>Bad gateway"),
            ServerError,
            "HTTP 502, HTTP 502 Bad Gateway <html>Bad gateway",
        ),
        (httpx.Response(302, headers={"location": "http://elsewhere"}), ServerError, "HTTP 302"),
        (
            httpx.Response(200, text="<html>Log in"),
            ServerError,
            "UNKNOWN, an answer that holds no JSON: '<html>Log in'",
        ),
        (httpx.Response(200, json={"a": 1}), ServerError, "holds no status of a model: '{\"a\": 1}'"),
        (httpx.Response(200, json=[]), ServerError, "holds no status of a model"),
    ],
)
def test_other_failures_are_told_at_once(client, server, answer, error, says):
    server.answers = [answer]
    with pytest.raises(error, match=re.escape(says)):
        client.status()
    assert len(server.requests) == 1


@pytest.mark.parametrize("outputs", [{"outputs": [[1], [1, 2]]}, {"predictions": [1]}, {"outputs": "x"}, []])
def test_outputs_that_are_none_are_told(client, server, outputs):
    client.metadata()
    server.answers = [httpx.Response(200, json=outputs)]
    with pytest.raises(ServerError, match=r"other outputs than \['image'\]"):
        client.predict({"z": np.zeros((1, 6))})


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ({}, "Expected the inputs ['z']. Received: []"),
        ({"x": 1}, "Expected the inputs ['z']. Received: ['x']"),
        (np.zeros((1, 6)), "`inputs` must be a mapping with the names ['z']. Received: ndarray"),
        ({"z": ["a"]}, "`z` must be float32. Received: <U1"),
        ({"z": [[1], [1, 2]]}, "`z` must be an array. Received: list"),
    ],
)
def test_inputs_that_do_not_fit_are_told_before_they_are_sent(client, server, inputs, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        client.predict(inputs)
    assert server.paths == ["/v1/models/digits/metadata"]


@pytest.mark.parametrize("labels", [[1.5, 2.0], [2**40, 1], ["3", "4"]])
def test_labels_that_would_change_are_refused(client, labels):
    with pytest.raises(ValueError, match=r"`labels` must be int32. Received: "):
        client.predict({"z": np.zeros((2, 6)), "labels": labels}, "two")


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda c: c.predict({}, "nonsense"), "has no signature `nonsense`. Its signatures are ['generate'"),
        (lambda c: c.generate(-1), "`n` must be at least 0"),
        (lambda c: c.generate(1, seed=2**31), "`seed` must be an integer from 0 to 2**31 - 1"),
        (lambda c: c.generate(1, truncation=float("nan")), "`truncation` must be"),
        (lambda c: c.generate(1, labels=3), "`labels` must be None for a generator without classes"),
    ],
)
def test_arguments_are_checked(client, call, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        call(client)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (
            {"url": "host:8501"},
            "`url` must be http://HOST, https://HOST, grpc://HOST or grpcs://HOST. Received: url='host:8501'",
        ),
        ({"url": "http://"}, "`url` must be"),
        ({"version": 1, "label": "a"}, "Only one of `version` and `label` may be given"),
        ({"timeout": 0}, "`timeout` must be a number of seconds above 0. Received: timeout=0"),
        ({"timeout": float("nan")}, "`timeout` must be"),
        ({"retries": -1}, "`retries` must be at least 0"),
        ({"batch_size": 0}, "`batch_size` must be at least 1"),
        ({"ca_certificate": "ca.pem"}, "Certificates are for https:// and grpcs://"),
    ],
)
def test_what_a_client_cannot_be_made_of(arguments, says):
    with pytest.raises(ValueError, match=re.escape(says)):
        Client(**{"url": "http://host:8501", **arguments})


def test_retries_wait_as_the_server_says_and_within_the_timeout(monkeypatch):
    from keras_gan.serving.client.errors import RetryableError

    waits, now = [], [100.0]

    def sleep(seconds):
        waits.append(seconds)
        now[0] += seconds

    monkeypatch.setattr(time, "sleep", sleep)
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    left = []

    def call(seconds, after):
        left.append(seconds)
        raise RetryableError(KeyError("busy"), after)

    with pytest.raises(KeyError):
        retry(lambda s: call(s, 4.0), timeout=10.0, retries=9)
    assert (waits, left) == ([4.0, 4.0], [10.0, 6.0, 2.0])
    waits.clear()
    with pytest.raises(KeyError):
        retry(lambda s: call(s, None), timeout=1000.0, retries=10)
    assert len(waits) == 10
    assert all(0 <= wait <= min(5.0, 0.1 * 2**k) for k, wait in enumerate(waits))
    assert len(set(waits)) == 10


def test_without_httpx_the_error_names_the_extra(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "httpx", None)
    monkeypatch.delitem(sys.modules, "keras_gan.serving.client.rest", raising=False)
    with pytest.raises(ImportError, match=r"needs httpx: pip install .*\[client\]"):
        Client("http://host:8501")


def test_the_public_names():
    assert set(keras_gan.serving.__all__) >= {"Client", "ServerError"}


def test_https_with_certificates_of_both_sides(tmp_path):
    """A server of the standard library, which answers those alone that its authority knows."""
    import ssl
    import threading
    from http.server import BaseHTTPRequestHandler, HTTPServer

    from authority import Authority, write_certificates, write_key
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(json.dumps(METADATA).encode())

        def log_message(self, *_):
            pass

    authority, files = Authority(), {}
    for name, purpose in (("server", ExtendedKeyUsageOID.SERVER_AUTH), ("client", ExtendedKeyUsageOID.CLIENT_AUTH)):
        key = ec.generate_private_key(ec.SECP256R1())
        issued = authority.issue(key, purpose, names=["localhost"])
        files[name] = (
            write_certificates(tmp_path / f"{name}.pem", issued),
            write_key(tmp_path / f"{name}.key", key),
        )
    trusted = write_certificates(tmp_path / "ca.pem", authority.certificate)
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH, cafile=trusted)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_cert_chain(*files["server"])
    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        server.handle_error = lambda *_: None
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"https://localhost:{server.server_port}"
        with Client(url, "digits", ca_certificate=trusted, client_certificate=files["client"]) as client:
            assert "generate" in client.metadata()
        for arguments in ({"ca_certificate": trusted}, {"client_certificate": files["client"]}):
            with pytest.raises(ConnectionError, match=r"Received: .*(certificate|alert|SSL)"):
                Client(url, "digits", retries=0, **arguments).metadata()
        server.shutdown()


def test_nobody_listens():
    with pytest.raises(ConnectionError, match=r"Expected a server at http://127.0.0.1:9. Received: .*refused"):
        Client("http://127.0.0.1:9", "digits", retries=1).status()
