"""Compares the server with a plain Starlette script, and with mlserver: requests a second, and processor time of each.

    python benchmarks/serving.py
    python benchmarks/serving.py --mlserver VENV   # python -m venv VENV && VENV/bin/pip install mlserver onnxruntime
    python benchmarks/serving.py --rounds 2 --only json

Predict makes a 28x28 image: as JSON by rows (`instances`) or by columns (`inputs`), and over gRPC. `image.png` makes a
64x64x3 image from a seed. Each runs over 1 and over 16 connections.

A round measures every server and workload once, in turn, so that all meet the same conditions. The benchmark prints the
medians of the rounds. The client runs on the same machine. The processor time is that of the server alone.

`plain_server.py` is the script. It has the same runtime and number of threads, and nothing of keras_gan.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import re
import selectors
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from keras_gan import latent
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import fill_content

import grpc
import numpy as np

from served_model import LATENT, resident_megabytes, served, write_generator

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
Z = latent.sample(1, LATENT, seed=0)
CONNECTIONS = (1, 16)


@dataclass(frozen=True)
class Running:
    """A server that runs: its name, address and process. `requests` has a function from a number for each workload."""

    name: str
    address: str
    pid: int
    requests: dict[str, Callable[[int], bytes]]


class Connection:
    """Keep-alive HTTP with little work, because the client takes processor time from the server."""

    def __init__(self, address: str) -> None:
        host, port = address.rsplit(":", 1)
        self.socket = socket.create_connection((host, int(port)), timeout=60)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._head, self._left = b"", -1

    def send(self, request: bytes) -> None:
        """Sends a request. The answer before must have been received."""
        self._head, self._left = b"", -1
        self.socket.sendall(request)

    def receive(self) -> bool:
        """Reads what has arrived of an answer. Returns True if it is complete."""
        more = self.socket.recv(1 << 18)
        if not more:
            raise ConnectionError("The server has closed the connection")
        if self._left >= 0:
            self._left -= len(more)
            return self._left == 0
        self._head += more
        end = self._head.find(b"\r\n\r\n")
        if end < 0:
            return False
        length = re.search(rb"(?i)\ncontent-length: (\d+)", self._head[:end])
        assert length is not None
        if self._head[9:12] != b"200":
            raise RuntimeError(f"{self._head[:500]!r}")
        self._left = end + 4 + int(length[1]) - len(self._head)
        return self._left == 0


def _post(path: str, document: object) -> Callable[[int], bytes]:
    body = json.dumps(document).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return lambda _: head.encode() + body


TENSORFLOW_SERVING = {
    "instances": _post("/v1/models/grey:predict", {"instances": Z.tolist()}),
    "inputs": _post("/v1/models/grey:predict", {"inputs": Z.tolist()}),
    "png": lambda i: b"GET /v1/models/colour:image.png?seed=%d HTTP/1.1\r\nhost: x\r\n\r\n" % i,
}
_z = {"name": "z", "shape": [1, LATENT], "datatype": "FP32", "data": Z[0].tolist()}


def over_http(server: Running, workload: str, connections: int, seconds: float) -> int:
    """Returns the number of answers to requests that follow each other on each connection."""
    make = server.requests[workload]
    lines = [Connection(server.address) for _ in range(connections)]
    waiting = selectors.DefaultSelector()
    for number, line in enumerate(lines):
        waiting.register(line.socket, selectors.EVENT_READ, line)
        line.send(make(number))
    end, count = time.perf_counter() + seconds, 0
    open_lines = connections
    while open_lines:
        for key, _ in waiting.select():
            line = key.data
            if line.receive():
                count += 1
                if time.perf_counter() < end:
                    line.send(make(connections + count))
                else:
                    open_lines -= 1
    for line in lines:
        line.socket.close()
    return count


def over_grpc(server: Running, _: str, connections: int, seconds: float) -> int:
    """Returns the number of answers to Predict over gRPC, from a thread and a channel for each connection."""
    request = messages.PredictRequest(model_spec=messages.ModelSpec(name="grey"))
    fill_content(request.inputs["z"], Z)
    frame, counts = request.SerializeToString(), []

    def ask() -> None:
        options = [("grpc.use_local_subchannel_pool", 1)]
        with grpc.insecure_channel(server.address, options) as channel:
            call = channel.unary_unary("/tensorflow.serving.PredictionService/Predict")
            end, count = time.perf_counter() + seconds, 0
            while time.perf_counter() < end:
                call(frame, timeout=60)
                count += 1
            counts.append(count)

    threads = [threading.Thread(target=ask) for _ in range(connections)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts)


def processor_seconds(pid: int) -> float:
    """Returns the processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def process(
    name: str, command: list[str], requests: dict[str, Callable[[int], bytes]], port: int, folder: Path
) -> Iterator[Running]:
    """Runs a server in a folder, until it answers the first of its workloads."""
    with (folder / "log").open("w") as log:
        child = subprocess.Popen(
            command, cwd=folder, stdout=log, stderr=log, env={**os.environ, "PYTHONPATH": str(folder)}
        )
    running = Running(name, f"127.0.0.1:{port}", child.pid, requests)
    try:
        for _ in range(600):
            with contextlib.suppress(OSError, RuntimeError):
                over_http(running, next(iter(requests)), 1, 0.0)
                break
            time.sleep(0.1)
        else:
            raise RuntimeError(f"{name} does not answer:\n{(folder / 'log').read_text()[-2000:]}")
        yield running
    finally:
        child.terminate()
        child.wait(30)


def plain(models: Path, folder: Path) -> contextlib.AbstractContextManager[Running]:
    """Runs the plain server."""
    script = str(Path(__file__).resolve().parent / "plain_server.py")
    files = [f"{name}={models / name / '1' / 'model.onnx'}" for name in ("grey", "colour")]
    return process("plain", [sys.executable, script, "8596", *files], TENSORFLOW_SERVING, 8596, folder)


def mlserver(venv: Path, models: Path, folder: Path) -> contextlib.AbstractContextManager[Running]:
    """Runs mlserver. It has one JSON format of its own."""
    (folder / "generator.py").write_text(MLSERVER)
    parameters = {"uri": str(models / "grey" / "1" / "model.onnx")}
    model = {"name": "grey", "implementation": "generator.Generator", "parameters": parameters}
    (folder / "model-settings.json").write_text(json.dumps(model))
    ports = {"http_port": 8599, "grpc_port": 8598, "metrics_port": 8597}
    (folder / "settings.json").write_text(json.dumps({**ports, "parallel_workers": 0, "debug": False}))
    requests = {"instances": _post("/v2/models/grey/infer", {"inputs": [_z]})}
    return process("mlserver", [str(venv.resolve() / "bin/mlserver"), "start", "."], requests, 8599, folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=9)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement in a round")
    parser.add_argument("--mlserver", type=Path, help="a venv with mlserver and onnxruntime")
    parser.add_argument("--only", help="part of the name of a workload: instances, inputs, png or grpc")
    arguments = parser.parse_args()
    with contextlib.ExitStack() as stack:
        models, *folders = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(3))
        write_generator(models / "grey" / "1", 28, 1)
        write_generator(models / "colour" / "1", 64, 3)
        url, grpc_port, pid, ready = stack.enter_context(served(models))
        ours = Running("keras_gan", urlsplit(url).netloc, pid, TENSORFLOW_SERVING)
        servers = [ours, stack.enter_context(plain(models, folders[0]))]
        if arguments.mlserver is not None:
            servers.append(stack.enter_context(mlserver(arguments.mlserver, models, folders[1])))
        runs = [
            (server, name, over_http) for name in TENSORFLOW_SERVING for server in servers if name in server.requests
        ]
        runs.append((Running("keras_gan", f"127.0.0.1:{grpc_port}", pid, {}), "grpc", over_grpc))
        runs = [run for run in runs if (arguments.only or "") in run[1]]
        print(f"start to ready: {ready:.2f} s; memory then: {resident_megabytes(pid):.0f} MB")
        rates: dict[tuple[str, int, str], list[float]] = {}
        costs: dict[tuple[str, int, str], list[float]] = {}
        for _ in range(arguments.rounds):
            for connections in CONNECTIONS:
                for server, name, ask in runs:
                    began, used = time.perf_counter(), processor_seconds(server.pid)
                    count = ask(server, name, connections, arguments.seconds)
                    key = (name, connections, server.name)
                    rates.setdefault(key, []).append(count / (time.perf_counter() - began))
                    costs.setdefault(key, []).append((processor_seconds(server.pid) - used) / count)
        for (name, connections, server_name), measured in sorted(rates.items()):
            cost = float(np.median(costs[name, connections, server_name])) * 1e3
            text = f"{name:9} {connections:2} connections  {server_name:9} {np.median(measured):6.0f}/s  {cost:.2f} ms"
            if server_name == "keras_gan" and (name, connections, "plain") in rates:
                ratios = np.array(measured) / np.array(rates[name, connections, "plain"])
                text += f"  {np.median(ratios):.2f} of plain ({ratios.min():.2f} to {ratios.max():.2f})"
            print(text)
        print(f"memory after: {resident_megabytes(pid):.0f} MB")


if __name__ == "__main__":
    main()
