"""The server and clients that are slow, gone, many or strangers."""

import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import textwrap
import threading
import time
from contextlib import ExitStack, suppress

import grpc
import httpx
import pytest
from authority import Authority, write_certificates, write_key
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID
from serving_models import Z, write_generator
from test_serving_rest import error, raw, serving
from typer.testing import CliRunner

import keras_gan
from keras_gan.artifacts.formats import FILES
from keras_gan.cli.app import app
from keras_gan.serving import server
from keras_gan.serving.protos import messages
from keras_gan.serving.rest import http_server
from keras_gan.serving.tls import read_tls


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("models")
    write_generator(root / "m" / "1")
    return root


class Holding:
    """Signs nothing, and holds each file until it is let; counts them."""

    def __init__(self):
        self.begun, self.let, self.count = threading.Event(), threading.Event(), 0
        self.turn = threading.Lock()

    def __call__(self, name, version):
        return self.hold

    def hold(self, file):
        with self.turn:
            self.count += 1
        self.begun.set()
        assert self.let.wait(60)
        return file


def test_a_request_that_takes_too_long(folder):
    holding = Holding()
    with serving(folder, signer=holding, warm_up=0, timeout=0.3) as client:
        status, message = error(client.get("/v1/models/m:image.png"))
        assert (status, message) == (504, "The request took longer than the server's time limit")
        holding.let.set()


def test_a_body_that_does_not_come(folder):
    with serving(folder, timeout=0.3) as client:
        answer = raw(
            client, b"POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: 9\r\n\r\n"
        )
        assert int(answer.split()[1]) == 504


def test_what_waits_for_a_client_that_has_gone_is_not_begun(folder):
    holding = Holding()
    with serving(folder, signer=holding, warm_up=0, threads=1) as client:
        request = b"GET /v1/models/m:image.png HTTP/1.1\r\nhost: x\r\n\r\n"
        address = ("127.0.0.1", client.server.rest_port)
        with socket.create_connection(address) as first:
            first.sendall(request)
            assert holding.begun.wait(60)
            with socket.create_connection(address) as second:
                second.sendall(request)
                deadline = time.monotonic() + 60
                while client.server.workers.unfinished < 2 and time.monotonic() < deadline:
                    time.sleep(0.01)
            while client.server.workers.unfinished > 1 and time.monotonic() < deadline:
                time.sleep(0.01)
            holding.let.set()
            assert b"200 OK" in first.recv(100)
        assert client.get("/healthz").status_code == 200
    assert holding.count == 1


def test_small_requests_are_answered_while_large_ones_run(folder):
    holding = Holding()
    request = b"GET /v1/models/m:image.png HTTP/1.1\r\nhost: x\r\n\r\n"
    with serving(folder, signer=holding, warm_up=0, threads=3) as client, ExitStack() as stack:
        for count in (1, 2):
            holding.begun.clear()
            held = stack.enter_context(socket.create_connection(("127.0.0.1", client.server.rest_port)))
            held.sendall(request)
            assert holding.begun.wait(60)
            assert holding.count == count
        answer = client.post("/v1/models/m:predict", json={"instances": [[0.0] * Z]})
        assert answer.status_code == 200
        holding.let.set()


def png_of(rows):
    """A request for this number of PNG files, which `Holding` counts."""
    inputs = {"seed": [1] * rows, "index": list(range(rows)), "truncation": [1.0] * rows}
    body = json.dumps({"signature_name": "png", "inputs": inputs}).encode()
    return b"POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)


def test_a_large_request_ends_with_its_client(folder):
    holding = Holding()
    with serving(folder, signer=holding, warm_up=0, threads=1) as client:
        with socket.create_connection(("127.0.0.1", client.server.rest_port)) as gone:
            gone.sendall(png_of(1000))
            assert holding.begun.wait(60)
        deadline = time.monotonic() + 60
        while client.server.workers.unfinished and time.monotonic() < deadline:
            time.sleep(0.01)
        holding.let.set()
        assert client.get("/v1/models/m:image.png").status_code == 200
    assert holding.count < 500


def test_a_large_request_lets_others_run(folder):
    answered = threading.Event()

    class Slow(Holding):
        def hold(self, file):
            # The rest of the request waits for the answer to the other.
            assert self.count < 500 or answered.wait(60)
            return super().hold(file)

    slow = Slow()
    with serving(folder, signer=slow, warm_up=0, threads=1) as client, socket.socket() as large:
        large.connect(("127.0.0.1", client.server.rest_port))
        large.sendall(png_of(1000))
        assert slow.begun.wait(60)
        body = {"instances": [[0.0] * Z]}
        small = threading.Thread(target=lambda: client.post("/v1/models/m:predict", json=body) and answered.set())
        small.start()
        deadline = time.monotonic() + 60
        while client.server.workers.unfinished < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
        slow.let.set()
        small.join(60)
        assert answered.is_set()
        assert b"200 OK" in large.recv(1000)


def test_headers_without_an_end_are_cut_off(folder):
    with serving(folder) as client, socket.create_connection(("127.0.0.1", client.server.rest_port)) as connection:
        connection.settimeout(60)
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: x\r\n")
        # The system takes some megabytes before the server reads any, on a busy machine.
        deadline, cut_off = time.monotonic() + 60, False
        while time.monotonic() < deadline and not cut_off:
            try:
                connection.sendall(b"x: %s\r\n" % (b"y" * 10_000))
                time.sleep(0.002)
            except ConnectionError:
                cut_off = True
        assert cut_off
        assert client.get("/healthz").status_code == 200


SLOW = """
import sys, time
from pathlib import Path
from keras_gan.serving.options import Options
from keras_gan.serving.server import Server
def sign(file):
    print("running", flush=True)
    time.sleep(600)
started = lambda server: print(server.rest_port, flush=True)
options = Options(Path(sys.argv[1]), rest_port=0, grpc_port=0, signer=lambda *_: sign, warm_up=0, drain_seconds=0.2)
Server(options).run(started)
"""


@pytest.mark.skipif(not hasattr(socket, "TCP_USER_TIMEOUT"), reason="only Linux has this timeout")
def test_a_client_that_does_not_read_its_answer_is_disconnected(folder, monkeypatch):
    lost, protocol = threading.Event(), http_server.LimitedProtocol
    connection_lost = protocol.connection_lost
    monkeypatch.setattr(protocol, "connection_lost", lambda *args: (connection_lost(*args), lost.set()))
    monkeypatch.setattr(http_server, "MOST_READ_SECONDS", 0.5)
    body = json.dumps({"instances": [[0] * Z] * 4000}).encode()
    with serving(folder, max_rows=4000) as client, socket.socket() as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.settimeout(60)
        connection.connect(("127.0.0.1", client.server.rest_port))
        connection.sendall(
            b"POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\ncontent-length: %d\r\n\r\n%s" % (len(body), body)
        )
        head = connection.recv(1000)
        whole = int(re.search(rb"content-length: (\d+)", head)[1]) + head.index(b"\r\n\r\n") + 4
        assert lost.wait(60)
        read = len(head)
        with suppress(ConnectionResetError):
            while read < whole and (part := connection.recv(65536)):
                read += len(part)
        assert read < whole


def test_what_does_not_finish_in_time_is_answered_and_does_not_keep_the_server(folder):
    command = [sys.executable, "-c", SLOW, str(folder)]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        url, answers = f"http://127.0.0.1:{int(server.stdout.readline())}/v1/models/m:image.png", []
        asking = threading.Thread(target=lambda: answers.append(error(httpx.get(url, timeout=60))))
        asking.start()
        assert server.stdout.readline() == "running\n"
        server.send_signal(signal.SIGTERM)
        asking.join(60)
        assert answers == [(503, "The server is stopping and could not finish the request in time")]
        assert server.wait(60) == 1
        assert "it took longer than 0.2 s" in server.stderr.read()
    finally:
        server.kill()
        server.communicate()


def test_both_ports_have_certificates(folder, tmp_path):
    authority, key = Authority(), ec.generate_private_key(ec.SECP256R1())
    chain = write_certificates(
        tmp_path / "chain.pem", authority.issue(key, ExtendedKeyUsageOID.SERVER_AUTH, names=["localhost"])
    )
    root = write_certificates(tmp_path / "root.pem", authority.certificate)
    pem = write_key(tmp_path / "key.pem", key).read_text()
    quoted = [text.replace("\n", "\\n") for text in (pem, chain.read_text())]
    (tmp_path / "ssl.config").write_text('server_key: "{}"\nserver_cert: "{}"'.format(*quoted))
    tls = read_tls(tmp_path / "ssl.config")
    with serving(folder, rest_tls=tls, grpc_tls=tls, grpc_port=0) as client:
        ports = client.server.rest_port, client.server.grpc_port
        trusting = ssl.create_default_context(cafile=root)
        assert httpx.get(f"https://localhost:{ports[0]}/v1/models/m", verify=trusting).status_code == 200
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"https://localhost:{ports[0]}/v1/models/m")
        credentials = grpc.ssl_channel_credentials(root.read_bytes())
        with grpc.secure_channel(f"localhost:{ports[1]}", credentials) as channel:
            ask = channel.unary_unary("/tensorflow.serving.ModelService/GetModelStatus", None, None)
            request = messages.GetModelStatusRequest(model_spec=messages.ModelSpec(name="m"))
            answer = messages.GetModelStatusResponse.FromString(ask(request.SerializeToString(), timeout=60))
        assert [version.version for version in answer.model_version_status] == [1]
    for wrong, message in (
        ('server_key: "no key" server_cert: "none"', "key and the certificates of the SSLConfig cannot be used"),
        ('server_key: "{}" server_cert: "{}" client_verify: true'.format(*quoted), "`custom_ca` must be PEM text"),
    ):
        (tmp_path / "ssl.config").write_text(wrong)
        with pytest.raises(ValueError, match=message):
            read_tls(tmp_path / "ssl.config")


@pytest.mark.parametrize(
    ("flags", "wanted"),
    [
        (["--enable_reload_config", "--rest_api_port", "0"], {"rest_port": 0, "allow_reload": True}),
        (["--enable_reload_config=true", "--rest-api-port=7"], {"rest_port": 7, "allow_reload": True}),
        (["--enable_reload_config=false", "--port=-1"], {"allow_reload": False, "grpc_port": None}),
        (["--noenable_reload_config", "--format=tflite"], {"allow_reload": False, "formats": ("tflite",)}),
        (["--file_system_poll_wait_seconds=-1"], {"poll_seconds": -1, "warm_up": 1}),
        (["--num_request_iterations_for_warmup=3"], {"warm_up": 3, "formats": tuple(FILES)}),
        (["--tensorflow_intra_op_parallelism=0", "--host", "::1"], {"engine_threads": None, "host": "::1"}),
    ],
)
def test_flags_are_written_as_tensorflow_servings(folder, monkeypatch, flags, wanted):
    seen = []
    monkeypatch.setattr(server.Server, "run", lambda self, started: seen.append(self.options))
    result = CliRunner().invoke(app, ["serve", "--model_name=m", f"--model_base_path={folder / 'm'}", *flags])
    assert result.exit_code == 0, result.output
    assert {name: getattr(seen[0], name) for name in wanted} == wanted


def test_flags_without_effect_are_listed_in_one_warning(folder, monkeypatch):
    monkeypatch.setattr(server.Server, "run", lambda self, started: None)
    flags = [
        "--enable_batching=true",
        "--num_load_threads=4",
        "--enable_profiler",
        "--noenable_model_warmup",
        "--monitoring_config_file=x",
    ]
    result = CliRunner().invoke(app, ["serve", str(folder), *flags])
    assert result.exit_code == 0
    assert result.output.count("Warning") == 1
    assert f"no effect on keras-gan serve: {' '.join(flags)}" in result.output
    assert CliRunner().invoke(app, ["serve", str(folder), "--no_such_flag=1"]).exit_code == 2


def test_the_help_fits_80_columns_and_imports_no_tensorflow():
    script = """
        import sys
        for name in ("tensorflow", "keras", "onnxruntime", "starlette", "grpc"):
            sys.modules[name] = None
        sys.argv = ["keras-gan", "serve", "--help"]
        from keras_gan.cli.app import main
        main()
    """
    child = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "COLUMNS": "80", "TERM": "dumb", "PYTHONIOENCODING": "utf-8"},
    )
    assert child.returncode == 0, child.stderr[-2000:]
    assert max(map(len, child.stdout.splitlines())) <= 80
    assert "--rest_api_timeout_in_ms" in child.stdout


@pytest.mark.parametrize("command", [[], ["serve"]])
def test_the_version(command):
    result = CliRunner().invoke(app, [*command, "--version"])
    assert (result.exit_code, result.output) == (0, f"keras-gan {keras_gan.__version__}\n")


def test_a_body_may_be_longer_than_headers_may(folder):
    with serving(folder) as client:
        answer = client.post("/v1/models/m:predict", json={"instances": [[0.123456789] * Z] * 1024})
        assert len(answer.request.content) > http_server.MOST_HEADER_BYTES
        assert len(answer.json()["predictions"]) == 1024
