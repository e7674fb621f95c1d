from __future__ import annotations

import json
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

import jsonschema
import pytest
from pydantic import ValidationError

from keras_gan.artifacts.artifact_entry import ArtifactEntry, Parity
from keras_gan.artifacts.comparison import measure
from keras_gan.artifacts.engines import ArtifactError
from keras_gan.artifacts.file_entry import FileEntry
from keras_gan.artifacts.manifest import SCHEMA_VERSION
from keras_gan.artifacts.tensor_spec import TensorSpec
from keras_gan.export import Manifest, load
from keras_gan.export.report import ExportReport


@pytest.fixture
def version(tmp_path) -> Path:
    """A version folder with made-up artifacts."""
    (tmp_path / "model.onnx").write_bytes(b"onnx" * 100)
    (tmp_path / "model.tflite").write_bytes(b"tflite" * 100)
    entries = tuple(
        ArtifactEntry(
            format=name,
            filename=f"model.{name}",
            files=(FileEntry.of(tmp_path, tmp_path / f"model.{name}"),),
            parity=(Parity(batch=1, max_abs_error=error, psnr=psnr, tolerance=1e-4),),
        )
        for name, error, psnr in (("onnx", 0.0, None), ("tflite", 2e-4, 80.0))
    )
    Manifest(
        name="digits",
        version=3,
        created=datetime(2026, 1, 2, tzinfo=timezone.utc),
        packages={"keras": "3.15.1"},
        training={"loss": "hinge", "steps": [1, 2]},
        latent_dim=12,
        num_classes=None,
        image_shape=(8, 8, 1),
        image_range=(-1.0, 1.0),
        inputs=(TensorSpec(name="z", dtype="float32", shape=(None, 12)),),
        outputs=(TensorSpec(name="image", dtype="float32", shape=(None, 8, 8, 1)),),
        artifacts=entries,
    ).dump(tmp_path)
    return tmp_path


def edit(version: Path, **changes) -> None:
    file = version / "manifest.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | changes))


def test_round_trip_and_plain_json(version):
    manifest = Manifest.load(version)
    assert manifest == Manifest.load(version / "manifest.json")
    raw = json.loads((version / "manifest.json").read_text())
    assert raw["schema_version"] == SCHEMA_VERSION
    assert raw["created"] == "2026-01-02T00:00:00Z"
    assert raw["inputs"] == [{"name": "z", "dtype": "float32", "shape": [None, 12]}]
    assert raw["artifacts"][0]["parity"] == [
        {
            "batch": 1,
            "max_abs_error": 0.0,
            "psnr": None,
            "tolerance": 1e-4,
            "image_size": None,
            "images": None,
            "min_psnr": None,
        }
    ]
    assert (manifest.training["steps"], manifest.entry("onnx").size) == ([1, 2], 400)
    manifest.check(version)


TRANSLATION = {"generator": "g", "size_multiple": 4, "image_sizes": [[8, 8]], "examples": "given"}


def test_the_schema_in_the_docs_is_current():
    root = Path(__file__).parent.parent.parent
    code = "import manifest_schema; print(manifest_schema.schema(), end='')"
    made = subprocess.run(
        [sys.executable, "-c", code], cwd=root / "experiments", capture_output=True, text=True, check=True, timeout=600
    ).stdout
    assert (root / "docs" / "manifest.schema.json").read_text() == made, "run python experiments/manifest_schema.py"


def test_a_manifest_satisfies_the_schema(version):
    schema = json.loads((Path(__file__).parent.parent.parent / "docs" / "manifest.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    raw = json.loads((version / "manifest.json").read_text())
    validator.validate(raw)
    assert not validator.is_valid(raw | {"version": "three"})
    assert not validator.is_valid(raw | {"something": 1})


def test_a_translator_has_its_own_facts(version):
    edit(version, kind="translator", latent_dim=None, translation=TRANSLATION, image_shape=[None, None, 3])
    manifest = Manifest.load(version)
    assert (manifest.kind, manifest.translation.image_sizes) == ("translator", ((8, 8),))
    manifest.dump(version)
    again = Manifest.load(version)
    assert again.model_copy(update={"checksum": manifest.checksum}) == manifest


@pytest.mark.parametrize(
    "changes",
    [
        {"kind": "translator"},
        {"kind": "upscaler"},
        {"latent_dim": None},
        {"translation": TRANSLATION},
        {"kind": "translator", "translation": TRANSLATION},
        {"kind": "translator", "latent_dim": None, "translation": {**TRANSLATION, "size_multiple": 0}},
        {"kind": "translator", "latent_dim": None, "translation": {**TRANSLATION, "examples": "none"}},
    ],
)
def test_a_manifest_of_two_kinds_or_none_is_refused(version, changes):
    edit(version, **changes)
    with pytest.raises(ArtifactError, match="Expected an export's manifest"):
        Manifest.load(version)


def test_variants_are_entries_of_their_own(version):
    raw = json.loads((version / "manifest.json").read_text())["artifacts"]
    other = {**raw[0], "signature": "uint8", "dtype": "uint8", "filename": "model_uint8.onnx"}
    edit(version, artifacts=[*raw, other])
    manifest = Manifest.load(version)
    assert manifest.entry("onnx").filename == "model.onnx"
    assert manifest.entry("onnx", "uint8").filename == "model_uint8.onnx"
    with pytest.raises(ValueError, match=r"Expected one of \['onnx'\]. Received: format='tflite'"):
        manifest.entry("tflite", "uint8")


def test_the_report_shows_what_passed(version):
    report = ExportReport(version, Manifest.load(version))
    assert [(r.format, r.passed) for r in report.rows] == [("onnx", True), ("tflite", False)]
    lines = str(report).splitlines()
    assert any("identical" in line and "pass" in line for line in lines)
    assert any("2.0e-04" in line and "80.0 dB" in line and "FAIL" in line for line in lines)


def test_parity_of_known_differences():
    import numpy as np

    ones = np.ones((2, 4, 4, 1), np.float32)
    row = measure(ones - 0.02, ones, (-1.0, 1.0), 0.01)
    assert (row.batch, row.passed) == (2, False)
    assert row.max_abs_error == pytest.approx(0.02, rel=1e-5)
    assert row.psnr == pytest.approx(40.0, abs=1e-4)  # 20 log10(2 / 0.02)
    assert measure(ones - 0.02, ones, (0.0, 1.0), 0.1).psnr == pytest.approx(33.9794, abs=1e-3)
    assert measure(ones, ones, (-1.0, 1.0), 0.0) == Parity(
        batch=2, images=2, max_abs_error=0.0, psnr=None, tolerance=0.0
    )
    assert not measure(ones * np.nan, ones, (-1.0, 1.0), 1.0).passed


def test_missing_manifest(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"manifest.json`, which does not exist"):
        Manifest.load(tmp_path)


@pytest.mark.parametrize("content", ["", "{", "[]", "{}", '{"schema_version": 1}', "\x00\x01"])
def test_damaged_manifest(tmp_path, content):
    (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(ArtifactError, match=r"Expected an export's manifest. Received: .*manifest.json"):
        Manifest.load(tmp_path)


@pytest.mark.parametrize(
    ("schema", "remedy"), [(SCHEMA_VERSION + 1, "Upgrade keras-gan"), (0, "Export the model again")]
)
def test_another_schema_names_the_remedy(version, schema, remedy):
    edit(version, schema_version=schema, something="new")
    with pytest.raises(ArtifactError, match=rf"of schema 1. Received: .* of schema {schema}. {remedy}"):
        Manifest.load(version)
    with pytest.raises(ArtifactError, match=remedy):
        load(version)


@pytest.mark.parametrize(
    "changes", [{"something": 1}, {"image_shape": [8, 8, 1, 1]}, {"latent_dim": 0}, {"artifacts": None}]
)
def test_manifest_with_other_contents(version, changes):
    edit(version, **changes)
    with pytest.raises(ArtifactError, match="Expected an export's manifest"):
        Manifest.load(version)


@pytest.mark.parametrize("path", ["/etc/passwd", "../other/model.onnx", "a/../../b", "a\\..\\b"])
def test_paths_stay_inside(path):
    with pytest.raises(ValidationError, match="must be a path inside the export"):
        FileEntry(path=path, size=1, sha256="0")


def test_tampered_files_are_all_listed(version):
    same_size = bytearray((version / "model.onnx").read_bytes())
    same_size[7] ^= 1
    (version / "model.onnx").write_bytes(same_size)
    (version / "model.tflite").write_bytes(b"short")
    with pytest.raises(ArtifactError) as caught:
        Manifest.load(version).check(version)
    assert f"`{version / 'model.onnx'}` has changed since its export" in str(caught.value)
    assert f"`{version / 'model.tflite'}` has 5 bytes instead of 600" in str(caught.value)
    (version / "model.tflite").unlink()
    with pytest.raises(ArtifactError, match=r"model.tflite` is missing"):
        Manifest.load(version).check(version, format="tflite")


@pytest.mark.parametrize("path", ["", "model.onnx"])
def test_load_refuses_a_tampered_artifact(version, path):
    (version / "model.onnx").write_bytes(b"evil" * 100)
    with pytest.raises(ArtifactError, match=r"model.onnx` has changed since its export"):
        load(version / path)


def test_load_of_a_format_that_is_not_there(version):
    with pytest.raises(FileNotFoundError, match=r"Expected saved_model in .*with onnx, tflite"):
        load(version, format="saved_model")
    with pytest.raises(ValueError, match=r"Expected one of \['onnx', 'tflite'\]. Received: format='saved_model'"):
        Manifest.load(version).entry("saved_model")


def test_load_of_an_empty_folder(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"Expected an artifact in .*a folder with none"):
        load(tmp_path)
