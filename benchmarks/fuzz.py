"""Sends random bytes to the server over REST and gRPC. No answer may be a 5xx, except 503 and 504.

The health must be answered within a second throughout.

    python benchmarks/fuzz.py                       # 100,000 requests
    python benchmarks/fuzz.py --requests 2000 --seed 7

JSON bodies are changed, cut or nested. Paths leave the folder. There are too many headers. gRPC messages are cut,
changed or huge. schemathesis can test the same server by its OpenAPI document:

    keras-gan serve DIR & schemathesis run http://localhost:8501/openapi.json --checks not_a_server_error
"""

from __future__ import annotations

import argparse
import contextlib
import json
import random
import socket
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from keras_gan.serving.protos import messages

import grpc

from served_model import LATENT, resident_megabytes, served, watched, write_generator

GOOD = [
    {"instances": [[0.5] * LATENT]},
    {"inputs": {"z": [[0.5] * LATENT]}},
    {"signature_name": "generate", "inputs": {"seed": [7], "index": [0], "truncation": [1.0]}},
    {"signature_name": "png", "instances": [{"seed": 7, "index": 0, "truncation": 1.0}]},
]
ODD: list[Any] = [
    None,
    True,
    -1,
    2**31,
    2**63,
    2**70,
    1e40,
    "text",
    {"b64": "AAE="},
    {},
    [],
    [[]],
    [[[1]]],
    "\ud800",
    0.5,
]
PATHS = [
    *["/v1/models/fuzzed:predict"] * 8,
    "/v1/models/fuzzed/versions/1:predict",
    "/v1/models/fuzzed/versions/99999999999999999999:predict",
    "/v1/models/fuzzed/labels/x:predict",
    "/v1/models/..%2f..%2fetc%2fpasswd:predict",
    "/../../../etc/passwd",
    "/explorer/../../../../etc/passwd",
    "/explorer/%2e%2e/%2e%2e/server.py",
    "/v1/models/fuzzed:image.png?seed=%d&truncation=%s",
    "/explorer/z.json?seeds=%d&latent_dim=%s",
    "/explorer/models/fuzzed/%d.json?x=%s",
    "/v1/models/fuzzed/metadata",
    "/v1/" + "a" * 5000,
    "/%00%ff",
]


def body(rng: random.Random) -> bytes:  # noqa: PLR0911
    """Returns a body that is valid, damaged or random."""
    kind = rng.randrange(7)
    good = rng.choice(GOOD)
    text = json.dumps(good).encode()
    if kind == 0:
        return text
    if kind == 1:
        return text[: rng.randrange(len(text))]
    if kind == 2:
        changed = bytearray(text)
        for _ in range(rng.randrange(1, 6)):
            changed[rng.randrange(len(changed))] = rng.randrange(256)
        return bytes(changed)
    if kind == 3:
        return rng.choice((b"[", b'{"a":', b'{"instances":[')) * rng.choice((10, 70, 5000))
    if kind == 4:
        key = rng.choice(("instances", "inputs", "signature_name"))
        return json.dumps({**good, key: rng.choice(ODD)}).encode("utf-8", "surrogatepass")
    if kind == 5:
        rows = [rng.choice(ODD) for _ in range(rng.randrange(1, 5))]
        return json.dumps({"instances": rows}).encode("utf-8", "surrogatepass")
    return rng.randbytes(rng.randrange(200))


def ask_rest(address: tuple[str, int], rng: random.Random) -> str:
    """Sends one request over a new connection, perhaps an incomplete one. Returns the status."""
    path = rng.choice(PATHS)
    if "%d" in path:
        path = path % (rng.choice((0, 7, 2**31, -1)), rng.choice(("1", "nan", "-1", "1e300", "x", "")))
    content = body(rng)
    method = rng.choice(("POST", "POST", "POST", "GET", "DELETE", "OPTIONS", "HEAD", "BREW"))
    claimed = rng.choice((len(content),) * 8 + (len(content) + 5, 10**12))
    headers = [f"content-length: {claimed}", "connection: close"]
    headers += rng.choice(
        ([], [], [], ["content-encoding: gzip"], ["content-encoding: br"], ["x: " + "y" * 9000], ["a: b"] * 200)
    )
    request = "\r\n".join([f"{method} {path} HTTP/1.1", "host: x", *headers, "", ""]).encode() + content
    incomplete = claimed > len(content) or rng.random() < 0.02
    if incomplete and rng.random() < 0.5:
        request = request[: rng.randrange(1, len(request))]
    with (
        contextlib.suppress(BrokenPipeError, ConnectionResetError),
        socket.create_connection(address, timeout=60) as connection,
    ):
        connection.sendall(request)
        if incomplete:  # else the server waits for the rest, as long as a request may take
            connection.shutdown(socket.SHUT_WR)
        line = connection.makefile("rb").readline().split()
        return f"REST {line[1].decode()}" if len(line) > 1 else "REST closed"
    return "REST closed"


def tensor(rng: random.Random) -> Any:
    """Returns a TensorProto that may be invalid."""
    sizes = rng.choice(([1, LATENT], [1], [], [10**12, 10**12], [-1, LATENT], [0, LATENT], [1024, LATENT], [1] * 300))
    return messages.TensorProto(
        dtype=rng.choice((0, 1, 1, 1, 2, 3, 7, 14, 23, 99, -4)),
        tensor_shape=messages.TensorShapeProto(dim=[{"size": size} for size in sizes]),
        float_val=[0.5] * rng.choice((0, 1, LATENT, 3)),
        int_val=[1] * rng.choice((0, 0, 1)),
        tensor_content=rng.randbytes(rng.choice((0, 0, 3, 4 * LATENT))),
    )


def ask_grpc(channel: grpc.Channel, rng: random.Random) -> str:
    """Makes one call. Returns the name of its code."""
    request = messages.PredictRequest(
        model_spec=messages.ModelSpec(
            name=rng.choice(("fuzzed", "fuzzed", "none", "")), signature_name=rng.choice(("", "", "generate", "x"))
        ),
        inputs={rng.choice(("z", "z", "seed")): tensor(rng)},
        output_filter=rng.choice(([], [], ["image"], ["image", "image"], ["x"])),
    )
    frame = bytearray(request.SerializeToString())
    if rng.random() < 0.3 and frame:
        frame[rng.randrange(len(frame))] = rng.randrange(256)
    if rng.random() < 0.2:
        frame = frame[: rng.randrange(len(frame) + 1)]
    if rng.random() < 0.001:
        frame = bytearray(40 * 2**20)
    method = rng.choice(
        (
            "PredictionService/Predict",
            "PredictionService/Predict",
            "PredictionService/GetModelMetadata",
            "PredictionService/Classify",
            "ModelService/GetModelStatus",
            "ModelService/None",
        )
    )
    try:
        channel.unary_unary(f"/tensorflow.serving.{method}", None, None)(bytes(frame), timeout=60)
    except grpc.RpcError as error:
        return f"gRPC {error.code().name}"
    return "gRPC OK"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--requests", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    answers: Counter[str] = Counter()
    with tempfile.TemporaryDirectory() as place:
        models = Path(place)
        write_generator(models / "fuzzed" / "1", 28, 1, filters=8)
        with served(models) as (url, grpc_port, pid, _):
            parts = urlsplit(url)
            address = (parts.hostname or "localhost", parts.port or 80)
            with grpc.insecure_channel(f"127.0.0.1:{grpc_port}") as channel, watched(parts.netloc):
                for i in range(arguments.requests):
                    answers[ask_rest(address, rng) if rng.random() < 0.6 else ask_grpc(channel, rng)] += 1
                    if i % 5000 == 0:
                        print(f"{i}: {resident_megabytes(pid):.0f} MB", flush=True)
                for name, count in sorted(answers.items()):
                    print(f"{count:7d}  {name}")
                print(f"memory at the end: {resident_megabytes(pid):.0f} MB")
    allowed = ("REST 503", "REST 504")
    bad = [
        name
        for name in answers
        if (name.startswith("REST 5") and name not in allowed) or name in ("gRPC INTERNAL", "gRPC UNKNOWN")
    ]
    if bad:
        raise SystemExit(f"Unexpected answers: {', '.join(bad)}")


if __name__ == "__main__":
    main()
