from __future__ import annotations

import subprocess
import sys
import threading
from pathlib import Path

import export_models as models
import numpy as np
import pytest
import tensorflow as tf

from keras_gan import latent
from keras_gan.artifacts.engines import ArtifactError, is_available, open_engine
from keras_gan.artifacts.tensor_spec import TensorSpec, bind
from keras_gan.export import ExportReport, Manifest

FILES = ("model.onnx", "model.tflite", "saved_model.pb")


@pytest.fixture(scope="module")
def conditional() -> models.StandIn:
    return models.conditional()


@pytest.fixture(scope="module")
def report(exported_conditional) -> ExportReport:
    return ExportReport(exported_conditional, Manifest.load(exported_conditional))


def batch(n: int) -> dict[str, np.ndarray]:
    return {"z": latent.sample(n, models.LATENT, 1), "labels": (np.arange(n) % models.CLASSES).astype(np.int32)}


# ------------------------------------------------------------------ running


@pytest.mark.parametrize("file", FILES)
def test_each_engine_runs_any_batch(report, conditional, file):
    engine = open_engine(report.path / file, threads=1)
    assert {(s.name, s.dtype, s.shape) for s in engine.inputs} == {
        ("z", "float32", (None, models.LATENT)),
        ("labels", "int32", (None,)),
    }
    assert [(s.name, s.dtype, s.shape) for s in engine.outputs] == [("image", "float32", (None, 8, 8, 1))]
    for n in (1, 2, 3, 5, 8, 9, 11, 21):
        generated = engine.run(batch(n))
        assert set(generated) == {"image"}
        np.testing.assert_allclose(generated["image"], conditional.generate(n, seed=1), atol=1e-5)


@pytest.mark.parametrize("file", FILES)
def test_an_earlier_result_is_not_overwritten(report, file):
    engine = open_engine(report.path / file)
    first = engine.run(batch(1))["image"]
    kept = first.copy()
    engine.run({"z": -batch(1)["z"], "labels": np.array([4], np.int32)})
    np.testing.assert_array_equal(first, kept)


@pytest.mark.parametrize("file", FILES)
def test_threads_do_not_mix_their_images(report, conditional, file):
    engine = open_engine(report.path / file, threads=1)
    inputs = [{name: array[i : i + 8] for name, array in batch(32).items()} for i in (0, 8, 16, 24)]
    expected = np.split(conditional.generate(32, seed=1), 4)
    wrong: list[float] = []

    def run(i: int) -> None:
        for _ in range(200):
            difference = np.abs(engine.run(inputs[i])["image"] - expected[i]).max()
            if difference > 1e-5:
                wrong.append(difference)

    threads = [threading.Thread(target=run, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


@pytest.mark.parametrize("file", FILES)
def test_wrong_inputs_are_refused(report, file):
    engine = open_engine(report.path / file)
    good = batch(2)
    with pytest.raises(ValueError, match=r"Expected the inputs .*Received: \['z'\]"):
        engine.run({"z": good["z"]})
    with pytest.raises(ValueError, match=r"Received: .*'noise'"):
        engine.run({**good, "noise": good["z"]})
    with pytest.raises(ValueError, match=r"Expected z: float32 \(None, 12\). Received: shape \(2, 11\)"):
        engine.run({**good, "z": good["z"][:, 1:]})
    if file == "saved_model.pb":  # its inputs need not be rows
        assert engine.run({name: array[:0] for name, array in good.items()})["image"].shape == (0, 8, 8, 1)
        return
    with pytest.raises(ValueError, match=r"same number of rows, at least one. Received: \["):
        engine.run({**good, "labels": good["labels"][:1]})
    with pytest.raises(ValueError, match="at least one"):
        engine.run({name: array[:0] for name, array in good.items()})


def test_bind_converts_and_keeps_order():
    specs = (TensorSpec(name="b", dtype="int32", shape=(None,)), TensorSpec(name="a", dtype="float32", shape=(None, 2)))
    bound = bind(specs, {"a": np.zeros((3, 4))[:, ::2], "b": np.arange(3)})
    assert list(bound) == ["b", "a"]
    assert [array.dtype.name for array in bound.values()] == ["int32", "float32"]
    assert bound["a"].flags.c_contiguous
    assert str(specs[1]) == "a: float32 (None, 2)"


# ------------------------------------------------------------------ files that are not models


def test_missing_empty_and_unknown_files(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"nothing.onnx`, which does not exist"):
        open_engine(tmp_path / "nothing.onnx")
    with pytest.raises(FileNotFoundError, match=r"saved_model.pb`, which does not exist"):
        open_engine(tmp_path)
    (tmp_path / "model.h5").write_bytes(b"x")
    with pytest.raises(
        ArtifactError, match=r"Expected a .onnx file, a .tflite file or a SavedModel. Received: .*model.h5"
    ):
        open_engine(tmp_path / "model.h5")
    for name in FILES:
        (tmp_path / name).touch()
        with pytest.raises(ArtifactError, match=f"{name}`, which is empty"):
            open_engine(tmp_path / name)


@pytest.mark.parametrize("file", FILES)
def test_files_of_another_kind(tmp_path, file):
    (tmp_path / file).write_bytes(b"<html>404: no model here</html>")
    with pytest.raises(ArtifactError, match=str(tmp_path)):
        open_engine(tmp_path / file)


DAMAGED = """
import sys
from keras_gan.artifacts.engines import ArtifactError, open_engine
import pathlib, random
path = pathlib.Path(sys.argv[1])
whole = path.read_bytes()
for part in (1, 3, 7, 8, 9, 20, 100, 1000, len(whole) // 2, len(whole) - 1000, len(whole) - 1):
    path.write_bytes(whole[:part])
    try:
        open_engine(path)
    except ArtifactError as error:
        assert str(path) in str(error), error
    else:
        raise SystemExit(f"{part} bytes were taken for a model")
rng = random.Random(0)
for _ in range(20):
    damaged = bytearray(whole)
    for _ in range(40):
        damaged[rng.randrange(len(damaged))] = rng.randrange(256)
    path.write_bytes(damaged)
    try:
        open_engine(path)
    except ArtifactError:
        pass
print("alive")
"""


@pytest.mark.parametrize("file", ["model.onnx", "model.tflite"])
def test_damaged_files_do_not_crash_the_process(report, tmp_path, file):
    (tmp_path / file).write_bytes((report.path / file).read_bytes())
    done = subprocess.run(
        [sys.executable, "-c", DAMAGED, tmp_path / file], capture_output=True, text=True, timeout=600, check=False
    )
    assert (done.returncode, done.stdout.strip()) == (0, "alive"), done.stderr


@pytest.mark.parametrize(
    "damaged", ["saved_model.pb", "variables/variables.index", "variables/variables.data-00000-of-00001"]
)
def test_damaged_saved_models(report, tmp_path, damaged):
    for file in report.manifest.entry("saved_model").files:
        copy = tmp_path / file.path
        copy.parent.mkdir(exist_ok=True)
        content = (report.path / file.path).read_bytes()
        copy.write_bytes(content[: len(content) // 2] if file.path == damaged else content)
    with pytest.raises(ArtifactError, match=r"Expected a SavedModel. Received: .*, which does not load"):
        open_engine(tmp_path)


def save_module(folder: Path, **shapes: tuple[int | None, ...]) -> Path:
    """A SavedModel with a signature for each input shape."""
    module = tf.Module()
    functions = {
        name: tf.function(lambda z: {"image": z * 2}, input_signature=[tf.TensorSpec(shape, tf.float32, name="z")])
        for name, shape in shapes.items()
    }
    tf.saved_model.save(module, str(folder), signatures={n: f.get_concrete_function() for n, f in functions.items()})
    return folder


def test_a_saved_model_without_the_default_signature_runs_its_first(tmp_path):
    engine = open_engine(save_module(tmp_path / "m", other=(None, 3), third=(None, 4)))
    assert engine.signatures == ("other", "third")
    assert [spec.shape for spec in engine.inputs] == [(None, 3)]


def test_tflite_whose_signatures_are_unlike(tmp_path):
    folder = save_module(tmp_path / "m", a=(1, 3), b=(2, 4))
    file = tmp_path / "model.tflite"
    file.write_bytes(tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=["a", "b"]).convert())
    with pytest.raises(
        ArtifactError,
        match=r"differ in their batch alone, or in the size of their images. Received: .*model.tflite`, with \{'a'",
    ):
        open_engine(file)


def save_images(file: Path, **shapes: tuple[int | None, ...]) -> Path:
    """A TFLite file that doubles images, with a signature for each shape."""
    folder = file.parent / "images"
    functions = {
        name: tf.function(
            lambda source: {"image": source * 2},
            input_signature=[tf.TensorSpec(shape, tf.float32, name="source")],
        )
        for name, shape in shapes.items()
    }
    signatures = {name: function.get_concrete_function() for name, function in functions.items()}
    tf.saved_model.save(tf.Module(), str(folder), signatures=signatures)
    file.write_bytes(tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=list(shapes)).convert())
    return file


def test_tflite_of_several_image_sizes(tmp_path):
    engine = open_engine(save_images(tmp_path / "m.tflite", a=(1, 4, 6, 3), b=(1, 8, 6, 3), c=(4, 8, 6, 3)))
    assert engine.image_sizes == ((4, 6), (8, 6))
    assert [(s.name, s.shape) for s in engine.inputs] == [("source", (None, None, 6, 3))]
    assert [(s.name, s.shape) for s in engine.outputs] == [("image", (None, None, 6, 3))]
    for n in (1, 3, 4, 6):
        for height in (4, 8):
            images = np.random.default_rng(n).uniform(size=(n, height, 6, 3)).astype(np.float32)
            np.testing.assert_allclose(engine.run({"source": images})["image"], 2 * images, rtol=1e-6)
    with pytest.raises(ValueError, match=r"this TFLite file has: 4x6, 8x6. Received: shape \[\(2, 5, 6, 3\)\]"):
        engine.run({"source": np.zeros((2, 5, 6, 3))})
    with pytest.raises(ValueError, match=r"Expected source: float32 \(None, None, 6, 3\). Received: shape"):
        engine.run({"source": np.zeros((2, 4, 8, 3))})


def test_tflite_that_can_be_resized(tmp_path):
    engine = open_engine(save_images(tmp_path / "m.tflite", a=(1, 4, 6, 3), b=(1, None, None, 3)))
    assert engine.image_sizes is None
    assert engine.signature("generate") is None
    assert engine.inputs[0].shape == (None, None, None, 3)
    for size in ((4, 6), (5, 7), (4, 6), (16, 2)):
        images = np.random.default_rng(0).uniform(size=(2, *size, 3)).astype(np.float32)
        np.testing.assert_allclose(engine.run({"source": images})["image"], 2 * images, rtol=1e-6)


def test_tflite_whose_channels_differ(tmp_path):
    with pytest.raises(ArtifactError, match="or in the size of their images"):
        open_engine(save_images(tmp_path / "m.tflite", a=(1, 4, 6, 3), b=(1, 4, 6, 1)))


def test_engines_of_generators_have_no_image_sizes(report):
    for file in FILES:
        engine = open_engine(report.path / file)
        assert engine.image_sizes is None
        assert engine.signature("uint8") is None


def test_signatures_of_a_saved_model_share_it(tmp_path):
    engine = open_engine(save_module(tmp_path / "m", serving_default=(None, 3), other=(None, 4)))
    other = engine.signature("other")
    assert [s.shape for s in engine.inputs] == [(None, 3)]
    assert [s.shape for s in other.inputs] == [(None, 4)]
    np.testing.assert_array_equal(other.run({"z": np.ones((2, 4))})["image"], np.full((2, 4), 2.0))
    assert engine.signature("third") is None


def test_tflite_without_a_signature(tmp_path):
    from ai_edge_litert.tools import flatbuffer_utils

    folder = save_module(tmp_path / "m", a=(1, 3))
    file = tmp_path / "model.tflite"
    file.write_bytes(tf.lite.TFLiteConverter.from_saved_model(str(folder), signature_keys=["a"]).convert())
    model = flatbuffer_utils.read_model(str(file))
    model.signatureDefs = None
    flatbuffer_utils.write_model(model, str(file))
    engine = open_engine(file)
    (name,), (output,) = ([spec.name for spec in specs] for specs in (engine.inputs, engine.outputs))
    z = np.arange(6, dtype=np.float32).reshape(2, 3)
    np.testing.assert_array_equal(engine.run({name: z})[output], 2 * z)


@pytest.mark.parametrize(
    ("file", "runtime", "extra"),
    [
        ("model.onnx", "onnxruntime", "serving"),
        ("model.tflite", "ai_edge_litert", "serving"),
        ("saved_model.pb", "tensorflow", "tensorflow"),
    ],
)
def test_missing_runtime_is_named(report, monkeypatch, file, runtime, extra):
    assert is_available(report.path / file)
    monkeypatch.setitem(sys.modules, runtime, None)
    assert not is_available(report.path / file)
    with pytest.raises(ImportError, match=rf"needs {runtime}: pip install .*\[{extra}\]'"):
        open_engine(report.path / file)
