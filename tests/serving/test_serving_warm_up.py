"""Requests that a new version runs on before it is served."""

import struct
import time

import numpy as np
import pytest
from serving_models import Z, write_generator
from test_serving_rest import serving

from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.versions import WARM_UP
from keras_gan.serving.models import warm_up
from keras_gan.serving.models.servable import load
from keras_gan.serving.models.signature import Signature
from keras_gan.serving.protos import messages
from keras_gan.serving.protos.tensor_proto import fill_content


def record(signature, **inputs):
    log = messages.PredictionLog()
    log.predict_log.request.model_spec.signature_name = signature
    for name, array in inputs.items():
        fill_content(log.predict_log.request.inputs[name], array)
    return log.SerializeToString()


def write(folder, *records):
    path = folder / WARM_UP
    path.parent.mkdir(exist_ok=True)
    framed = [struct.pack("<Q", len(record)) + bytes(4) + record + bytes(4) for record in records]
    path.write_bytes(b"".join(framed))
    return path


@pytest.fixture
def servable(tmp_path):
    """A generator, and what each of its signatures has been run on."""
    write_generator(tmp_path / "m" / "1")
    servable = load("m", 1, tmp_path / "m" / "1")
    ran = {name: [] for name in servable.signatures}

    def watched(name, signature):
        def run(inputs):
            ran[name].append({key: array.copy() for key, array in inputs.items()})
            return signature.run(inputs)

        return Signature(signature.inputs, signature.outputs, run)

    return {name: watched(name, signature) for name, signature in servable.signatures.items()}, ran, servable.folder


def test_records_are_run_so_often_and_what_has_none_on_zeros(servable):
    signatures, ran, folder = servable
    z = np.linspace(-1, 1, 3 * Z, dtype=np.float32).reshape(3, Z)
    write(folder, record("", z=z), record("serving_default", z=z[:1]), record("of another format", x=z))
    warm_up.warm_up(signatures, folder, iterations=2)
    np.testing.assert_array_equal([len(one["z"]) for one in ran["serving_default"]], [3, 3, 1, 1])
    np.testing.assert_array_equal(ran["serving_default"][0]["z"], z)
    assert [len(ran[name]) for name in ("generate", "png")] == [1, 1]
    (folder / WARM_UP).unlink()
    warm_up.warm_up(signatures, folder)
    assert not ran["serving_default"][-1]["z"].any()


Z_ROW = np.zeros((1, Z), np.float32)


@pytest.mark.parametrize(
    ("records", "cut", "message"),
    [
        ([record("", z=np.zeros((1, Z + 1), np.float32))], 0, "record 1, `serving_default`: .*Received: shape"),
        ([record("", z=Z_ROW), record("", y=Z_ROW)], 0, "record 2"),
        ([record("", z=Z_ROW)], 3, "ends within record 1"),
        ([record("", z=Z_ROW), record("", z=Z_ROW)], -5, "ends within record 3"),
        ([b"\xff\xff"], 0, "record 1, is not a PredictionLog"),
        ([b"\x2a\x00"], 0, "must be a Predict request"),  # an empty session_run_log
        ([record("none", z=Z_ROW)] * 1001, 0, "at most 1000 records"),
    ],
)
def test_a_damaged_file_is_refused_by_its_name(servable, records, cut, message):
    signatures, _, folder = servable
    path = write(folder, *records)
    data = path.read_bytes()
    path.write_bytes(data[:-cut] if cut > 0 else data + bytes(-cut))
    with pytest.raises(ArtifactError, match=message) as caught:
        warm_up.warm_up(signatures, folder)
    assert str(path) in str(caught.value)


def test_a_huge_file_is_not_read(servable, monkeypatch):
    signatures, _, folder = servable
    write(folder, record("", z=Z_ROW))
    monkeypatch.setattr(warm_up, "MOST_BYTES", 10)
    with pytest.raises(ArtifactError, match="at most 10 bytes"):
        warm_up.warm_up(signatures, folder)


def test_a_version_whose_request_fails_is_not_served_and_the_old_one_is(tmp_path):
    write_generator(tmp_path / "m" / "1")
    with serving(tmp_path, poll_seconds=0.05) as client:
        write_generator(tmp_path / "m" / ".2")
        write(tmp_path / "m" / ".2", record("", y=Z_ROW))
        (tmp_path / "m" / ".2").rename(tmp_path / "m" / "2")
        deadline = time.monotonic() + 60
        while len(told := client.get("/v1/models/m").json()["model_version_status"]) < 2 or told[0]["state"] != "END":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert [(one["version"], one["state"]) for one in told] == [("2", "END"), ("1", "AVAILABLE")]
        assert WARM_UP in told[0]["status"]["error_message"]
