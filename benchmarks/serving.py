"""The server beside its engine in-process, and beside mlserver: requests a second, latencies, start, memory.

    python benchmarks/serving.py
    python benchmarks/serving.py --mlserver mlserver-venv   # a venv that has mlserver and onnxruntime
    python benchmarks/serving.py --seconds 1 --connections 4

Two workloads: JSON of a 28x28 image through Predict, and a PNG of a 64x64x3 image by its seed. "In-process" is the
same work, without a server, by one thread and by as many as there are processors: run the model, and write the JSON or
the PNG.
Clients run in processes of their own on the same machine, and take their share of it.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from served_model import LATENT, resident_megabytes, served, write_generator

from keras_gan import latent
from keras_gan.serving.json_request import decode
from keras_gan.serving.json_response import encode
from keras_gan.serving.servable import Servable, load

Ask = Callable[["Connection", int], None]
MLSERVER = """
import numpy as np, onnxruntime
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceResponse

class Generator(MLModel):
    async def load(self):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(self.settings.parameters.uri, options)
        return True

    async def predict(self, payload):
        z = NumpyCodec.decode_input(payload.inputs[0]).astype(np.float32)
        image, = self.session.run(["image"], {"z": z})
        return InferenceResponse(model_name=self.name, outputs=[NumpyCodec.encode_output("image", image)])
"""


def _json_body() -> bytes:
    return json.dumps({"instances": latent.sample(1, LATENT, seed=0).tolist()}).encode()


class Connection:
    """Keep-alive HTTP with as little work as can be: what the client takes of the machine, the server does not have."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self._socket = socket.create_connection((host, int(port)), timeout=60)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, request: bytes) -> None:
        """Send a request, and read its answer, which must be 200."""
        self._socket.sendall(request)
        answer = self._socket.recv(1 << 18)
        while (end := answer.find(b"\r\n\r\n")) < 0:
            answer += self._more()
        length = re.search(rb"(?i)\ncontent-length: (\d+)", answer[:end])
        assert length is not None
        left = end + 4 + int(length[1]) - len(answer)
        while left > 0:
            left -= len(self._more())
        if answer[9:12] != b"200":
            raise RuntimeError(f"{answer[:500]!r}")

    def _more(self) -> bytes:
        more = self._socket.recv(1 << 18)
        if not more:
            raise ConnectionError("The server has closed the connection")
        return more


def _post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


def _ask_json(connection: Connection, _: int) -> None:
    connection.ask(_json_request)


def _ask_png(connection: Connection, i: int) -> None:
    connection.ask(b"GET /v1/models/colour:image.png?seed=%d HTTP/1.1\r\nhost: x\r\n\r\n" % i)


def _ask_mlserver(connection: Connection, _: int) -> None:
    connection.ask(_mlserver_request)


_json_body_once = _json_body()
_z = {"name": "z", "shape": [1, LATENT], "datatype": "FP32", "data": latent.sample(1, LATENT, seed=0)[0].tolist()}
_mlserver_request = _post("/v2/models/grey/infer", json.dumps({"inputs": [_z]}).encode())
_json_request = _post("/v1/models/grey:predict", _json_body_once)
ASKS: dict[str, Ask] = {"json": _ask_json, "png": _ask_png, "mlserver": _ask_mlserver}


def _client(
    ask: str, address: str, phases: list[float], seconds: float, rate: float, start: float, results: Any
) -> None:
    """Ask over some connections; `rate` requests a second of each, or as fast as it goes at 0.

    `phases` says for each connection where in the time between two requests its own are: all of them are evenly spread.
    """
    latencies: list[float] = []

    def run(number: int) -> None:
        connection = Connection(address)
        ASKS[ask](connection, 0)
        time.sleep(max(0.0, start - time.monotonic()))
        begin = start + (phases[number] / rate if rate else 0.0)
        i = 0
        while (due := begin + (i / rate if rate else 0.0)) < begin + seconds:
            now = time.monotonic()
            if not rate and now >= begin + seconds:
                break
            if rate and now < due:
                time.sleep(due - now)
            started = due if rate else now
            ASKS[ask](connection, number * 100_000 + i)
            latencies.append(time.monotonic() - started)
            i += 1

    running = [threading.Thread(target=run, args=(number,)) for number in range(len(phases))]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    results.put(latencies)


def asked(ask: str, address: str, connections: int, seconds: float, rate: float = 0.0) -> np.ndarray:
    """The latencies of all requests; `rate` is of all connections together."""
    processes = min(4, connections)
    context = multiprocessing.get_context("spawn")
    results = context.Queue()
    each = rate / connections
    phases = [number / connections for number in range(connections)]
    start = time.monotonic() + 2.0  # until then the processes have begun
    clients = [
        context.Process(target=_client, args=(ask, address, phases[number::processes], seconds, each, start, results))
        for number in range(processes)
    ]
    for client in clients:
        client.start()
    latencies = [results.get() for _ in clients]
    for client in clients:
        client.join()
    return np.concatenate(latencies)


def in_process(work: Callable[[int], object], seconds: float, threads: int) -> float:
    """Runs a second, by so many threads."""
    counts: list[int] = []

    def run(number: int) -> None:
        end, count = time.perf_counter() + seconds, 0
        while time.perf_counter() < end:
            work(number * 100_000 + count)
            count += 1
        counts.append(count)

    running = [threading.Thread(target=run, args=(number,)) for number in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    return sum(counts) / seconds


def works(grey: Servable, colour: Servable) -> dict[str, Callable[[int], object]]:
    """The same work without a server."""
    default, png = grey.signatures["serving_default"], colour.signatures["png"]

    def as_json(_: int) -> bytes:
        return encode(default.run(decode(_json_body_once, lambda _: default.inputs).inputs), "row")

    def as_png(i: int) -> bytes:
        one = np.ones(1, np.int32)
        inputs = {"seed": one * i, "index": one * 0, "truncation": one.astype(np.float32)}
        return bytes(png.run(inputs)["image_bytes"][0])

    return {"json": as_json, "png": as_png}


def beside_mlserver(folder: Path, model: Path, connections: int, seconds: float) -> float:
    """Requests a second of mlserver, on the same model; `folder` holds its venv."""
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        (root / "generator.py").write_text(MLSERVER)
        (root / "model-settings.json").write_text(
            json.dumps({"name": "grey", "implementation": "generator.Generator", "parameters": {"uri": str(model)}})
        )
        (root / "settings.json").write_text(
            json.dumps(
                {"http_port": 8599, "grpc_port": 8598, "metrics_port": 8597, "parallel_workers": 0, "debug": False}
            )
        )
        environment = {**os.environ, "PYTHONPATH": str(root)}
        log = (root / "log").open("w")
        server = subprocess.Popen(
            [folder / "bin/mlserver", "start", "."], cwd=root, env=environment, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            for _ in range(600):
                try:
                    ASKS["mlserver"](Connection("127.0.0.1:8599"), 0)
                    break
                except (OSError, RuntimeError):
                    time.sleep(0.1)
            else:
                raise RuntimeError(f"mlserver does not answer:\n{(root / 'log').read_text()[-2000:]}")
            return len(asked("mlserver", "127.0.0.1:8599", connections, seconds)) / seconds
        finally:
            server.terminate()
            server.wait(30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--mlserver", type=Path, help="a venv with mlserver and onnxruntime")
    arguments = parser.parse_args()
    seconds, connections = arguments.seconds, arguments.connections
    with tempfile.TemporaryDirectory() as place:
        models = Path(place)
        write_generator(models / "grey" / "1", 28, 1)
        write_generator(models / "colour" / "1", 64, 3)
        work = works(*(load(name, 1, models / name / "1", threads=1) for name in ("grey", "colour")))
        with served(models) as (url, _, pid, ready):
            address = urlsplit(url).netloc
            print(f"start to ready: {ready:.2f} s; memory then: {resident_megabytes(pid):.0f} MB")
            for name, what in (("json", "JSON of 28x28"), ("png", "PNG of 64x64x3")):
                one, alone = (in_process(work[name], seconds, threads) for threads in (1, os.cpu_count() or 1))
                lone = asked(name, address, 1, seconds)
                full = len(asked(name, address, connections, seconds)) / seconds
                half = asked(name, address, connections, seconds, rate=full / 2)
                print(
                    f"{what}: in-process {one:.0f}/s by one thread, {alone:.0f}/s by one for each processor; "
                    f"served {full:.0f}/s over {connections} connections ({full / one:.0%}, {full / alone:.0%}); "
                    f"a lone request {np.median(lone) * 1e3:.2f} ms, "
                    f"p99 at half load {np.quantile(half, 0.99) * 1e3:.2f} ms "
                    f"({np.quantile(half, 0.99) / np.median(lone):.1f} times)"
                )
            print(f"memory after: {resident_megabytes(pid):.0f} MB")
        if arguments.mlserver is not None:
            rate = beside_mlserver(arguments.mlserver, models / "grey" / "1" / "model.onnx", connections, seconds)
            print(f"mlserver, the same model, its JSON of 28x28: {rate:.0f}/s")


if __name__ == "__main__":
    main()
