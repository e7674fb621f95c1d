from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import export_models as models
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from typer.testing import CliRunner

from keras_gan.artifacts.changed_files import changed_files
from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.reference_images import load_reference, save_reference
from keras_gan.cli.app import app
from keras_gan.export import Manifest, export_generator, load, verify

SIGNATURES = {
    "saved_model": ["serving_default", "generate", "png"],
    "tflite": ["serving_default", "generate"],
    "onnx": ["serving_default", "generate"],
}


@pytest.fixture(scope="module")
def exported(exported_conditional, tmp_path_factory) -> Path:
    """A copy whose bytes the tests change for a moment."""
    return Path(shutil.copytree(exported_conditional, tmp_path_factory.mktemp("exported") / "digits" / "1"))


@pytest.fixture
def copy(exported, tmp_path) -> Path:
    return Path(shutil.copytree(exported, tmp_path / "3"))


def edit(version: Path, change) -> None:
    """Changes a manifest and makes its checksum fit, as an attacker would."""
    raw = json.loads((version / "manifest.json").read_text())
    change(raw)
    Manifest.model_validate(raw).dump(version)


def relist(version: Path, path: str) -> None:
    """Writes the current hash of a file into the manifest."""

    def change(raw):
        for file in [*raw["files"], *(f for a in raw["artifacts"] for f in a["files"])]:
            if file["path"] == path:
                content = (version / path).read_bytes()
                file |= {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    edit(version, change)


# ------------------------------------------------------------------ what is as it was


def test_an_export_is_what_it_was(exported):
    found = verify(exported.parent)
    assert (found.passed, found.problems, found.notes, found.path) == (True, (), (), exported)
    assert [(c.entry.format, c.entry.signature) for c in found.artifacts] == [
        (format, signature) for format, signatures in SIGNATURES.items() for signature in signatures
    ]
    assert all([row.batch for row in one.rows] == [1, 8] for one in found.artifacts)
    assert all(row.passed for one in found.artifacts for row in one.rows)
    text = str(found)
    assert text == repr(found)
    for word in ("digits, version 1, verified", "saved_model png", "onnx generate", "pass", "at export"):
        assert word in text


def test_a_translator_is_run_at_each_size(exported_resnets):
    found = verify(exported_resnets, format="onnx")
    assert found.passed
    assert [one.entry.signature for one in found.artifacts] == ["serving_default", "uint8"]
    sizes = [(row.image_size, row.batch) for row in found.artifacts[0].rows]
    assert sizes[:3] == [((32, 32), 1), ((32, 32), 2), ((24, 40), 1)]
    assert len({size for size, _ in sizes}) == 3


def test_the_reference_images_are_those_of_keras(exported):
    gan = models.conditional()
    (case,) = load_reference(exported / "parity.npz")
    images = np.asarray(gan.generator([case.inputs["z"], case.inputs["labels"]]))
    np.testing.assert_allclose(case.expected, images, atol=1e-6)  # the export used a larger batch
    assert set(case.inputs) == {"z", "labels", "seed", "index", "truncation"}
    assert len(case.expected) == 8


@pytest.mark.parametrize("format", SIGNATURES)
def test_one_format_alone(copy, format):
    names = {"saved_model": "saved_model.pb", "tflite": "model.tflite", "onnx": "model.onnx"}
    for other in set(names) - {format}:
        (copy / names[other]).unlink()
    found = verify(copy, format=format)
    assert found.passed
    assert [one.entry.signature for one in found.artifacts] == SIGNATURES[format]
    assert not verify(copy).passed


WITHOUT_TENSORFLOW = """
import sys
for name in ("tensorflow", "keras", "onnx", "tf2onnx"):
    sys.modules[name] = None
import keras_gan.export
found = keras_gan.export.verify(sys.argv[1])
print(found)
print([one.entry.format for one in found.artifacts if one.rows], found.passed)
try:
    keras_gan.export.verify(sys.argv[1], format="saved_model")
except ImportError as error:
    print("asked for:", error)
training = ("keras_gan.models.gan", "keras_gan.losses", "keras_gan.networks")
print([name for name in sys.modules if name.startswith(training)])
"""


def test_neither_tensorflow_nor_training_code_is_needed(exported):
    command = [sys.executable, "-c", WITHOUT_TENSORFLOW, exported]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=True)
    assert "saved_model was not run: its runtime is not installed here" in done.stdout
    assert "not run" in done.stdout
    assert "['tflite', 'tflite', 'onnx', 'onnx'] True" in done.stdout
    assert "asked for: Running" in done.stdout
    assert done.stdout.splitlines()[-1] == "[]"


def test_an_export_that_no_runtime_can_open_fails(exported, monkeypatch):
    for runtime in ("tensorflow", "onnxruntime", "ai_edge_litert"):
        monkeypatch.setitem(sys.modules, runtime, None)
    found = verify(exported)
    assert found.problems == ("no artifact was run: none of their runtimes is installed here",)


def test_a_manifest_without_reference_images_does_not_pass(copy):
    (copy / "parity.npz").unlink()
    edit(copy, lambda raw: raw.update(files=[file for file in raw["files"] if file["path"] != "parity.npz"]))
    found = verify(copy)
    assert found.problems == ("the manifest does not list `parity.npz`",)
    assert found.notes == ("Images were not compared: parity.npz cannot be used",)


# ------------------------------------------------------------------ changed files

FILES = (
    "manifest.json",
    "model.onnx",
    "model_generate.onnx",
    "model.tflite",
    "saved_model.pb",
    "fingerprint.pb",
    "variables/variables.data-00000-of-00001",
    "variables/variables.index",
    "directions.json",
    "parity.npz",
    "preview.png",
    "parity.png",
    "parity_worst.png",
    "model_card.md",
    "directions.json",
    "assets.extra/tf_serving_warmup_requests",
)


def test_each_exported_file_is_in_this_list(exported):
    assert {p.relative_to(exported).as_posix() for p in exported.rglob("*") if p.is_file()} == set(FILES)


@pytest.mark.parametrize("path", FILES)
@given(where=st.floats(0, 1, exclude_max=True), bit=st.integers(0, 7))
def test_a_changed_byte_is_named(exported, path, where, bit):
    file = exported / path
    content = file.read_bytes()
    position = int(where * len(content))
    file.write_bytes(content[:position] + bytes([content[position] ^ 1 << bit]) + content[position + 1 :])
    try:
        problems = changes(exported)
    finally:
        file.write_bytes(content)
    assert any(path in problem for problem in problems)


def changes(version: Path) -> tuple[str, ...]:
    """The changed files, or why the manifest cannot be read. Runs no artifact."""
    try:
        manifest = Manifest.load(version)
    except ArtifactError as error:
        return (str(error),)
    return tuple(changed_files(version, manifest, manifest.artifacts).values())


def test_missing_and_added_files_are_all_named(copy):
    (copy / "variables" / "variables.index").unlink()
    (copy / "model_card.md").unlink()
    (copy / "more").mkdir()
    (copy / "more" / "payload.so").write_bytes(b"x")
    found = verify(copy)
    assert not found.passed
    for sentence in (
        f"`{copy}/variables/variables.index` is missing",
        f"`{copy}/model_card.md` is missing",
        f"`{copy}/more/payload.so` is not part of the export",
    ):
        assert sentence in found.problems
    assert len(found.problems) == 3
    by_format = {one.entry.format: one for one in found.artifacts}
    assert "its files have changed since the export" in by_format["saved_model"].skipped
    assert by_format["onnx"].rows


def test_many_added_files_are_counted(copy):
    for i in range(50):
        (copy / f"{i:02}").touch()
    problems = verify(copy, format="onnx").problems
    assert len(problems) == 21
    assert problems[-1] == "30 more files are not part of the export"


@pytest.mark.usefixtures("without_seeds")
def test_images_that_differ_are_noticed(copy):
    """The file of another model with a fitting hash: only its images differ."""
    gan = models.conditional()
    gan.generator.layers[-1].bias.assign(gan.generator.layers[-1].bias + 0.01)
    other = export_generator(gan, copy.parent, formats=["onnx"], name="other")
    shutil.copy(other.path / "model.onnx", copy / "model.onnx")
    relist(copy, "model.onnx")
    found = verify(copy, format="onnx")
    assert len(found.problems) == 2
    for problem, batch in zip(found.problems, (1, 8), strict=True):
        assert problem.startswith(f"onnx: batch {batch}: a pixel is 0.0")
        assert problem.endswith("from Keras's, more than the tolerance 0.0001")
    assert "FAIL" in str(found)


def test_a_file_that_does_not_load_is_named(copy):
    (copy / "model.onnx").write_bytes(b"nonsense")
    relist(copy, "model.onnx")
    (problem,) = verify(copy, format="onnx").problems
    assert "onnx: Expected an ONNX model. Received:" in problem


# ------------------------------------------------------------------ hostile files


@pytest.mark.parametrize(
    "path", ["/etc/passwd", "../../etc/passwd", "a/../../b", "..", "", ".", "C:\\x", "c:x", "a\\b", "a\0b", "a\nb"]
)
def test_paths_that_lead_outside_are_refused(copy, path):
    raw = json.loads((copy / "manifest.json").read_text())
    for where in (raw["files"][0], raw["artifacts"][0]["files"][0]):
        before, where["path"] = where["path"], path
        (copy / "manifest.json").write_text(json.dumps(raw))
        with pytest.raises(ArtifactError, match="must be a path inside the export"):
            verify(copy)
        where["path"] = before
    raw["artifacts"][-1]["filename"] = path
    (copy / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(ArtifactError, match="must be a path inside the export"):
        verify(copy)


def test_links_are_refused(copy, tmp_path):
    secret = tmp_path / "secret.onnx"
    (copy / "model.onnx").rename(secret)
    (copy / "model.onnx").symlink_to(secret)
    (copy / "variables").rename(tmp_path / "elsewhere")
    (copy / "variables").symlink_to(tmp_path / "elsewhere")
    (copy / "extra").symlink_to("/etc/passwd")
    (copy / "manifest.json").rename(tmp_path / "manifest.json")
    (copy / "manifest.json").symlink_to(tmp_path / "manifest.json")
    found = verify(copy)
    assert f"`{copy}/model.onnx` is a link, to `{secret}`" in found.problems
    assert f"`{copy}/variables` is a link, to `{tmp_path / 'elsewhere'}`" in found.problems
    assert f"`{copy}/extra` is not part of the export" in found.problems
    run = [(one.entry.format, one.entry.filename) for one in found.artifacts if one.rows]
    assert set(run) == {("tflite", "model.tflite"), ("onnx", "model_generate.onnx")}


@pytest.mark.parametrize("what", ["fifo", "folder"])
def test_a_pipe_or_folder_counts_as_missing(copy, what):
    (copy / "model.onnx").unlink()
    if what == "folder":
        (copy / "model.onnx").mkdir()
    else:
        os.mkfifo(copy / "model.onnx")
    assert f"`{copy}/model.onnx` is missing" in verify(copy).problems


def test_an_artifact_whose_file_is_not_listed_is_not_run(copy):
    shutil.copy(copy / "model.onnx", copy / "evil.onnx")
    edit(copy, lambda raw: raw["artifacts"][-1].update(filename="evil.onnx"))
    problems = verify(copy).problems
    assert f"`{copy}/evil.onnx` is not part of the export" in problems
    assert "onnx generate: the manifest lists no hash of `evil.onnx`" in problems


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("latent_dim", 10**9),
        ("num_classes", 10**12),
        ("version", 1e400),
        ("files", [{"path": "x", "size": -1, "sha256": ""}]),
        ("artifacts", 7),
    ],
)
def test_numbers_out_of_range_are_refused(copy, field, value):
    raw = json.loads((copy / "manifest.json").read_text()) | {field: value}
    (copy / "manifest.json").write_text(json.dumps(raw))
    with pytest.raises(ArtifactError, match="Expected an export's manifest"):
        verify(copy)


@pytest.mark.parametrize("content", [b"[" * 2_000_000, b" " * (17 << 20), b'{"schema_version": ' + b"9" * 5000 + b"}"])
def test_a_file_that_is_not_a_manifest_is_refused(copy, content):
    (copy / "manifest.json").write_bytes(content)
    with pytest.raises(ArtifactError, match="Expected an export's manifest"):
        verify(copy)


def npy(header: str) -> bytes:
    text = header.encode() + b"\n"
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


def archive(**members: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in members.items():
            written.writestr(name, content)
    return buffer.getvalue()


IMAGE = "0.image.npy"
HOSTILE = {
    "no archive": b"nonsense",
    "empty": archive(),
    "huge": archive(**{IMAGE: npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000000,), }")}),
    "overflowing": archive(**{IMAGE: npy(f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({2**62}, 8), }}")}),
    "cut off": archive(**{IMAGE: npy("{'descr': '<f4', 'fortran_order': False, 'shape': (9,), }")}),
    "negative": archive(**{IMAGE: npy("{'descr': '<f4', 'fortran_order': False, 'shape': (-9, -1), }")}),
    "pickled": archive(**{IMAGE: npy("{'descr': '|O', 'fortran_order': False, 'shape': (1,), }") + b"cos\nsystem\n."}),
    "header of 4 GB": archive(**{IMAGE: b"\x93NUMPY\x02\x00\xff\xff\xff\xff" + b" " * 1000}),
    "code": archive(**{IMAGE: npy("__import__('os').abort()")}),
    "no image": archive(**{"0.z.npy": npy("{'descr': '<f4', 'fortran_order': False, 'shape': (0,), }")}),
    "bomb": archive(
        **{IMAGE: npy("{'descr': '|u1', 'fortran_order': False, 'shape': (300000000,), }") + bytes(300 << 20)}
    ),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_hostile_reference_images_are_refused(copy, kind):
    (copy / "parity.npz").write_bytes(HOSTILE[kind])
    relist(copy, "parity.npz")
    problems = verify(copy, format="onnx").problems
    assert len(problems) == 1
    assert "Expected reference images. Received:" in problems[0]


@given(st.data())
def test_a_damaged_reference_is_refused_or_read(exported, tmp_path_factory, data):
    content = bytearray((exported / "parity.npz").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("damaged") / "parity.npz"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)))])
    with contextlib.suppress(ArtifactError):  # and nothing else
        assert all(isinstance(case.expected, np.ndarray) for case in load_reference(path))


def test_reference_images_stay_small(tmp_path):
    from keras_gan.artifacts.case import Case

    noise = np.random.default_rng(0).normal(size=(8, 512, 512, 3)).astype(np.float32)
    save_reference(tmp_path / "parity.npz", [Case({"z": np.zeros((8, 4), np.float32)}, noise)])
    assert (tmp_path / "parity.npz").stat().st_size < 5 << 20
    (case,) = load_reference(tmp_path / "parity.npz")
    np.testing.assert_array_equal(case.expected, noise[:1])


def test_load_refuses_the_same(copy):
    (copy / "model.onnx").write_bytes(b"evil")
    with pytest.raises(ArtifactError, match=r"model.onnx` has 4 bytes instead of"):
        load(copy)


# ------------------------------------------------------------------ the command


def command(*arguments):
    return CliRunner().invoke(app, ["verify", *map(str, arguments)])


def test_the_command_prints_problems_and_exits_with_1(copy):
    done = command(copy, "--format", "onnx")
    assert done.exit_code == 0, done.output
    assert "onnx generate" in done.output
    assert done.output.splitlines()[-1] == f"Verified: {copy}"
    content = bytearray((copy / "model.onnx").read_bytes())
    content[100] ^= 1
    (copy / "model.onnx").write_bytes(content)
    done = command(copy, "--format", "onnx")
    assert done.exit_code == 1
    assert f"Wrong: `{copy}/model.onnx` has changed since its export" in done.output
    for wrong, says in ((copy.parent / "nothing", "does not exist"), (copy / "model.onnx", "is a file")):
        done = command(wrong)
        assert (done.exit_code, f"`{wrong}`, which {says}" in str(done.exception)) == (1, True)
