from __future__ import annotations

import contextlib
import gc
import hashlib
import json
import subprocess
import sys
import threading

import export_models as models
import keras
import numpy as np
import pytest
from PIL import Image

import keras_gan
from keras_gan import latent
from keras_gan.export import ExportReport, Manifest, export_generator, load
from keras_gan.export.formats import onnx as onnx_format
from keras_gan.export.formats import tflite_file

FORMATS = ("saved_model", "tflite", "onnx")
FILES = {"saved_model": "", "tflite": "model.tflite", "onnx": "model.onnx"}
TOLERANCE = 1e-5
SIGNATURES = [
    ("saved_model", "serving_default", "saved_model.pb"),
    ("saved_model", "generate", "saved_model.pb"),
    ("saved_model", "png", "saved_model.pb"),
    ("tflite", "serving_default", "model.tflite"),
    ("tflite", "generate", "model.tflite"),
    ("onnx", "serving_default", "model.onnx"),
    ("onnx", "generate", "model_generate.onnx"),
]


@pytest.fixture(scope="module")
def dcgan() -> models.StandIn:
    return models.dcgan()


@pytest.fixture(scope="module")
def report(dcgan, tmp_path_factory) -> ExportReport:
    return export_generator(dcgan, tmp_path_factory.mktemp("exported"), name="digits", version=7)


@pytest.fixture(scope="module")
def conditional() -> models.StandIn:
    return models.conditional()


@pytest.fixture(scope="module")
def conditional_report(exported_conditional) -> ExportReport:
    return ExportReport(exported_conditional, Manifest.load(exported_conditional))


# ------------------------------------------------------------------ written files


def test_the_layout_is_that_of_tf_serving(report):
    assert report.path.parts[-2:] == ("digits", "7")
    assert (report.path / "saved_model.pb").is_file()
    assert (report.path / "variables").is_dir()
    for name in ("model.tflite", "model.onnx", "manifest.json", "parity.png"):
        assert (report.path / name).stat().st_size > 100
    assert [entry.name for entry in report.path.parents[1].iterdir()] == ["digits"]


def test_published_folder_is_readable_by_a_server(report):
    plain = report.path.parent / "plain"
    plain.mkdir()
    assert report.path.stat().st_mode == plain.stat().st_mode
    plain.rmdir()


def test_the_manifest_is_complete(report, dcgan):
    manifest = Manifest.load(report.path)
    assert manifest == report.manifest
    assert (manifest.name, manifest.version, manifest.latent_dim) == ("digits", 7, models.LATENT)
    assert (manifest.num_classes, manifest.image_shape, manifest.image_range) == (None, (16, 16, 3), (-1.0, 1.0))
    assert manifest.training == dcgan.training_record()
    assert manifest.packages["keras-gan"] == keras_gan.__version__
    assert manifest.packages["keras"] == keras.__version__
    assert manifest.created.utcoffset().total_seconds() == 0
    assert [(s.name, s.dtype, s.shape) for s in manifest.inputs] == [("z", "float32", (None, models.LATENT))]
    assert [(s.name, s.dtype, s.shape) for s in manifest.outputs] == [("image", "float32", (None, 16, 16, 3))]
    assert [(a.format, a.signature, a.filename) for a in manifest.artifacts] == SIGNATURES
    rows = [("seed", "int32", (None,)), ("index", "int32", (None,)), ("truncation", "float32", (None,))]
    assert [(s.name, s.dtype, s.shape) for s in manifest.entry("onnx", "generate").inputs] == rows
    png = manifest.entry("saved_model", "png").outputs
    assert [(s.name, s.dtype, s.shape) for s in png] == [("image_bytes", "string", (None,))]


def test_manifest_lists_every_file_with_its_hash(report):
    raw = json.loads((report.path / "manifest.json").read_text())
    assert {file["path"] for file in raw["files"]} == {
        "directions.json",
        "model_card.md",
        "parity.npz",
        "parity.png",
        "parity_worst.png",
        "preview.png",
    }
    files = raw["files"] + [file for artifact in raw["artifacts"] for file in artifact["files"]]
    listed = {file["path"]: file for file in files}
    there = {p.relative_to(report.path).as_posix() for p in report.path.rglob("*") if p.is_file()}
    assert set(listed) == there - {"manifest.json"}
    for path, file in listed.items():
        content = (report.path / path).read_bytes()
        assert (file["size"], file["sha256"]) == (len(content), hashlib.sha256(content).hexdigest())


def test_the_report_lists_each_signature_and_batch(report):
    rows = [(r.format, r.signature, r.file, r.batch) for r in report.rows]
    assert rows == [(*signature, batch) for signature in SIGNATURES for batch in (1, 8)]
    assert all(row.passed for row in report.rows)
    assert all(row.max_abs_error < TOLERANCE for row in report.rows if row.dtype == "float32")
    text = str(report)
    assert text == repr(report)
    assert str(report.path) in text
    for word in ("saved_model", "tflite", "onnx", "max abs error", "PSNR", "pass", "onnx generate", "saved_model png"):
        assert word in text


def test_picture_has_a_row_for_keras_and_each_artifact(report):
    with Image.open(report.path / "parity.png") as picture:
        assert picture.size == (8 * 66 + 2, 8 * (68 + 16))
        pixels = np.asarray(picture.convert("RGB")).reshape(8, 84, 530, 3)[:, 16:].astype(int)
    assert np.abs(pixels - pixels[0]).max() <= 1
    assert pixels[0].std() > 10


def test_weights_are_stored_once_in_each_format(report, dcgan):
    weights = sum(w.size * 4 for w in dcgan.generator.get_weights())
    for artifact in report.manifest.artifacts:
        files = [f for f in artifact.files if "variables.data" in f.path or f.path.startswith("model")]
        if artifact.format == "tflite":  # the signatures that sample z have 45 kB of operations each
            stored = sum(
                len(b.data)
                for b in tflite_file.read((report.path / files[0].path).read_bytes()).buffers
                if b.data is not None
            )
            assert weights * 0.8 < stored < weights * 1.5
        else:
            assert weights * 0.9 < sum(f.size for f in files) < weights + 25_000


# ------------------------------------------------------------------ read by the runtimes themselves


def test_onnx_read_by_onnxruntime_itself(report, dcgan):
    import onnx
    import onnxruntime

    model = onnx.load(report.path / "model.onnx")
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    session = onnxruntime.InferenceSession(report.path / "model.onnx")
    assert [(t.name, t.type, t.shape) for t in session.get_inputs()] == [
        ("z", "tensor(float)", ["batch", models.LATENT])
    ]
    assert [(t.name, t.shape) for t in session.get_outputs()] == [("image", ["batch", 16, 16, 3])]
    for n in (1, 3, 20):
        (generated,) = session.run(["image"], {"z": latent.sample(n, models.LATENT, 4)})
        np.testing.assert_allclose(generated, dcgan.generate(n, seed=4), atol=TOLERANCE)


def test_tflite_read_by_litert_itself(report, dcgan):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(report.path / "model.tflite"))
    assert set(interpreter.get_signature_list()) == {
        f"{name}_b{batch}" for name in ("serving_default", "generate") for batch in (1, 8)
    }
    for n in (1, 8):
        run = interpreter.get_signature_runner(f"serving_default_b{n}")
        generated = run(z=latent.sample(n, models.LATENT, 4))["image"]
        np.testing.assert_allclose(generated, dcgan.generate(n, seed=4), atol=TOLERANCE)


# ------------------------------------------------------------------ loading


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_generates_the_images_of_keras(report, dcgan, format):
    artifact = load(report.path, format=format)
    assert (artifact.latent_dim, artifact.image_shape, artifact.num_classes) == (models.LATENT, (16, 16, 3), None)
    assert artifact.manifest == report.manifest
    assert artifact.image_range == (-1.0, 1.0)
    assert "latent_dim=12" in repr(artifact)
    for n in (1, 2, 8, 17):
        generated = artifact.generate(n, seed=3, batch_size=16)
        assert (generated.dtype, generated.shape) == (np.float32, (n, 16, 16, 3))
        np.testing.assert_allclose(generated, dcgan.generate(n, seed=3), atol=TOLERANCE)
    assert artifact.generate(0).shape == (0, 16, 16, 3)


@pytest.mark.parametrize("format", FORMATS)
def test_each_format_generates_classes(conditional_report, conditional, format):
    artifact = load(conditional_report.path, format=format)
    assert artifact.num_classes == models.CLASSES
    labels = [4, 0, 3, 3, 1, 2, 0, 4, 1]
    generated = artifact.generate(9, labels=labels, seed=2)
    np.testing.assert_allclose(generated, conditional.generate(9, labels, seed=2), atol=TOLERANCE)
    np.testing.assert_allclose(artifact.generate(7, batch_size=3), conditional.generate(7), atol=TOLERANCE)
    np.testing.assert_allclose(artifact.generate(2, labels=3), conditional.generate(2, [3, 3]), atol=TOLERANCE)
    assert np.abs(artifact.generate(2, labels=3) - artifact.generate(2, labels=1)).max() > 0.01


@pytest.mark.parametrize("format", FORMATS)
def test_load_takes_the_file_itself(report, dcgan, format):
    artifact = load(report.path / FILES[format], format=None)
    np.testing.assert_allclose(artifact.generate(2), dcgan.generate(2), atol=TOLERANCE)


def test_load_takes_a_file_without_a_manifest(report, conditional_report, dcgan, tmp_path):
    lone = tmp_path / "lone.onnx"
    lone.write_bytes((report.path / "model.onnx").read_bytes())
    artifact = load(lone)
    assert (artifact.manifest, artifact.num_classes, artifact.image_range) == (None, None, None)
    np.testing.assert_allclose(artifact.generate(2), dcgan.generate(2), atol=TOLERANCE)
    lone.write_bytes((conditional_report.path / "model.onnx").read_bytes())
    assert load(lone).generate(2, labels=[0, 1]).shape == (2, 8, 8, 1)
    with pytest.raises(ValueError, match="`labels` must be given"):
        load(lone).generate(2)


def test_load_prefers_what_is_installed(report, monkeypatch):
    assert load(report.path).path.name == "model.onnx"
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    assert load(report.path).path.name == "model.tflite"


def test_load_takes_the_newest_version(report):
    assert load(report.path.parent).manifest.version == 7


BAD_INPUTS = {
    "shape": ({"z": np.zeros((2, 5))}, r"shape \(n, 12\). Received: shape \(2, 5\)"),
    "one vector": ({"z": np.zeros(12)}, r"Received: shape \(12,\)"),
    "ragged": ({"z": [[1.0], [1.0, 2.0]]}, "must be an array"),
    "text": ({"z": np.full((1, 12), "a")}, "real numbers. Received: dtype <U1"),
    "bool": ({"z": np.zeros((1, 12), bool)}, "dtype bool"),
    "complex": ({"z": np.zeros((1, 12), complex)}, "dtype complex128"),
    "nan": ({"z": np.array([[0.0] * 12, [np.nan] * 12])}, r"rows \[1\]"),
    "too large for float32": ({"z": np.full((1, 12), 1e300)}, r"rows \[0\]"),
    "too many labels": ({"z": np.zeros((1, 12)), "labels": [1, 2]}, r"1 integers from 0 to 4. Received: shape \(2,\)"),
    "label too large": ({"z": np.zeros((1, 12)), "labels": [5]}, r"0 to 4. Received: shape \(1,\), \[5\]"),
    "label negative": ({"z": np.zeros((1, 12)), "labels": [-1]}, r"\[-1\]"),
    "label fractional": ({"z": np.zeros((1, 12)), "labels": [0.5]}, "dtype float64"),
    "label bool": ({"z": np.zeros((1, 12)), "labels": [True]}, "dtype bool"),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_inputs_are_refused(conditional_report, case):
    arguments, message = BAD_INPUTS[case]
    with pytest.raises(ValueError, match=message):
        load(conditional_report.path)(**arguments)


def test_other_bad_arguments_are_refused(report):
    artifact = load(report.path)
    with pytest.raises(ValueError, match="must be None for a generator without classes"):
        artifact(np.zeros((1, 12)), labels=[0])
    with pytest.raises(ValueError, match="`batch_size` must be at least 1"):
        artifact.generate(1, batch_size=0)
    with pytest.raises(ValueError, match="`n` must be at least 0"):
        artifact.generate(-1)
    with pytest.raises(ValueError, match="`format` must be one of"):
        load(report.path, format="pickle")
    with pytest.raises(FileNotFoundError, match="does not exist"):
        load(report.path / "nothing.onnx")


# ------------------------------------------------------------------ other generators


@pytest.mark.usefixtures("without_seeds")
@pytest.mark.parametrize("make", [models.upsampling, models.grouped, models.half_precision])
def test_other_generators(make, tmp_path, capfd):
    gan = make()
    capfd.readouterr()
    report = export_generator(gan, tmp_path, name="g", batch_sizes=[1])
    captured = capfd.readouterr()
    assert (captured.out, captured.err) == ("", ""), "converters keep quiet"
    assert all(row.max_abs_error < TOLERANCE for row in report.rows if row.dtype == "float32")
    gan = models.dcgan() if make is models.half_precision else make()
    expected = gan.generate(3, seed=9)
    for format in FORMATS:
        generated = load(report.path, format=format).generate(3, seed=9)
        assert generated.dtype == np.float32
        np.testing.assert_allclose(generated, expected, atol=TOLERANCE)


@pytest.mark.usefixtures("without_seeds")
def test_sigmoid_range_is_kept(tmp_path):
    gan = models.mlp()
    report = export_generator(gan, tmp_path, batch_sizes=[1])
    assert report.manifest.image_range == (0.0, 1.0)
    for format in FORMATS:
        images = load(report.path, format=format).generate(8)
        assert 0 <= images.min() < images.max() <= 1
        np.testing.assert_allclose(images, gan.generate(8), atol=TOLERANCE)


@pytest.mark.usefixtures("without_seeds")
def test_half_precision_is_rebuilt_and_left_alone(tmp_path):
    gan = models.half_precision()
    before = gan.generate(2)
    report = export_generator(gan, tmp_path, formats=["onnx"])
    assert gan.generator.layers[0].compute_dtype == "float16"
    np.testing.assert_array_equal(gan.generate(2), before)
    np.testing.assert_allclose(load(report.path).generate(2), before, atol=0.02)


@pytest.mark.parametrize("opset", [13, 21])
def test_opsets(dcgan, tmp_path, opset):
    import onnx

    report = export_generator(dcgan, tmp_path, formats=["onnx"], opset=opset, batch_sizes=[2])
    assert [o.version for o in onnx.load(report.path / "model.onnx").opset_import] == [opset]
    assert [o.version for o in onnx.load(report.path / "model_generate.onnx").opset_import] == [max(opset, 18)]
    assert [row.batch for row in report.rows] == [2, 2]


@pytest.mark.usefixtures("without_seeds")
def test_the_librarys_own_gan(tmp_path):
    generator = models.conditional().generator
    discriminator = keras_gan.networks.mlp.discriminator((8, 8, 1), models.CLASSES, units=4)
    gan = keras_gan.GAN(generator, discriminator, latent_dim=models.LATENT, num_classes=models.CLASSES, name="small")
    gan.compile()
    report = export_generator(gan, tmp_path, formats=["onnx"])
    assert report.path == tmp_path / "small" / "1"
    assert report.manifest.training["model"] == "GAN"
    artifact = load(report.path)
    np.testing.assert_allclose(artifact.generate(9, seed=5), gan.generate(9, seed=5), atol=TOLERANCE)
    np.testing.assert_allclose(artifact.generate(3, [1, 1, 0]), gan.generate(3, [1, 1, 0]), atol=TOLERANCE)


# ------------------------------------------------------------------ versions, progress


@pytest.mark.usefixtures("without_seeds")
def test_versions_count_up_and_stay(dcgan, tmp_path):
    first = export_generator(dcgan, tmp_path, formats=["onnx"])
    kept = {p: p.read_bytes() for p in first.path.iterdir()}
    export_generator(dcgan, tmp_path, formats=["onnx"], version=5, training={"by": "hand"})
    last = export_generator(dcgan, tmp_path, formats=["onnx"])
    assert [first.path.name, last.path.name, last.manifest.version] == ["1", "6", 6]
    assert Manifest.load(tmp_path / "gan" / "5").training == {"by": "hand"}
    assert {p: p.read_bytes() for p in first.path.iterdir()} == kept


@pytest.mark.usefixtures("without_seeds")
def test_concurrent_exports_take_two_numbers(dcgan, tmp_path):
    reports: list[ExportReport] = []
    barrier = threading.Barrier(2)

    def export() -> None:
        barrier.wait()
        reports.append(export_generator(dcgan, tmp_path / "new", formats=["onnx"], batch_sizes=[1]))

    threads = [threading.Thread(target=export) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(report.manifest.version for report in reports) == [1, 2]
    assert sorted(p.name for p in (tmp_path / "new").rglob("*") if p.is_dir()) == ["1", "2", "gan"]
    for report in reports:
        assert Manifest.load(report.path).version == int(report.path.name)


@pytest.mark.usefixtures("without_seeds")
def test_progress_is_reported(dcgan, tmp_path):
    steps: list[str] = []
    export_generator(dcgan, tmp_path, formats=["onnx"], progress=steps.append)
    before = ["generating the reference images", "writing onnx", "checking onnx"]
    assert steps == [*before, "finding directions", "publishing"]


COLLECTED = onnx_format._garbage_collected_often


@pytest.mark.usefixtures("without_seeds")
def test_a_conversion_to_onnx_leaves_the_garbage_collector_as_it_was(dcgan, tmp_path, monkeypatch):
    before, seen = gc.get_threshold(), []

    @contextlib.contextmanager
    def noted():
        with COLLECTED():
            seen.append(gc.get_threshold())
            yield

    monkeypatch.setattr(onnx_format, "_garbage_collected_often", noted)
    try:
        export_generator(dcgan, tmp_path, formats=["onnx"], batch_sizes=[1])
        assert gc.get_freeze_count() == 0
    finally:
        gc.freeze()  # as `conftest.py` does
    assert set(seen) == {(before[0], before[1], 2)}
    assert gc.get_threshold() == before


# ------------------------------------------------------------------ imports

NO_TENSORFLOW = """
import sys
for name in ("tensorflow", "keras", "onnx", "tf2onnx"):
    sys.modules[name] = None
import keras_gan.artifacts.engines, keras_gan.export
for format in ("onnx", "tflite"):
    assert keras_gan.export.load(sys.argv[1], format=format).generate(9).shape == (9, 16, 16, 3)
"""


def test_artifacts_run_without_tensorflow(report):
    subprocess.run([sys.executable, "-c", NO_TENSORFLOW, report.path], check=True, timeout=600)


def test_importing_imports_no_runtime():
    code = (
        "import sys, keras_gan.export, keras_gan.artifacts.engines;"
        "print(sorted({'tensorflow', 'keras', 'onnx', 'onnxruntime', 'ai_edge_litert', 'tf2onnx'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, timeout=600)
    assert done.stdout.strip() == "[]"
