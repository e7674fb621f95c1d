"""Measures the server against its engine in-process, and against mlserver: rate, latency, start and memory.

    python benchmarks/serving.py
    python benchmarks/serving.py --mlserver mlserver-venv   # a venv that has mlserver and onnxruntime
    python benchmarks/serving.py --rounds 2 --connections 4
    sudo python benchmarks/serving.py --realtime   # Linux: nothing else on the machine takes its processors meanwhile

There are two workloads: JSON of a 28x28 image through Predict, and a PNG of a 64x64x3 image by its seed. "In-process"
is the same work without a server: run the model, then write the JSON or the PNG. Each round measures everything once,
and the benchmark prints the medians of the rounds. The client runs on the same machine, and takes its share of it.
"""

from __future__ import annotations

import argparse
import heapq
import json
import os
import re
import selectors
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from keras_gan import latent
from keras_gan.serving.models.servable import Servable, load
from keras_gan.serving.rest.json_request import JsonRequest
from keras_gan.serving.rest.json_response import encode

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


def _json_body() -> bytes:
    return json.dumps({"instances": latent.sample(1, LATENT, seed=0).tolist()}).encode()


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


def _post(path: str, body: bytes) -> bytes:
    head = f"POST {path} HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    return head.encode() + body


_json_body_once = _json_body()
_z = {"name": "z", "shape": [1, LATENT], "datatype": "FP32", "data": latent.sample(1, LATENT, seed=0)[0].tolist()}
_mlserver_request = _post("/v2/models/grey/infer", json.dumps({"inputs": [_z]}).encode())
_json_request = _post("/v1/models/grey:predict", _json_body_once)
REQUESTS: dict[str, Callable[[int], bytes]] = {
    "json": lambda _: _json_request,
    "png": lambda i: b"GET /v1/models/colour:image.png?seed=%d HTTP/1.1\r\nhost: x\r\n\r\n" % i,
    "mlserver": lambda _: _mlserver_request,
}


def asked(what: str, address: str, connections: int, seconds: float, rate: float = 0.0) -> np.ndarray:
    """Returns the latencies of requests at a rate per second over all connections, or at full speed for rate 0.

    The latency of a request that waits for its connection counts from the time when it was due.
    """
    lines = [Connection(address) for _ in range(connections)]
    # Other selectors round the timeout up to milliseconds.
    waiting = selectors.SelectSelector()
    for number, line in enumerate(lines):
        waiting.register(line.socket, selectors.EVENT_READ, number)
        line.send(REQUESTS[what](number))
        while not line.receive():
            pass
    begin = time.perf_counter()
    idle = [(begin + (number / rate if rate else 0.0), number) for number in range(connections)]
    started: dict[int, float] = {}
    latencies: list[float] = []
    while idle or started:
        now = time.perf_counter()
        while idle and idle[0][0] <= now:
            due, number = heapq.heappop(idle)
            if due < begin + seconds and now < begin + 2 * seconds:
                lines[number].send(REQUESTS[what](connections + len(latencies) + number))
                started[number] = due if rate else now
        ready = waiting.select(max(0.0, idle[0][0] - now) if idle else 1.0)
        now = time.perf_counter()
        for key, _ in ready:
            number = key.data
            if lines[number].receive():
                latencies.append(now - started[number])
                due = started.pop(number)
                heapq.heappush(idle, (due + connections / rate if rate else now, number))
    return np.array(latencies)


def in_process(work: Callable[[int], object], seconds: float, threads: int) -> float:
    """Returns the runs per second of a number of threads."""
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
    """Returns the same work without a server."""
    default, png = grey.signatures["serving_default"], colour.signatures["png"]

    def as_json(_: int) -> bytes:
        return encode(default.run(JsonRequest.parse(_json_body_once).arrays(default.inputs)), "row")

    def as_png(i: int) -> bytes:
        one = np.ones(1, np.int32)
        inputs = {"seed": one * i, "index": one * 0, "truncation": one.astype(np.float32)}
        return bytes(png.run(inputs)["image_bytes"][0])

    return {"json": as_json, "png": as_png}


def rounds_of(
    name: str, address: str, work: Callable[[int], object], connections: int, seconds: float, rounds: int
) -> dict[str, np.ndarray]:
    """Measures rounds: rates of one thread, of all threads and of the server, and latencies alone and at half load."""
    measured = []
    for _ in range(rounds):
        one, alone = (in_process(work, seconds, threads) for threads in (1, os.cpu_count() or 1))
        lone = float(np.median(asked(name, address, 1, seconds)))
        full = len(asked(name, address, connections, seconds)) / seconds
        half = float(np.quantile(asked(name, address, connections, seconds, rate=full / 2), 0.99))
        measured.append({"one": one, "all": alone, "lone": lone, "full": full, "half": half})
    return {key: np.array([each[key] for each in measured]) for key in measured[0]}


def beside_mlserver(folder: Path, model: Path, connections: int, seconds: float) -> float:
    """Returns the requests per second of mlserver on the same model. `folder` is its venv."""
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
                    asked("mlserver", "127.0.0.1:8599", 1, 0.0)
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
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--seconds", type=float, default=1.0, help="of each measurement in a round")
    parser.add_argument("--connections", type=int, default=16)
    parser.add_argument("--realtime", action="store_true", help="go before all else on the machine (Linux, root)")
    parser.add_argument("--mlserver", type=Path, help="a venv with mlserver and onnxruntime")
    arguments = parser.parse_args()
    seconds, connections = arguments.seconds, arguments.connections
    if arguments.realtime:
        # For this process and its children. Otherwise a thread of the kernel that takes a processor for some
        # milliseconds each second decides the slowest hundredth.
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    with tempfile.TemporaryDirectory() as place:
        models = Path(place)
        write_generator(models / "grey" / "1", 28, 1)
        write_generator(models / "colour" / "1", 64, 3)
        work = works(*(load(name, 1, models / name / "1", threads=1) for name in ("grey", "colour")))
        with served(models) as (url, _, pid, ready):
            address = urlsplit(url).netloc
            print(f"start to ready: {ready:.2f} s; memory then: {resident_megabytes(pid):.0f} MB")
            for name, what in (("json", "JSON of 28x28"), ("png", "PNG of 64x64x3")):
                measured = rounds_of(name, address, work[name], connections, seconds, arguments.rounds)
                one, alone, lone, full, half = (float(np.median(values)) for values in measured.values())
                ratios = measured["half"] / measured["lone"]
                print(
                    f"{what}\n"
                    f"  in-process: {one:.0f}/s by one thread, {alone:.0f}/s by one for each processor\n"
                    f"  served: {full:.0f}/s over {connections} connections "
                    f"({np.median(measured['full'] / measured['one']):.0%} and "
                    f"{np.median(measured['full'] / measured['all']):.0%} of these)\n"
                    f"  latency: {lone * 1e3:.2f} ms for a single request, "
                    f"{half * 1e3:.2f} ms for 99 of 100 at half load "
                    f"({np.median(ratios):.1f} times, {ratios.min():.1f} to {ratios.max():.1f} in {len(ratios)} rounds)"
                )
            print(f"memory after: {resident_megabytes(pid):.0f} MB")
        if arguments.mlserver is not None:
            whole = seconds * arguments.rounds
            rate = beside_mlserver(arguments.mlserver, models / "grey" / "1" / "model.onnx", connections, whole)
            print(f"mlserver, the same model, its JSON of 28x28: {rate:.0f}/s")


if __name__ == "__main__":
    main()
