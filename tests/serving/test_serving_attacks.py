"""Attacks of one client on a server that others use."""

import gc
import gzip
import json
import math
import os
import socket
import ssl
import threading
import time
from contextlib import ExitStack, suppress

import grpc
import httpx
import numpy as np
import pytest
from authority import Authority, write_certificates, write_key
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from serving_models import Z, write_generator
from test_serving_rest import error, serving

from keras_gan.serving import workers
from keras_gan.serving.errors import ServingError
from keras_gan.serving.grpc.health import HEALTH
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import fill_content, to_array
from keras_gan.serving.rest import http_server, json_request
from keras_gan.serving.rest.body import unpack
from keras_gan.serving.rest.json_request import JsonRequest
from keras_gan.serving.tls import Tls

PREDICT = "/v1/models/m:predict"
SMALL = {"instances": [[0.0] * Z]}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    write_generator(root / "m" / "1")
    return root


def connected(client, data=b""):
    connection = socket.create_connection(("127.0.0.1", client.server.rest_port), 60)
    connection.sendall(data)
    return connection


def head(length, more=b""):
    return b"POST %s HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n%s\r\n" % (PREDICT.encode(), length, more)


def read_all(connection):
    """The answer until the server closes the connection."""
    answer = b""
    with suppress(ConnectionError):
        while part := connection.recv(65536):
            answer += part
    return answer


def test_gzip_is_unpacked_in_linear_time_beside_the_event_loop(folder, monkeypatch):
    began = time.process_time()
    with pytest.raises(ServingError, match="at most 1000 members"):
        unpack(gzip.compress(b"") * 150_000, 2**25)
    bomb = gzip.compress(b" " * 2**24)
    with pytest.raises(ServingError, match="at most 1000000 bytes"):
        unpack(bomb, 10**6)
    assert unpack(gzip.compress(b"a" * 70_000) * 900, 2**26) == b"a" * 63_000_000
    assert time.process_time() - began < 10

    begun, go_on = threading.Event(), threading.Event()
    monkeypatch.setattr(
        "keras_gan.serving.rest.model_endpoints.unpack", lambda *_: (begun.set(), go_on.wait(60), b"{}")[2]
    )
    with serving(folder) as client, connected(client, head(len(bomb), b"content-encoding: gzip\r\n") + bomb) as asking:
        assert begun.wait(60)
        assert client.get("/healthz").status_code == 200
        assert client.post(PREDICT, json=SMALL).status_code == 200
        go_on.set()
        assert b"400 Bad Request" in asking.recv(1000)
        assert error(client.post(PREDICT, content=b"x", headers={"content-encoding": "br"}))[0] == 415


def test_a_trickled_body_is_answered_and_its_connection_closed(folder, monkeypatch):
    monkeypatch.setattr(http_server, "LINGER_SECONDS", 0.2)
    with serving(folder, timeout=0.3) as client, connected(client, head(10**6)) as connection:
        stop = threading.Event()

        def trickle():
            with suppress(OSError):
                while not stop.wait(0.02):
                    connection.sendall(b"x")

        trickling = threading.Thread(target=trickle)
        trickling.start()
        answer = read_all(connection)
        stop.set()
        trickling.join()
        assert b" 504 " in answer.splitlines()[0]
        assert b"connection: close" in answer
        # The same after a body that is not read at all, and one that is too large.
        for path, length, status in ((b"/healthz", 9, b" 405 "), (PREDICT.encode(), 10**9, b" 413 ")):
            with connected(client, head(length).replace(PREDICT.encode(), path)) as other:
                answer = read_all(other)
                assert status in answer.splitlines()[0]
                assert b"connection: close" in answer


@pytest.mark.parametrize("sent", [b"", b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n", head(10**6)])
def test_connections_that_wait_for_their_client_make_room(folder, sent):
    """Connections that sent nothing, part of the headers, a whole request before, or part of a body."""
    with serving(folder, max_connections=20) as client, ExitStack() as stack:
        held = [stack.enter_context(connected(client, sent)) for _ in range(60)]
        assert client.get("/healthz", headers={"connection": "close"}).status_code == 200
        assert client.post(PREDICT, json=SMALL, headers={"connection": "close"}).status_code == 200
        for connection in held[:38]:
            read_all(connection)
        held[-1].sendall(b"POST" if sent.startswith(b"POST") else b"")
        assert len(client.server.connections._open) <= 20


@pytest.mark.parametrize("first", [b"", b"GET /healthz HTTP/1.1\r\nhost: x\r\n\r\n"])
def test_slow_headers_are_cut_off(folder, monkeypatch, first):
    monkeypatch.setattr(http_server, "MOST_HEADER_SECONDS", 0.3)
    with serving(folder) as client, connected(client, first) as connection:
        if first:
            assert b"200 OK" in connection.recv(1000)
        deadline = time.monotonic() + 60
        with suppress(ConnectionError):
            while time.monotonic() < deadline:
                connection.sendall(b"\r\n")
                time.sleep(0.02)
        assert time.monotonic() < deadline


@pytest.mark.parametrize(
    "sent", [b"GET / HTTP/1.1\r\n\r\n" * 10_000, b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 5000 + b"\r\n"]
)
def test_many_requests_or_headers_in_one_packet_are_refused(folder, sent):
    with serving(folder) as client, connected(client) as connection:
        with suppress(ConnectionError):
            connection.sendall(sent)
        answer = read_all(connection)
        assert answer.count(b" 200 OK") <= http_server.MOST_PIPELINED + 1
        assert client.get("/healthz").status_code == 200


def test_the_sum_of_unfinished_bodies_is_limited(folder):
    """Who holds the rest of a body back for longest loses its connection."""
    size, limits = 300_000, {"max_body_bytes": 400_000, "max_bytes_in_flight": 1_000_000}
    with serving(folder, **limits) as client, ExitStack() as stack:
        held = [stack.enter_context(connected(client, head(size + 1) + b" " * size)) for _ in range(8)]
        for connection in held[:5]:
            assert b" 503 " in read_all(connection).splitlines()[0]
        assert client.post(PREDICT, json=SMALL).status_code == 200
        held[-1].sendall(b" ")
        assert b" 400 " in held[-1].recv(1000).splitlines()[0]
        bodies = client.server.rest._endpoints.bodies
        for connection in held:
            connection.close()
        deadline = time.monotonic() + 60
        while bodies.sum and time.monotonic() < deadline:
            time.sleep(0.01)
        assert bodies.sum == 0


def test_the_sum_of_unread_answers_is_limited(folder, monkeypatch):
    """Who does not read an answer for longest loses its connection."""

    def listen(*args):
        listening = http_server.listen(*args)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4096)  # else the system takes an answer whole
        return listening

    monkeypatch.setattr("keras_gan.serving.server.listen", listen)
    body = json.dumps({"instances": [[0] * Z] * 2000}).encode()
    with serving(folder, max_rows=2000, max_bytes_in_flight=3 * 2**20) as client, ExitStack() as stack:
        held = [stack.enter_context(connected(client, head(len(body)) + body)) for _ in range(6)]
        for connection in held:
            assert b" 200 OK" in connection.recv(100)
        connections, deadline = client.server.connections, time.monotonic() + 20
        while len(connections._open) == len(held) and time.monotonic() < deadline:
            time.sleep(0.01)
        assert 0 < connections.answers.sum <= 3 * 2**20
        whole = len(client.post(PREDICT, content=body).content)
        assert min(len(read_all(connection)) for connection in held[:3]) < whole


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (b'{"instances": [' + b"NaN," * 2**20 + b"1]}", "must be strict JSON"),
        (b'{"instances": [' + b"1" * 2**24 + b"]}", "must be strict JSON"),
        (b'{"instances": ' + b"[" * 2**22, "2097152 of '\\['"),
        (b'{"a":' * 2**20, "131072 of '{'"),
        (b'{"instances": [' + b"{}," * 2**20 + b"1]}", "131072 of '{'"),
        (b"{" + b",".join(b'"%d":1' % i for i in range(2**18)) + b"}", "131072 of ':'"),
        (b'{"instances": [' + b"1," * 2**24 + b"1]}", "4194304 of ','"),
    ],
)
def test_large_bodies_that_take_long_to_parse_are_refused(body, message):
    began = time.process_time()
    with pytest.raises(ServingError, match=message):
        JsonRequest.parse(body)
    assert time.process_time() - began < 2


@pytest.mark.parametrize("text", ["NaN,", "[", '{"a":', '{"a": 1},', "1e999,", "9" * 99 + ",", '"\\ud800",'])
def test_bodies_that_are_parsed_leniently_are_small(text):
    body = b'{"instances": [' + (text * (2**20 // len(text))).encode()[: 2**20 - 20]
    began = time.process_time()
    with pytest.raises(ServingError):
        JsonRequest.parse(body)
    assert time.process_time() - began < 5


def test_large_requests_leave_threads_to_small_ones(folder, monkeypatch):
    """Only one large body is decoded at a time, and memory for one is needed."""
    begun, go_on, array = threading.Semaphore(0), threading.Event(), json_request._array
    running = []

    def decode(value, *more):
        if len(value) > 1:
            running.append(value)
            begun.release()
            assert go_on.wait(60)
        return array(value, *more)

    monkeypatch.setattr(json_request, "_array", decode)
    body = json.dumps({"instances": [[0.123456789] * Z] * 20_000}).encode()
    assert len(body) > json_request.LARGE
    with serving(folder, threads=3) as client, ExitStack() as stack:
        held = [stack.enter_context(connected(client, head(len(body)) + body)) for _ in range(6)]
        assert begun.acquire(timeout=60)
        for _ in range(5):
            assert client.post(PREDICT, json=SMALL).status_code == 200
        assert len(running) == 1
        go_on.set()
        for connection in held:
            assert b" 400 " in connection.recv(1000).splitlines()[0]


def test_work_that_nobody_waits_for_ends(folder, monkeypatch):
    begun, go_on, ran = threading.Event(), threading.Event(), []
    parse = JsonRequest.parse
    monkeypatch.setattr(JsonRequest, "parse", lambda body: (begun.set(), go_on.wait(60), parse(body))[2])
    with serving(folder, threads=1) as client:
        run = client.server.rest._endpoints.predictor.run
        monkeypatch.setattr(client.server.rest._endpoints.predictor, "run", lambda *args: ran.append(1) or run(*args))
        body = json.dumps({**SMALL, "signature_name": "serving_default"}).encode()
        with connected(client, head(len(body)) + body):
            assert begun.wait(60)
        deadline = time.monotonic() + 60
        while client.server.workers.unfinished and time.monotonic() < deadline:
            time.sleep(0.01)
        go_on.set()
        assert client.post(PREDICT, content=body).status_code == 200
        assert ran == [1]


@pytest.mark.parametrize("seconds", [0.05, 0.0001])
def test_refused_bodies_do_not_stay_in_memory(folder, monkeypatch, seconds):
    """They are freed, also if the server has looked for their clients."""
    monkeypatch.setattr(workers, "_LOOK_SECONDS", seconds)
    body = b'{"instances": [' + b"NaN," * 2**19 + b"1]}"
    with serving(folder) as client:
        gc.collect()
        gc.disable()
        try:
            for _ in range(3):
                assert client.post(PREDICT, content=body).status_code == 400
            time.sleep(0.2)  # the last look at whether the client is there
            assert not [one for one in gc.get_objects() if isinstance(one, ServingError)]
        finally:
            gc.enable()


@pytest.mark.parametrize("wrong", [math.nan, math.inf])
def test_z_is_finite(folder, wrong):
    with serving(folder) as client:
        for form in ("instances", "inputs"):
            body = json.dumps({form: [[0.0] * Z, [wrong] * Z]})
            status, message = error(client.post(PREDICT, content=body))
            assert (status, "Row 1 of `z` must be finite" in message) == (400, True)
        seeds = {"seed": [1, 2], "index": [0, 0], "truncation": [1.0, wrong]}
        for signature in ("generate", "png"):
            body = json.dumps({"signature_name": signature, "inputs": seeds})
            status, message = error(client.post(PREDICT, content=body))
            assert (status, "Row 1 of `truncation` must be finite" in message) == (400, True)


def test_images_are_finite(tmp_path):
    write_generator(tmp_path / "m" / "1", bias=math.nan)
    with serving(tmp_path, warm_up=0) as client:
        for answer in (client.post(PREDICT, json=SMALL), client.get("/v1/models/m:image.png?seed=1")):
            assert error(answer) == (400, "Row 0 of `image` must be finite. Received: NaN or an infinite value")


def call(channel, service, name):
    return channel.stream_stream(f"/{service}/{name}", None, None)


def predict(z):
    request = messages.PredictRequest(model_spec=messages.ModelSpec(name="m"))
    fill_content(request.inputs["z"], np.array(z, np.float32))
    return request.SerializeToString()


def held_back(go_on):
    """Messages of a call: none."""
    go_on.wait(60)
    yield from ()


def test_grpc_calls_without_a_message_do_not_stop_others(folder):
    go_on = threading.Event()
    options = {"threads": 2, "queue": 10, "max_bytes_in_flight": 2**26, "max_body_bytes": 2**25}
    own_connection = [("grpc.use_local_subchannel_pool", 1)]
    with (
        serving(folder, grpc_port=0, **options) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}", own_connection) as other,
        grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}", own_connection) as channel,
    ):
        slow = [call(other, "tensorflow.serving.PredictionService", "Predict")(held_back(go_on)) for _ in range(8)]
        slow += [call(other, HEALTH, "Check")(held_back(go_on)) for _ in range(3)]
        check = channel.unary_unary(f"/{HEALTH}/Check", None, messages.HealthCheckResponse.FromString)
        ask = channel.unary_unary("/tensorflow.serving.PredictionService/Predict", None, None)
        for _ in range(3):
            assert check(b"", timeout=20).status == messages.HealthCheckResponse.SERVING
            assert ask(predict([[0.0] * Z]), timeout=20)
        assert client.get("/healthz").status_code == 200
        with pytest.raises(grpc.RpcError) as caught:
            ask(predict([[0.0] * Z, [math.nan] * Z]), timeout=60)
        assert (caught.value.code().name, "Row 1 of `z`" in caught.value.details()) == ("INVALID_ARGUMENT", True)
        go_on.set()
        for one in slow:
            one.cancel()


def test_a_large_grpc_message_needs_no_deadline(folder):
    with (
        serving(folder, grpc_port=0) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}") as channel,
    ):
        ask = channel.unary_unary("/tensorflow.serving.PredictionService/Predict", None, None)
        with pytest.raises(grpc.RpcError) as caught:
            ask(predict(np.zeros((40_000, Z))))
        assert (caught.value.code().name, "at most 1024 rows" in caught.value.details()) == ("INVALID_ARGUMENT", True)


def test_grpc_work_of_cancelled_calls_ends(folder, monkeypatch):
    begun, go_on, ran = threading.Event(), threading.Event(), []
    with (
        serving(folder, grpc_port=0, threads=1) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}") as channel,
    ):
        service = client.server.grpc.service
        arrays, run = service._arrays, service.predictor.run
        monkeypatch.setattr(service, "_arrays", lambda *args: (begun.set(), go_on.wait(60), arrays(*args))[2])
        monkeypatch.setattr(service.predictor, "run", lambda *args: ran.append(1) or run(*args))
        ask = channel.unary_unary("/tensorflow.serving.PredictionService/Predict", None, None)
        first, second = (ask.future(predict([[0.0] * Z]), timeout=60) for _ in range(2))
        assert begun.wait(60)
        first.cancel()
        second.cancel()
        deadline = time.monotonic() + 60
        while client.server.grpc.workers.unfinished and time.monotonic() < deadline:
            time.sleep(0.01)
        go_on.set()
        assert ask(predict([[0.0] * Z]), timeout=60)
        assert ran == [1]


def test_grpc_health_of_services_and_reload(folder):
    with (
        serving(folder, grpc_port=0, allow_reload=False) as client,
        grpc.insecure_channel(f"127.0.0.1:{client.server.grpc_port}") as channel,
    ):
        check = channel.unary_unary(f"/{HEALTH}/Check", None, messages.HealthCheckResponse.FromString)
        watch = channel.unary_stream(f"/{HEALTH}/Watch", None, messages.HealthCheckResponse.FromString)
        for service in ("", "tensorflow.serving.PredictionService"):
            request = messages.HealthCheckRequest(service=service).SerializeToString()
            assert check(request, timeout=60).status == messages.HealthCheckResponse.SERVING
        unknown = messages.HealthCheckRequest(service="none").SerializeToString()
        with pytest.raises(grpc.RpcError) as caught:
            check(unknown, timeout=60)
        assert caught.value.code() == grpc.StatusCode.NOT_FOUND
        watching = watch(unknown, timeout=60)
        assert next(watching).status == messages.HealthCheckResponse.SERVICE_UNKNOWN
        watching.cancel()
        watching = watch(b"", timeout=60)
        assert next(watching).status == messages.HealthCheckResponse.SERVING
        client.server.grpc.health.draining = True
        assert next(watching).status == messages.HealthCheckResponse.NOT_SERVING
        watching.cancel()
        reload = channel.unary_unary("/tensorflow.serving.ModelService/HandleReloadConfigRequest", None, None)
        with pytest.raises(grpc.RpcError) as caught:
            reload(b"", timeout=60)
        assert caught.value.code() == grpc.StatusCode.PERMISSION_DENIED


@pytest.mark.parametrize(("dtype", "values"), [(9, 2**20), (4, 2**20)])
def test_values_of_tensors_are_counted_before_they_are_converted(dtype, values):
    field = "int64_val" if dtype == 9 else "int_val"
    tensor = messages.TensorProto(dtype=dtype, tensor_shape={"dim": [{"size": 4}]}, **{field: [1] * values})
    began = time.process_time()
    for _ in range(100):
        with pytest.raises(ServingError, match="must have 4 values"):
            to_array(tensor, "x", 2**20)
    assert time.process_time() - began < 1


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def tls(authority, tmp_path):
    key = ec.generate_private_key(ec.SECP256R1())
    chain = authority.issue(key, ExtendedKeyUsageOID.SERVER_AUTH, names=["localhost"])
    files = write_key(tmp_path / "key.pem", key), write_certificates(tmp_path / "chain.pem", chain)
    return Tls(*(file.read_bytes() for file in files))


def test_tls_needs_no_writable_folder(folder, tls, authority, tmp_path, monkeypatch):
    if not hasattr(os, "memfd_create"):
        pytest.skip("only Linux has files in memory")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    trusting = ssl.create_default_context(cafile=write_certificates(tmp_path / "root.pem", authority.certificate))
    with serving(folder, rest_tls=tls) as client:
        url = f"https://localhost:{client.server.rest_port}"
        assert httpx.get(f"{url}/healthz", verify=trusting).status_code == 200
        assert httpx.post(f"{url}{PREDICT}", json=SMALL, verify=trusting).status_code == 200


def test_a_tls_handshake_that_does_not_begin_is_cut_off(folder, tls, monkeypatch):
    monkeypatch.setattr(http_server, "HANDSHAKE_SECONDS", 0.3)
    with serving(folder, rest_tls=tls) as client, connected(client) as connection:
        assert read_all(connection) == b""
