"""The server killed as `kill -9` kills it, and started again on the same folder."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager

import grpc
import httpx
import numpy as np
from serving_models import CHANNELS, SIZE, Z, write_generator
from test_serving_warm_up import Z_ROW, record, write

from keras_gan import latent
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import fill_content

SEEDS = {name: np.full(2, value, dtype) for name, value, dtype in (("seed", 7, "i4"), ("truncation", 0.5, "f4"))}
SEEDS["index"] = np.arange(2, dtype=np.int32)


@contextmanager
def started(models, *flags, ports=(0, 0)):
    """A server in a process of its own, which is killed in the end: the process and its two ports."""
    command = [sys.executable, "-m", "keras_gan", "serve", models, f"--rest_api_port={ports[0]}", f"--port={ports[1]}"]
    server = subprocess.Popen([*command, *flags], stdout=subprocess.PIPE, text=True)
    try:
        told = ""
        while "gRPC at" not in told:
            line = server.stdout.readline()
            assert line, told
            told += line
        rest, remote = re.search(r"//localhost:(\d+)/v1", told), re.search(r"gRPC at \S+:(\d+)", told)
        yield server, (int(rest[1]), int(remote[1]))
    finally:
        server.kill()
        assert server.wait(60) == -signal.SIGKILL
        server.stdout.close()


def answers(ports):
    """The bytes of the answers to z and to seeds, over REST and gRPC."""
    columns = {name: array.tolist() for name, array in SEEDS.items()}
    z = latent.sample(2, Z, seed=3)
    told = {}
    with httpx.Client(timeout=60) as client:
        url = f"http://127.0.0.1:{ports[0]}/v1/models/m"
        for name, inputs in {"": z.tolist(), "generate": columns, "png": columns}.items():
            answer = client.post(f"{url}:predict", json={"signature_name": name, "inputs": inputs})
            assert answer.status_code == 200, answer.text
            told[f"REST {name}"] = answer.content
        image = client.get(f"{url}:image.png?seed=7&index=1&truncation=0.5")
        told["image"], told["tag"] = image.content, image.headers["etag"]
    with grpc.insecure_channel(f"127.0.0.1:{ports[1]}") as channel:
        ask = channel.unary_unary("/tensorflow.serving.PredictionService/Predict", None, None)
        for name, inputs in {"": {"z": z}, "generate": SEEDS, "png": SEEDS}.items():
            request = messages.PredictRequest(model_spec=messages.ModelSpec(name="m", signature_name=name))
            for key, array in inputs.items():
                fill_content(request.inputs[key], array)
            told[f"gRPC {name}"] = ask(request.SerializeToString(), timeout=60, wait_for_ready=True)
    return told


def states(ports):
    listed = httpx.get(f"http://127.0.0.1:{ports[0]}/v1/models/m", timeout=60).json()["model_version_status"]
    return {int(version["version"]): version["state"] for version in listed}


def test_the_same_answers_after_a_kill(tmp_path):
    """Killed while it answers, then while it loads a version; each time it starts again on the same ports."""
    model = tmp_path / "m"
    write_generator(model / "1")
    before = sorted(os.walk(tmp_path))
    with started(tmp_path) as (server, ports):
        first = answers(ports)
        cut_off, asked = [], threading.Event()

        def ask():
            with httpx.Client(timeout=60) as client:
                while not cut_off:
                    try:
                        client.post(
                            f"http://127.0.0.1:{ports[0]}/v1/models/m:predict", json={"inputs": [[0.0] * Z] * 999}
                        )
                        asked.set()
                    except httpx.TransportError as error:
                        cut_off.append(error)

        asking = threading.Thread(target=ask)
        asking.start()
        assert asked.wait(60)
        server.kill()
        asking.join(60)
        # It had the request, and did not answer.
        assert isinstance(cut_off[0], httpx.RemoteProtocolError | httpx.ReadError), cut_off
    assert sorted(os.walk(tmp_path)) == before

    # A version that is run so often before it is served is not served in the time of this test.
    with started(tmp_path, "--num_request_iterations_for_warmup=1000000000", ports=ports) as (_, same):
        assert same == ports
        assert answers(ports) == first
        weights = write_generator(tmp_path / ".new", seed=2)
        write(tmp_path / ".new", record("", z=Z_ROW))
        (tmp_path / ".new").rename(model / "2")
        deadline = time.monotonic() + 60
        while states(ports) != {1: "AVAILABLE", 2: "LOADING"}:
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert answers(ports) == first

    with started(tmp_path, ports=ports):
        assert states(ports) == {2: "AVAILABLE"}
        drawn = json.loads(answers(ports)["REST generate"])["outputs"]
        wanted = np.tanh(latent.sample(2, Z, seed=7, truncation=0.5) @ weights).reshape(2, SIZE, SIZE, CHANNELS)
        np.testing.assert_allclose(drawn, wanted, atol=1e-6)
