"""Versions on disk: found, loaded before what they replace goes, kept when what comes is broken."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np
import pytest
from onnx import TensorProto
from serving_models import Z, write_generator, write_identity
from test_serving_rest import error, serving

from keras_gan.artifacts.artifact_entry import ArtifactEntry
from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import Manifest
from keras_gan.serving.errors import ServingError
from keras_gan.serving.models.config_file import read_model_configs
from keras_gan.serving.models.model_config import ModelConfig, Policy
from keras_gan.serving.models.models import Models
from keras_gan.serving.models.providers import find_providers
from keras_gan.serving.models.servable import load


def states(models, name="m"):
    return {version.number: version.state for version in models.status(name)}


def publish(folder, seed=0):
    """A version that appears whole, as an export does."""
    hidden = folder.parent / f".{folder.name}"
    write_generator(hidden, seed=seed)
    hidden.rename(folder)


def models_with_a_broken_one(folder, **options):
    """Version 1 of m is served, and 2, which came later, is no model."""
    publish(folder / "m" / "1")
    models = Models(folder, load, poll_seconds=-1, **options)
    models.start()
    (folder / "m" / "2").mkdir()
    (folder / "m" / "2" / "model.onnx").write_bytes(b"no model")
    models.poll()
    return models


def test_a_new_version_takes_over(tmp_path):
    publish(tmp_path / "m" / "1")
    models = Models(tmp_path, load, poll_seconds=-1)
    models.start()
    servable = models.find("m")
    assert servable.version == 1
    publish(tmp_path / "m" / "2", seed=2)
    models.poll()
    assert states(models) == {1: "END", 2: "AVAILABLE"}
    # A request that still uses the old one goes on, and nothing else keeps it in memory.
    servable.signatures["serving_default"].run({"z": np.zeros((1, Z), np.float32)})
    old = weakref.ref(servable)
    del servable
    assert old() is None
    servable = models.find("m")
    assert servable.version == 2
    shutil.rmtree(tmp_path / "m" / "2")
    models.poll()
    assert states(models) == {1: "AVAILABLE", 2: "END"}
    shutil.rmtree(tmp_path / "m" / "1")
    models.poll()
    assert states(models) == {1: "END", 2: "END"}


def test_a_broken_version_is_told_of_and_the_old_one_stays(tmp_path):
    models = models_with_a_broken_one(tmp_path, retries=1, retry_seconds=0)
    broken, fine = models.status("m")
    assert (broken.state, broken.code, fine.state) == ("END", "INVALID_ARGUMENT", "AVAILABLE")
    assert "model.onnx" in broken.message
    for _ in range(3):
        models.poll()
    assert broken.failures == 2  # the first try and one more
    models.retries = 5
    shutil.rmtree(tmp_path / "m" / "2")
    write_generator(tmp_path / "m" / "2")
    models.poll()
    assert states(models) == {1: "END", 2: "AVAILABLE"}


@pytest.mark.parametrize("gone", ["m", "m/2"])
def test_what_comes_in_the_place_of_a_broken_version_has_its_tries_anew(tmp_path, gone):
    models = models_with_a_broken_one(tmp_path, retries=0, retry_seconds=3600)
    models.poll()
    assert states(models) == {1: "AVAILABLE", 2: "END"}
    shutil.rmtree(tmp_path / gone)
    models.poll()
    write_generator(tmp_path / "m" / "2")
    models.poll()
    assert states(models) == {1: "END", 2: "AVAILABLE"}
    assert models.status("m", 2)[0].failures == 0


def test_a_version_that_was_met_while_it_was_copied(tmp_path):
    """The file comes in parts, then its manifest does; none of it waits for a try that is an hour away."""
    publish(tmp_path / "m" / "1")
    models = Models(tmp_path, load, poll_seconds=-1, retries=0, retry_seconds=3600)
    models.start()
    write_generator(tmp_path / "whole", seed=2)
    file, folder = (tmp_path / "whole" / "model.onnx").read_bytes(), tmp_path / "m" / "2"
    folder.mkdir()
    for content, wanted in ((b"", "END"), (file[: len(file) // 2], "END"), (file, "AVAILABLE")):
        (folder / "model.onnx").write_bytes(content)
        models.poll()
        assert states(models)[2] == wanted
    first = models.find("m", 2)
    assert first.manifest is None
    models.poll()
    second = models.find("m", 2)
    assert second is first
    Manifest(
        name="m",
        version=2,
        created=datetime(2026, 1, 2, tzinfo=timezone.utc),
        packages={},
        training={},
        latent_dim=Z,
        image_shape=(8, 8, 1),
        image_range=(0.0, 1.0),
        inputs=first.signatures["serving_default"].inputs,
        outputs=first.signatures["serving_default"].outputs,
        artifacts=(
            ArtifactEntry(
                format="onnx",
                filename="model.onnx",
                files=(FileEntry.of(folder, folder / "model.onnx"),),
                parity=(),
            ),
        ),
    ).dump(folder)
    manifest = (folder / "manifest.json").read_bytes()
    for content, known in ((manifest[:100], False), (manifest, True)):
        (folder / "manifest.json").write_bytes(content)
        models.poll()
        assert states(models) == {1: "END", 2: "AVAILABLE"}
        servable = models.find("m", 2)
        assert (servable is not first, servable.manifest is not None) == (known, known)
    models.poll()
    again = models.find("m", 2)
    assert again is servable
    first.signatures["serving_default"].run({"z": np.zeros((1, Z), np.float32)})


def test_a_model_without_a_batch_is_not_served(tmp_path):
    write_identity(tmp_path / "1", {"x": TensorProto.FLOAT}, rank=0)
    with pytest.raises(ArtifactError, match=r"first dimension is the batch. Received: x: float32 \(\)"):
        load("m", 1, tmp_path / "1")


def test_a_folder_whose_name_cannot_be_served_is_told_of(tmp_path, caplog):
    for name in ("m", "größe", "two words", ".hidden"):
        write_generator(tmp_path / name / "1")
    (tmp_path / "no model").mkdir()
    models = Models(tmp_path, load, poll_seconds=-1)
    models.start()
    assert models.names() == ["m"]
    told = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert [message.split(". The")[0] for message in told] == [
        f"Not served: {tmp_path / name}" for name in ("größe", "two words")
    ]


def test_a_folder_that_may_not_be_read_is_no_model(tmp_path, monkeypatch):
    """As lost+found at the root of a disk."""
    lost, access, listed = tmp_path / "lost+found", os.access, Path.iterdir

    def refused(path):
        if path == lost:
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return listed(path)

    publish(tmp_path / "m" / "1")
    lost.mkdir()
    monkeypatch.setattr(os, "access", lambda path, mode: path != lost and access(path, mode))
    monkeypatch.setattr(Path, "iterdir", refused)
    models = Models(tmp_path, load, poll_seconds=-1)
    models.start()
    assert models.names() == ["m"]


def test_a_start_without_a_model_that_loads_fails(tmp_path):
    (tmp_path / "m" / "1").mkdir(parents=True)
    models = Models([ModelConfig("m", tmp_path / "m")], load, poll_seconds=-1)
    with pytest.raises(RuntimeError, match=r"1 model\(s\) did not become available: m: Expected one of model.onnx"):
        models.start()


@pytest.mark.parametrize(
    ("policy", "wanted"),
    [
        (Policy(), [3]),
        (Policy(latest=2), [2, 3]),
        (Policy(all=True), [1, 2, 3]),
        (Policy(specific=(1, 3, 9)), [1, 3]),
    ],
)
def test_policies(tmp_path, policy, wanted):
    for version in (1, 2, 3):
        write_generator(tmp_path / "m" / f"{version}")
    models = Models([ModelConfig("m", tmp_path / "m", policy)], load, poll_seconds=-1)
    models.start()
    assert sorted(states(models)) == wanted
    models.reconfigure([ModelConfig("m", tmp_path / "m")])
    assert [n for n, state in states(models).items() if state == "AVAILABLE"] == [3]
    models.reconfigure([])
    with pytest.raises(ServingError):
        models.find("m")


def test_labels_are_of_versions_that_are_there(tmp_path):
    write_generator(tmp_path / "m" / "1")
    config = ModelConfig("m", tmp_path / "m", labels={"stable": 1, "next": 2})
    with pytest.raises(RuntimeError, match="label next of the model m must name an avail"):
        Models([config], load, poll_seconds=-1, strict=True).start()
    Models([config], load, poll_seconds=-1).start()
    write_generator(tmp_path / "m" / "2")
    models = Models([ModelConfig("m", tmp_path / "m", Policy(all=True), config.labels)], load, poll_seconds=-1)
    models.start()
    for label, version in config.labels.items():
        servable = models.find("m", label=label)
        assert servable.version == version
    with pytest.raises(ServingError, match="has no label old"):
        models.find("m", label="old")


def test_a_label_moves_when_its_version_is_there_and_stays_where_it_was_until_then(tmp_path):
    folder = tmp_path / "m"
    write_generator(folder / "1")

    def config(version):
        return ModelConfig("m", folder, Policy(specific=(version,)), {"stable": version})

    def labelled(models):
        servable = models.find("m", label="stable")
        return servable.version

    seen = []

    def loading(name, number, place):
        if number > 1:
            seen.append(labelled(models))
        return load(name, number, place)

    models = Models([config(1)], loading, poll_seconds=-1, retries=9, retry_seconds=0)
    models.start()
    (folder / "2").mkdir()
    for _ in range(2):
        with pytest.raises(RuntimeError, match=r"label stable of the model m .* version 2"):
            models.reconfigure([config(2)])
        assert labelled(models) == 1
    # A label of a version that the policy leaves out would be of none.
    write_generator(folder / "3")
    with pytest.raises(RuntimeError, match=r"label stable of the model m .* version 2"):
        models.reconfigure([ModelConfig("m", folder, Policy(specific=(3,)), {"stable": 2})])
    assert (labelled(models), states(models)[3]) == (1, "AVAILABLE")
    write_generator(folder / "2")
    models.reconfigure([config(2)])
    assert (labelled(models), states(models)) == (2, {1: "END", 2: "AVAILABLE", 3: "END"})
    assert seen == [1] * 4


def test_a_folder_that_is_one_model_is_not_a_folder_of_models(tmp_path):
    publish(tmp_path / "1")
    for folder, what in ((tmp_path, "one model"), (tmp_path / "1", "a version of one model")):
        with pytest.raises(RuntimeError, match=rf"which is {what}. .* --model_base_path"):
            Models(folder, load, poll_seconds=-1).start()


def test_why_a_model_has_no_version_is_said_once(tmp_path, caplog):
    publish(tmp_path / "m" / "1")
    (tmp_path / "empty").mkdir()
    hints = {
        tmp_path / "none": f"no folder {tmp_path / 'none'}",
        tmp_path / "empty": f"no version in {tmp_path / 'empty'}",
        tmp_path: f"no version in {tmp_path}, which holds models: give one of them, m",
        tmp_path
        / "m"
        / "1": f"no version in {tmp_path / 'm' / '1'}, which is a version itself: give the folder that holds it",
    }
    for folder, hint in hints.items():
        caplog.clear()
        models = Models([ModelConfig("x", folder)], load, poll_seconds=-1)
        models.start()
        models.poll()
        assert [record.getMessage() for record in caplog.records] == [f"x: {hint}"]


def test_every_answer_is_of_one_version_while_versions_change(tmp_path):
    """Version v generates images of the grey v / 10 at z = 0, so that rows of two versions would tell themselves."""
    write_generator(tmp_path / "m" / "1", bias=0.1)
    wrong, right, stop = [], set(), threading.Event()
    with serving(tmp_path, poll_seconds=0.05) as client:
        url = f"{client.base_url}/v1/models/m:predict"

        def ask():
            with httpx.Client(timeout=60) as own:
                while not stop.is_set():
                    answer = own.post(url, json={"instances": [[0.0] * Z] * 8})
                    values = np.unique(answer.json()["predictions"]) if answer.status_code == 200 else [0, 0]
                    if len(values) != 1:
                        wrong.append(answer.text[:300])
                    right.add(float(values[0]))

        threads = [threading.Thread(target=ask) for _ in range(3)]
        for thread in threads:
            thread.start()
        for version in range(1, 7):
            if version > 1:
                hidden = tmp_path / "m" / f".{version}"
                write_generator(hidden, bias=version / 10)
                hidden.rename(tmp_path / "m" / f"{version}")
            deadline = time.monotonic() + 60
            # Greys are added to `right` by the threads, so what is looked at is a copy.
            while not np.isclose(max([*right], default=0), np.tanh(version / 10)) and time.monotonic() < deadline:
                time.sleep(0.02)
        stop.set()
        for thread in threads:
            thread.join()
        assert states(client.server.models)[6] == "AVAILABLE"
    assert not wrong
    np.testing.assert_allclose(sorted(right), np.tanh(np.arange(1, 7) / 10), rtol=1e-6)


def test_the_files_of_tensorflow_servings_flags(tmp_path):
    file = tmp_path / "models.config"
    file.write_text(
        'model_config_list { config { name: "m" base_path: "/models/m" model_platform: "tensorflow" '
        'model_version_policy { specific { versions: 4 versions: 2 } } version_labels { key: "stable" value: 4 } } '
        'config { name: "n" base_path: "/models/n" model_platform: "tensorflow" '
        "model_version_policy { latest { num_versions: 3 } } } }"
    )
    first, second = read_model_configs(file)
    assert (first.name, str(first.base_path), first.policy) == ("m", "/models/m", Policy(specific=(4, 2)))
    assert (first.labels, second.policy) == ({"stable": 4}, Policy(latest=3))
    for text, message in (
        ("model_config_list { config { nme: 1 } }", "must hold a ModelServerConfig in protobuf's text format"),
        ('model_config_list { config { name: "m" base_path: "/m" } }', "model_platform"),
        (
            'model_config_list { config { name: "m" base_path: "m" model_platform: "tensorflow" } }',
            "`base_path` must be absolute. Received: 'm' for m",
        ),
        ("", "must have a `model_config_list`"),  # as while it is being written
    ):
        file.write_text(text)
        with pytest.raises(ValueError, match=message):
            read_model_configs(file)


def command(*arguments):
    return [sys.executable, "-m", "keras_gan", "serve", *map(str, arguments)]


def ask_ready(connection):
    with suppress(ConnectionError):
        connection.sendall(b"GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n")
        return connection.recv(1000)
    return b""


def test_sigterm_lets_what_runs_finish(tmp_path):
    """A request whose body comes after the signal is answered, and the exit code is 0."""
    write_generator(tmp_path / "m" / "1")
    flags = (f"--model_base_path={tmp_path / 'm'}", "--model_name=m", "--rest_api_port=0", "--port=0")
    server = subprocess.Popen(command(*flags), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        url = next(word for line in server.stdout for word in line.split() if word.startswith("http"))
        address = ("127.0.0.1", urlsplit(url).port)
        with socket.create_connection(address, 60) as asking, socket.create_connection(address, 60) as watching:
            body = b'{"instances": [[%s]]}' % b",".join([b"0"] * Z)
            head = (
                b"POST /v1/models/m:predict HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: %d\r\n\r\n"
            )
            asking.sendall(head % len(body))
            assert b"100 Continue" in asking.recv(1000)
            assert b"200 OK" in ask_ready(watching)
            server.send_signal(signal.SIGTERM)
            while b"200 OK" in ask_ready(watching):  # then the server says that it stops, or closes this connection
                pass
            asking.sendall(body)
            assert b"200 OK" in asking.recv(1000)
        assert server.wait(60) == 0
    finally:
        server.kill()
        server.wait(60)
        server.stdout.close()


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        ((), 2, "Give one of DIR"),
        (("none",), 1, "which is not a folder"),
        (("models", "--rest_api_port=0", "--port=0"), 1, "did not become available"),
        (("--model_config_file=config",), 1, "must hold a ModelServerConfig in protobuf's text format"),
    ],
)
def test_what_cannot_be_served(tmp_path, arguments, code, message):
    (tmp_path / "models" / "m" / "1").mkdir(parents=True)
    (tmp_path / "config").write_text("nonsense")
    child = subprocess.run(
        command(*arguments), cwd=tmp_path, capture_output=True, text=True, check=False, timeout=600, env=os.environ
    )
    assert (child.returncode, message in " ".join(child.stderr.split())) == (code, True), child.stderr


def test_a_full_server_says_so(tmp_path):
    """One thread, no queue: while a request runs the next is answered 503, and readiness says so at the end."""
    write_generator(tmp_path / "m" / "1")
    running, go_on = threading.Event(), threading.Event()

    def sign(file):
        running.set()
        assert go_on.wait(60)
        return file

    with serving(tmp_path, threads=1, queue=0, signer=lambda name, version: sign, warm_up=0) as client:
        first = threading.Thread(target=lambda: httpx.get(f"{client.base_url}/v1/models/m:image.png", timeout=60))
        first.start()
        assert running.wait(60)
        assert error(client.get("/v1/models/m:image.png?seed=2")) == (
            503,
            "The server is busy: 0 requests already wait. Try again",
        )
        go_on.set()
        first.join()
        assert client.get("/v1/models/m:image.png?seed=2").status_code == 200


def test_a_broken_model_does_not_stop_the_others(tmp_path, caplog):
    publish(tmp_path / "fine" / "1")
    (tmp_path / "broken" / "1").mkdir(parents=True)
    (tmp_path / "broken" / "1" / "model.onnx").write_bytes(b"no model")
    with serving(tmp_path) as client:
        assert client.get("/readyz").status_code == 200
        assert client.get("/readyz?model=fine").status_code == 200
        assert client.get("/readyz?model=broken").status_code == client.get("/readyz?model=none").status_code == 503
        assert client.post("/v1/models/fine:predict", json={"instances": [[0.0] * Z]}).status_code == 200
        (version,) = client.get("/v1/models/broken").json()["model_version_status"]
        assert (version["state"], "model.onnx" in version["status"]["error_message"]) == ("END", True)
        metrics = client.get("/monitoring/prometheus/metrics").text
        assert 'keras_gan_model_available{model_name="broken"} 0.0' in metrics
        assert 'keras_gan_model_available{model_name="fine"} 1.0' in metrics
        path = tmp_path / "broken" / "1"
        assert f':load_attempt_count{{model_path="{path}",status="fail"}} 1.0' in metrics
    assert any("broken version 1 failed to load" in record.getMessage() for record in caplog.records)
    models = Models(tmp_path, load, poll_seconds=-1, strict=True)
    with pytest.raises(RuntimeError, match=r"1 model\(s\) did not become available: broken"):
        models.start()
    assert not models.ready


def test_a_version_that_is_replaced_under_its_number_is_logged_once(tmp_path, caplog):
    publish(tmp_path / "m" / "1")
    models = Models(tmp_path, load, poll_seconds=-1)
    models.start()
    shutil.rmtree(tmp_path / "m" / "1")
    publish(tmp_path / "m" / "1", seed=2)
    for _ in range(2):
        models.poll()
    logged = [record.getMessage() for record in caplog.records if record.levelname == "WARNING"]
    assert len(logged) == 1
    assert f"`{tmp_path / 'm' / '1'}` has changed" in logged[0]


def test_a_broken_configuration_is_logged_once(tmp_path, caplog):
    file = tmp_path / "config"
    file.write_text("nonsense")
    options = {"config_file": file, "config_poll_seconds": 0.01}
    publish(tmp_path / "m" / "1")
    with serving([ModelConfig("m", tmp_path / "m")], **options):
        time.sleep(0.3)
        file.write_text("other nonsense")
        deadline = time.monotonic() + 60
        while sum("stay as they are" in one.getMessage() for one in caplog.records) < 2:
            assert time.monotonic() < deadline
            time.sleep(0.01)
    assert sum("stay as they are" in one.getMessage() for one in caplog.records) == 2


def test_providers_of_onnx_runtime(tmp_path):
    publish(tmp_path / "1")
    assert find_providers("cpu") == find_providers("CPUExecutionProvider, ") == ("CPUExecutionProvider",)
    assert load("m", 1, tmp_path / "1", providers=find_providers("cpu")).format == "onnx"
    with pytest.raises(ValueError, match=r"`--onnx_providers` must name .*CPUExecutionProvider.* Received: cuda9"):
        find_providers("cpu,cuda9")
    with pytest.raises(ArtifactError, match=r"with \['CUDAExecutionProvider'\]. Received: \['CPU"):
        load("m", 1, tmp_path / "1", providers=("CUDAExecutionProvider",))
