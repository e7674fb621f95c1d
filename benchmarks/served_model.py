"""Models and server processes for the server's benchmarks. Needs `pip install -e .[dev]`."""

from __future__ import annotations

import contextlib
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

LATENT = 128


def write_generator(folder: Path, size: int, channels: int, filters: int = 64, bias: float = 0.0) -> None:
    """Writes a DCGAN generator of random weights as model.onnx: a dense layer and two transposed convolutions."""
    rng = np.random.default_rng(0)
    small = size // 4

    def constant(name: str, *shape: int) -> onnx.TensorProto:
        return numpy_helper.from_array(rng.normal(0, 0.05, shape).astype(np.float32), name)

    weights = [
        constant("dense", LATENT, 2 * filters * small * small),
        constant("up1", 2 * filters, filters, 4, 4),
        constant("up2", filters, channels, 4, 4),
        numpy_helper.from_array(np.float32(bias), "bias"),
        numpy_helper.from_array(np.array([-1, 2 * filters, small, small]), "shape"),
    ]
    twice = {"strides": [2, 2], "pads": [1, 1, 1, 1], "kernel_shape": [4, 4]}
    nodes = [
        helper.make_node("MatMul", ["z", "dense"], ["a"]),
        helper.make_node("Reshape", ["a", "shape"], ["b"]),
        helper.make_node("Relu", ["b"], ["c"]),
        helper.make_node("ConvTranspose", ["c", "up1"], ["d"], **twice),
        helper.make_node("Relu", ["d"], ["e"]),
        helper.make_node("ConvTranspose", ["e", "up2"], ["f"], **twice),
        helper.make_node("Add", ["f", "bias"], ["g"]),
        helper.make_node("Tanh", ["g"], ["h"]),
        helper.make_node("Transpose", ["h"], ["image"], perm=[0, 2, 3, 1]),
    ]
    z = helper.make_tensor_value_info("z", TensorProto.FLOAT, ["batch", LATENT])
    image = helper.make_tensor_value_info("image", TensorProto.FLOAT, ["batch", size, size, channels])
    graph = helper.make_graph(nodes, "generator", [z], [image], weights)
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.checker.check_model(model)
    folder.mkdir(parents=True, exist_ok=True)
    onnx.save(model, folder / "model.onnx")


@contextlib.contextmanager
def served(models: Path, *flags: str) -> Iterator[tuple[str, int, int, float]]:
    """Starts a server process. Yields its URL, gRPC port, process id, and the seconds until it was ready."""
    began = time.perf_counter()
    command = [sys.executable, "-m", "keras_gan", "serve", str(models), "--rest_api_port=0", "--port=0", *flags]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        assert server.stdout is not None
        text = ""
        while "gRPC at" not in text:
            line = server.stdout.readline()
            if not line:
                raise RuntimeError(f"The server stopped:\n{text}")
            text += line
        ready = time.perf_counter() - began
        url = re.search(r"(http://\S+)/v1/", text)
        port = re.search(r"gRPC at \S+:(\d+)", text)
        assert url is not None
        assert port is not None
        yield url[1], int(port[1]), server.pid, ready
    finally:
        server.terminate()
        server.wait(60)


WATCH = """
import socket, sys, time
host, port = sys.argv[1].rsplit(":", 1)
while True:
    began = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=60) as connection:
        connection.sendall(b"GET /healthz HTTP/1.1\\r\\nhost: x\\r\\nconnection: close\\r\\n\\r\\n")
        assert b" 200 OK" in connection.recv(1000)
    print(time.monotonic() - began, flush=True)
    time.sleep(0.1)
"""


@contextlib.contextmanager
def watched(address: str, most: float = 1.0) -> Iterator[None]:
    """Asks for the health of a server from a process of its own. Fails if an answer takes `most` seconds or fails."""
    with tempfile.TemporaryFile("w+") as times:
        watching = subprocess.Popen([sys.executable, "-c", WATCH, address], stdout=times)
        try:
            yield
            is_running = watching.poll() is None
        finally:
            watching.kill()
            watching.wait()
        times.seek(0)
        seconds = [float(line) for line in times]
        print(f"health: {len(seconds)} answers, the slowest after {max(seconds):.3f} s")
        if not is_running or max(seconds) > most:
            raise SystemExit("The health was not answered in time")


def resident_megabytes(pid: int) -> float:
    """Returns the resident memory of a process."""
    found = re.search(r"VmRSS:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    assert found is not None
    return int(found[1]) / 1024
