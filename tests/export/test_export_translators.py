from __future__ import annotations

import json
import subprocess
import sys

import export_models as models
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from PIL import Image
from typer.testing import CliRunner

import keras_gan
from keras_gan.artifacts.engines import ArtifactError, open_engine
from keras_gan.artifacts.pixels import as_float
from keras_gan.cli.app import app
from keras_gan.export import Artifact, ExportError, ExportReport, Manifest, Translator, export_generator, load
from keras_gan.export.sources.example_images import fit
from keras_gan.export.sources.translator import TranslatorSource
from keras_gan.images import to_uint8

FORMATS = ("saved_model", "tflite", "onnx")
BYTES = ("saved_model.pb", "model_uint8.tflite", "model_uint8.onnx")
TOLERANCE = 2e-5
SIZES = ((32, 32), (24, 40))


@pytest.fixture(scope="module")
def resnets() -> models.Translating:
    return models.resnets()


@pytest.fixture(scope="module")
def report(exported_resnets) -> ExportReport:
    return ExportReport(exported_resnets, Manifest.load(exported_resnets))


@pytest.fixture(scope="module")
def unet() -> models.Translating:
    return models.unet()


@pytest.fixture(scope="module")
def unet_report(unet, tmp_path_factory) -> ExportReport:
    return export_generator(unet, tmp_path_factory.mktemp("exported"), ["tflite", "onnx"], image_sizes=[(32, 32)])


@pytest.fixture(scope="module", params=FORMATS)
def translator(report, request) -> Translator:
    loaded = load(report.path, format=request.param)
    assert isinstance(loaded, Translator)
    return loaded


# ------------------------------------------------------------------ what is written


def test_layout(report):
    assert report.path.parts[-2:] == ("horses-g", "4")
    names = {p.name for p in report.path.iterdir()} - {"assets", "fingerprint.pb"}
    files = {"model.onnx", "model_uint8.onnx", "model.tflite", "model_uint8.tflite", "saved_model.pb", "variables"}
    about = {"manifest.json", "model_card.md", "parity.npz", "parity.png", "parity_worst.png", "preview.png"}
    assert names == files | about | {"assets.extra"}


def test_the_manifest_is_complete(report, resnets):
    manifest = Manifest.load(report.path)
    assert manifest == report.manifest
    assert (manifest.kind, manifest.name, manifest.latent_dim) == ("translator", "horses-g", None)
    assert (manifest.image_shape, manifest.image_range) == ((None, None, 3), (-1.0, 1.0))
    assert manifest.training == resnets.training_record()
    raw = json.loads((report.path / "manifest.json").read_text())
    assert raw["translation"] == {
        "generator": "g",
        "size_multiple": 4,
        "image_sizes": [[32, 32], [24, 40]],
        "examples": "given",
    }
    assert raw["inputs"] == [{"name": "source", "dtype": "float32", "shape": [None, None, None, 3]}]
    assert raw["outputs"] == [{"name": "image", "dtype": "float32", "shape": [None, None, None, 3]}]
    entries = [(a["format"], a["dtype"], a["filename"]) for a in raw["artifacts"]]
    assert entries == [
        ("saved_model", "float32", "saved_model.pb"),
        ("saved_model", "uint8", "saved_model.pb"),
        ("tflite", "float32", "model.tflite"),
        ("tflite", "uint8", "model_uint8.tflite"),
        ("onnx", "float32", "model.onnx"),
        ("onnx", "uint8", "model_uint8.onnx"),
    ]
    assert manifest.entry("onnx", "uint8").filename == "model_uint8.onnx"


def test_every_file_is_listed_with_the_variant_that_it_is_of(report):
    files = {(a.format, a.dtype): {f.path for f in a.files} for a in report.manifest.artifacts}
    assert files["saved_model", "float32"] == files["saved_model", "uint8"]
    assert files["onnx", "uint8"] == {"model_uint8.onnx"}
    assert files["tflite", "float32"] == {"model.tflite"}
    there = {p.relative_to(report.path).as_posix() for p in report.path.rglob("*") if p.is_file()}
    assert set().union(*files.values()) == there - {"manifest.json", *(file.path for file in report.manifest.files)}
    report.manifest.check(report.path)


def test_each_variant_is_compared_at_each_size_and_another_that_is_not_square(report):
    cases = [(1, (32, 32)), (2, (32, 32)), (1, (24, 40)), (1, (32, 36))]
    for artifact in report.manifest.artifacts:
        assert [(row.batch, row.image_size) for row in artifact.parity] == cases
    assert all(row.passed for row in report.rows)
    assert max(row.max_abs_error for row in report.rows if row.dtype == "float32") < TOLERANCE
    assert max(row.max_abs_error for row in report.rows if row.dtype == "uint8") <= 1


def test_report_reads_well(report):
    text = str(report)
    for words in ("32x32", "24x40", "32x36", "onnx uint8", "saved_model uint8", "of 255", "pass"):
        assert words in text


def test_picture_shows_the_source_too(report, resnets):
    with Image.open(report.path / "parity.png") as picture:
        # Two images of 32 pixels, twice as large, in eight rows: source, Keras and six artifacts.
        assert picture.size == (2 * 66 + 2, 8 * (68 + 16))
        rows = np.asarray(picture.convert("RGB")).reshape(8, 84, 134, 3)[:, 18:82:2, 2:66:2].astype(int)
    expected = fit(models.pictures(3, 50, 30), 1, (32, 32), 3)
    np.testing.assert_array_equal(rows[0], expected[0])
    assert np.abs(rows[1:] - resnets.translate(expected)[0]).max() <= 1


def test_weights_are_stored_once_in_each_file(report, resnets):
    weights = sum(w.size * 4 for w in resnets.translators["g"].get_weights())
    for artifact in report.manifest.artifacts:
        files = [f for f in artifact.files if "variables.data" in f.path or f.path.startswith("model")]
        assert weights * 0.9 < sum(f.size for f in files) < weights + 120_000
    sizes = [a.size for a in report.manifest.artifacts if a.format == "onnx"]
    assert abs(sizes[0] - sizes[1]) < 10_000


# ------------------------------------------------------------------ read by what nobody here wrote


@pytest.mark.parametrize(("file", "type"), [("model.onnx", "tensor(float)"), ("model_uint8.onnx", "tensor(uint8)")])
def test_onnx_read_by_onnxruntime_itself(report, resnets, file, type):
    import onnx
    import onnxruntime

    model = onnx.load(report.path / file)
    onnx.checker.check_model(model, full_check=True)
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
    assert {node.domain for node in model.graph.node} == {""}
    session = onnxruntime.InferenceSession(report.path / file)
    dimensions = ["batch", "height", "width", 3]
    assert [(t.name, t.type, t.shape) for t in session.get_inputs()] == [("source", type, dimensions)]
    assert [(t.name, t.type, t.shape) for t in session.get_outputs()] == [("image", type, dimensions)]
    pictures = models.pictures(3, 20, 48)
    source = pictures if type == "tensor(uint8)" else as_float(pictures, (-1, 1))
    (translated,) = session.run(["image"], {"source": source})
    assert np.abs(translated.astype(float) - resnets.translate(source)).max() <= (
        1 if translated.dtype == np.uint8 else TOLERANCE
    )


@pytest.mark.parametrize("file", ["model.tflite", "model_uint8.tflite"])
def test_tflite_read_by_litert_itself(report, resnets, file):
    from ai_edge_litert.interpreter import Interpreter

    interpreter = Interpreter(str(report.path / file))
    assert set(interpreter.get_signature_list()) == {
        "serving_default_32x32",
        "serving_default_24x40",
        "serving_default_any",
    }
    for name, size in (("32x32", (32, 32)), ("24x40", (24, 40)), ("any", (24, 40)), ("any", (16, 64))):
        pictures = models.pictures(1, *size)
        source = pictures if "uint8" in file else as_float(pictures, (-1, 1))
        translated = interpreter.get_signature_runner(f"serving_default_{name}")(source=source)["image"]
        assert translated.dtype == source.dtype
        assert np.abs(translated.astype(float) - resnets.translate(source)).max() <= (
            1 if "uint8" in file else TOLERANCE
        )


@pytest.mark.parametrize("file", ["model.tflite", "model_uint8.tflite"])
def test_tflite_has_built_in_operations_alone(report, file):
    from ai_edge_litert.tools import flatbuffer_utils

    model = flatbuffer_utils.read_model(str(report.path / file))
    assert model.operatorCodes
    assert all(code.customCode is None for code in model.operatorCodes)


# ------------------------------------------------------------------ loading


def test_each_format_translates_what_keras_translates(translator, resnets):
    assert (translator.channels, translator.image_channels, translator.size_multiple) == (3, 3, 4)
    assert (translator.image_sizes, translator.image_range) == (None, (-1.0, 1.0))
    assert "image_sizes=any, size_multiple=4" in repr(translator)
    for n, *size in ((1, 32, 32), (3, 24, 40), (2, 20, 64)):
        pictures = models.pictures(n, *size)
        floats = as_float(pictures, (-1, 1))
        translated = translator(floats)
        assert (translated.dtype, translated.shape) == (np.float32, (n, *size, 3))
        np.testing.assert_allclose(translated, resnets.translate(floats), atol=TOLERANCE)
        translated = translator.translate(pictures, batch_size=2)
        assert (translated.dtype, translated.shape) == (np.uint8, (n, *size, 3))
        assert np.abs(translated.astype(int) - resnets.translate(pictures)).max() <= 1
    np.testing.assert_allclose(translator(floats.astype(np.float64)), translated / 127.5 - 1, atol=2 / 127.5)


def test_no_images_give_no_images(translator):
    for dtype in (np.uint8, np.float32):
        empty = translator.translate(np.zeros((0, 32, 36, 3), dtype))
        assert (empty.dtype, empty.shape) == (dtype, (0, 32, 36, 3))


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.integers(1, 3), st.integers(2, 9), st.integers(2, 9))
@example(0, 1, 8, 8)
def test_uint8_is_within_a_level_of_float(report, resnets, seed, n, rows, columns):
    """Holds for all images of all supported sizes in each format."""
    pictures = np.random.default_rng(seed).integers(0, 256, (n, 4 * rows, 4 * columns, 3)).astype(np.uint8)
    expected = resnets.translate(as_float(pictures, (-1, 1)))
    for file in BYTES:
        translator = cached(report.path / file)
        translated = translator(pictures)
        assert translated.dtype == np.uint8
        levels = (expected.astype(np.float64) + 1) * 127.5
        assert np.abs(translated - levels).max() <= 0.5 + TOLERANCE * 127.5


def cached(file):
    if file not in _OPEN:
        _OPEN[file] = load(file)
    return _OPEN[file]


_OPEN: dict = {}


@pytest.mark.parametrize("file", ["model_uint8.onnx", "model_uint8.tflite"])
def test_a_uint8_file_takes_uint8_alone(report, resnets, file):
    translator = load(report.path / file)
    assert isinstance(translator, Translator)
    assert translator.manifest == report.manifest
    pictures = models.pictures(2, 32, 32)
    assert np.abs(translator(pictures).astype(int) - resnets.translate(pictures)).max() <= 1
    with pytest.raises(ValueError, match=rf"{file}` takes uint8 images only. Received: dtype float32"):
        translator(as_float(pictures, (-1, 1)))


def test_other_direction_other_channels(resnets, tmp_path):
    report = export_generator(resnets, tmp_path, ["onnx"], generator="f", image_sizes=[(32, 32)], name="zebras")
    assert (report.path.parts[-2], report.manifest.translation.generator) == ("zebras", "f")
    assert report.manifest.translation.examples == "synthetic"
    pictures = models.pictures(2, 28, 32)
    translator = load(report.path)
    assert (translator.channels, translator.image_channels) == (3, 1)
    translated = translator(pictures)
    assert translated.shape == (2, 28, 32, 1)
    assert np.abs(translated.astype(int) - resnets.translate(pictures, "f")).max() <= 1


@pytest.mark.parametrize("format", ["tflite", "onnx"])
def test_unet(unet_report, unet, format):
    assert unet_report.path.parts[-2:] == ("facades", "1")
    translator = load(unet_report.path.parent, format=format)
    assert translator.size_multiple == 8
    pictures = models.pictures(2, 40, 16)
    assert np.abs(translator(pictures).astype(int) - unet.translate(pictures)).max() <= 1
    with pytest.raises(ValueError, match=r"divisible by 8, and not 0. Received: 36 x 40"):
        translator(models.pictures(1, 36, 40))


@pytest.mark.parametrize("file", ["model.onnx", "model.tflite", "model_uint8.onnx", "model_uint8.tflite"])
def test_load_takes_a_file_without_a_manifest(unet_report, unet, tmp_path, file):
    lone = tmp_path / file
    lone.write_bytes((unet_report.path / file).read_bytes())
    translator = load(lone)
    assert isinstance(translator, Translator)
    assert (translator.manifest, translator.size_multiple, translator.image_range) == (None, 1, (-1.0, 1.0))
    pictures = models.pictures(2, 24, 32)
    assert np.abs(translator(pictures).astype(int) - unet.translate(pictures)).max() <= 1
    with pytest.raises(ValueError, match=r"of 33 x 32.*Height and width must be divisible by `size_multiple`"):
        translator(models.pictures(1, 33, 32))


def test_a_size_that_the_network_does_not_keep_is_noticed_without_a_manifest(report, tmp_path):
    lone = tmp_path / "lone.onnx"
    lone.write_bytes((report.path / "model.onnx").read_bytes())
    with pytest.raises(ValueError, match=r"returns 32 x 32 for images of 30 x 32. Height and width must be divisible"):
        load(lone)(models.pictures(1, 30, 32))


BAD_INPUTS = {
    "height": (models.pictures(1, 30, 32), "divisible by 4, and not 0. Received: 30 x 32"),
    "width": (models.pictures(1, 32, 41), "Received: 32 x 41"),
    "nothing": (np.zeros((1, 0, 4, 3), np.uint8), "and not 0. Received: 0 x 4"),
    "channels": (models.pictures(1, 32, 32, 1), r"shape \(n, height, width, 3\). Received: shape \(1, 32, 32, 1\)"),
    "one image": (models.pictures(1, 32, 32)[0], r"Received: shape \(32, 32, 3\)"),
    "ragged": ([[1.0], [1.0, 2.0]], "must be an array"),
    "integers": (models.pictures(1, 32, 32).astype(int), "uint8, or floats from -1 to 1. Received: dtype int64"),
    "text": (np.full((1, 4, 4, 3), "a"), "dtype <U1"),
    "nan": (np.full((1, 4, 4, 3), np.nan), "must be finite"),
    "infinite": (np.full((1, 4, 4, 3), -np.inf), "must be finite"),
    "0 to 255": (models.pictures(1, 32, 32).astype(np.float32), "Pass images from 0 to 255 as uint8"),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_bad_images_are_refused(report, case):
    images, message = BAD_INPUTS[case]
    translator = cached(report.path / "model.onnx")
    for call in (translator, translator.translate):
        with pytest.raises(ValueError, match=message):
            call(images)


def test_bad_batch_size_is_refused(report):
    with pytest.raises(ValueError, match=r"`batch_size` must be at least 1. Received: batch_size=0"):
        cached(report.path / "model.onnx").translate(models.pictures(1, 32, 32), batch_size=0)


@pytest.mark.parametrize("file", ["model.onnx", "model_uint8.tflite"])
def test_a_damaged_file_is_refused(report, tmp_path, file):
    for name in (file, "manifest.json"):
        (tmp_path / name).write_bytes((report.path / name).read_bytes())
    content = bytearray((tmp_path / file).read_bytes())
    content[len(content) // 2] ^= 1
    (tmp_path / file).write_bytes(content)
    with pytest.raises(ArtifactError, match=rf"{file}` has changed since its export"):
        load(tmp_path / file)
    (tmp_path / file).write_bytes(content[:1000])
    with pytest.raises(ArtifactError, match=rf"{file}` has 1000 bytes instead of"):
        load(tmp_path / file)
    (tmp_path / "manifest.json").unlink()
    with pytest.raises(ArtifactError, match=rf"{file}`, which does not load"):
        load(tmp_path / file)


def test_one_variant_may_be_shipped_without_the_other(report, tmp_path):
    for name in ("model.onnx", "manifest.json"):
        (tmp_path / name).write_bytes((report.path / name).read_bytes())
    assert load(tmp_path)(models.pictures(1, 32, 32)).dtype == np.uint8
    with pytest.raises(ArtifactError, match=r"model_uint8.onnx` is missing"):
        Manifest.load(tmp_path).check(tmp_path, "onnx")


def test_a_generator_is_no_translator_and_the_other_way_round(report, tmp_path):
    gan = export_generator(models.mlp(), tmp_path, formats=["onnx"], batch_sizes=[1])
    assert isinstance(load(gan.path), Artifact)
    engine, other = open_engine(gan.path / "model.onnx"), open_engine(report.path / "model.onnx")
    with pytest.raises(ArtifactError, match=r"from images to images, with the input source.*z: float32"):
        Translator(engine, gan.path)
    with pytest.raises(ArtifactError, match=r"Expected a generator, with the input z.*source: float32"):
        Artifact(other, report.path)


NO_TENSORFLOW = """
import sys
for name in ("tensorflow", "keras", "onnx", "tf2onnx"):
    sys.modules[name] = None
import numpy as np, keras_gan.export
for format in ("onnx", "tflite"):
    translator = keras_gan.export.load(sys.argv[1], format=format)
    assert translator(np.zeros((2, 32, 36, 3), np.uint8)).shape == (2, 32, 36, 3)
"""


def test_translators_run_without_tensorflow(report):
    subprocess.run([sys.executable, "-c", NO_TENSORFLOW, report.path], check=True, timeout=600)


# ------------------------------------------------------------------ other networks


def test_tflite_keeps_to_its_sizes_where_it_cannot_express_the_network_at_any(tmp_path):
    model = models.convolutional(models.layers.UpSampling2D())
    report = export_generator(model, tmp_path, formats=["tflite"], image_sizes=[(32, 32), (16, 24)])
    assert [(r.batch, r.image_size) for r in report.rows] == 2 * [(1, (32, 32)), (2, (32, 32)), (1, (16, 24))]
    translator = load(report.path)
    assert translator.image_sizes == ((16, 24), (32, 32))
    assert "image_sizes=16 x 24, 32 x 32" in repr(translator)
    for size in ((32, 32), (16, 24)):
        pictures = models.pictures(3, *size)
        assert np.abs(translator(pictures).astype(int) - model.translate(pictures)).max() <= 1
    with pytest.raises(ValueError, match=r"model.tflite` takes images .* of 16 x 24, 32 x 32 only. Received: 16 x 32"):
        translator(models.pictures(1, 16, 32))
    with pytest.raises(ValueError, match=r"a size that this TFLite file has: 16x24, 32x32. Received: .*\(1, 16, 32, 3"):
        translator.engine.run({"source": np.zeros((1, 16, 32, 3), np.float32)})


def test_network_of_one_size(tmp_path):
    model = models.convolutional(models.layers.UpSampling2D(interpolation="bilinear"), (16, 24), size_multiple=0)
    report = export_generator(model, tmp_path)
    assert report.manifest.translation.image_sizes == ((16, 24),)
    assert [s.shape for s in report.manifest.inputs] == [(None, 16, 24, 3)]
    assert {r.image_size for r in report.rows} == {(16, 24)}
    pictures = models.pictures(2, 16, 24)
    for format in FORMATS:
        translator = load(report.path, format=format)
        assert translator.image_sizes == ((16, 24),)
        assert np.abs(translator(pictures).astype(int) - model.translate(pictures)).max() <= 1
        with pytest.raises(ValueError, match=r"of 16 x 24 only. Received: 16 x 32"):
            translator(models.pictures(1, 16, 32))
    with pytest.raises(ValueError, match=r"the network's own, \(16, 24\). Received: 32x32"):
        export_generator(model, tmp_path, image_sizes=[(32, 32)])


def test_layer_that_must_know_the_size_is_explained(tmp_path):
    model = models.convolutional(models.layers.UpSampling2D(interpolation="bilinear"))
    with pytest.raises(ExportError) as caught:
        export_generator(model, tmp_path, formats=["onnx"], image_sizes=[(32, 32)])
    (problem,) = caught.value.problems
    assert "a layer must know the size of its images" in problem
    assert "UpSampling2D" in problem


def test_generator_that_learns_what_to_change(tmp_path):
    generator = keras_gan.networks.cyclegan.generator((32, 32, 3), blocks=1, filters=4, residual=True)
    model = models.Translating({"g": models.lively(generator)})
    report = export_generator(model, tmp_path, ["tflite"], image_sizes=[(32, 32)])
    pictures = models.pictures(2, 36, 28)
    translated = load(report.path)(pictures)
    assert np.abs(translated.astype(int) - model.translate(pictures)).max() <= 1
    assert np.abs(translated.astype(int) - pictures).mean() > 5


def test_half_precision_is_exported_in_float32(tmp_path):
    import keras

    policy = keras.config.dtype_policy()
    keras.config.set_dtype_policy("mixed_float16")
    try:
        model = models.convolutional(models.doubling)
    finally:
        keras.config.set_dtype_policy(policy)
    pictures = models.pictures(1, 16, 16)
    before = model.translate(pictures)
    report = export_generator(model, tmp_path, formats=["onnx"], image_sizes=[(16, 16)])
    assert np.abs(load(report.path)(pictures).astype(int) - before).max() <= 3
    np.testing.assert_array_equal(model.translate(pictures), before)


def test_other_value_ranges(tmp_path):
    model = models.convolutional(models.doubling, image_range=(0.0, 1.0))
    report = export_generator(model, tmp_path, formats=["onnx"], image_sizes=[(16, 16)])
    translator = load(report.path)
    assert translator.image_range == (0.0, 1.0)
    pictures = models.pictures(2, 16, 24)
    assert np.abs(translator(pictures).astype(int) - model.translate(pictures)).max() <= 1
    assert np.abs(load(report.path / "model_uint8.onnx")(pictures).astype(int) - model.translate(pictures)).max() <= 1


def cyclegan() -> keras_gan.CycleGAN:
    discriminator = keras_gan.networks.cyclegan.discriminator
    return keras_gan.CycleGAN(
        *(models.resnets().translators["g"] for _ in range(2)),
        *(discriminator((32, 32, 3), filters=4) for _ in range(2)),
    )


def pix2pix() -> keras_gan.Pix2Pix:
    discriminator = keras_gan.networks.pix2pix.discriminator
    return keras_gan.Pix2Pix(models.unet().translators["g"], discriminator((32, 32, 3), filters=4))


@pytest.mark.parametrize(
    ("make", "generator", "name", "multiple"),
    [(cyclegan, "f", "cyclegan-f", 4), (pix2pix, "g", "pix2pix", 8)],
)
def test_the_librarys_own_models(tmp_path, make, generator, name, multiple):
    model, pictures = make(), models.pictures(2, 32, 48)
    report = export_generator(model, tmp_path, formats=["onnx"], generator=generator, image_sizes=[(32, 32)])
    assert report.path == tmp_path / name / "1"
    assert report.manifest.translation.size_multiple == multiple
    assert report.manifest.training["model"] == type(model).__name__
    expected = model.translate(pictures, generator).astype(int)
    assert np.abs(load(report.path)(pictures).astype(int) - expected).max() <= 1


def test_a_network_that_fails_is_explained(tmp_path):
    model = models.unet()
    model.size_multiple = 4
    with pytest.raises(
        ExportError, match=r"keras: the generator fails on source \(1, 32, 36, 3\): .*Concatenate"
    ) as error:
        export_generator(model, tmp_path / "new", image_sizes=[(32, 32)])
    assert "\x1b" not in str(error.value)
    assert list(tmp_path.iterdir()) == []


# ------------------------------------------------------------------ arguments

GAN_ARGUMENTS = {
    "generator": {"generator": "g"},
    "sizes": {"image_sizes": [(32, 32)]},
    "examples": {"examples": models.pictures(1, 32, 32)},
}


@pytest.mark.parametrize("case", GAN_ARGUMENTS)
def test_a_gan_is_not_given_what_translators_are(tmp_path, case):
    (name,) = GAN_ARGUMENTS[case]
    with pytest.raises(
        ValueError, match=rf"`{name}` must be None, except for a model that translates images.*Received: a GAN"
    ):
        export_generator(models.mlp(), tmp_path / "new", **GAN_ARGUMENTS[case])
    assert list(tmp_path.iterdir()) == []


ARGUMENTS = {
    "generator": ({"generator": "h"}, r"`generator` must be one of \['g', 'f'\]. Received: generator='h'"),
    "not divisible": ({"image_sizes": [(32, 32), (30, 32)]}, "each divisible by 4. Received: 30x32"),
    "no size": ({"image_sizes": []}, "Received: none"),
    "number": ({"image_sizes": [32]}, r"pairs \(height, width\) of positive integers. Received: 32 in image_sizes"),
    "text": ({"image_sizes": ["32"]}, "Received: '32' in image_sizes"),
    "zero": ({"image_sizes": [(0, 32)]}, r"Received: \(0, 32\)"),
    "fraction": ({"image_sizes": [(32.0, 32)]}, r"Received: \(32.0, 32\)"),
    "grey examples": (
        {"examples": models.pictures(1, 32, 32, 1)},
        r"`examples` must fit .*\(n, height, width, 3\)",
    ),
    "no example": ({"examples": models.pictures(0, 32, 32)}, "`examples` must hold at least one image"),
    "examples of 0 to 255": (
        {"examples": models.pictures(1, 32, 32) * 1.0},
        "`examples` must fit .*as uint8",
    ),
    "batch": ({"batch_sizes": (0,)}, "`batch_sizes` must be positive integers"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_bad_arguments_are_refused_before_any_work(resnets, tmp_path, case):
    arguments, message = ARGUMENTS[case]
    with pytest.raises(ValueError, match=message):
        export_generator(resnets, tmp_path / "new", **arguments)
    assert list(tmp_path.iterdir()) == []


def test_default_sizes_and_batches(resnets):
    assert TranslatorSource.of(resnets).image_sizes == ((256, 256),)
    trained = models.resnets()
    trained.image_shape = (24, 40, 3)
    assert TranslatorSource.of(trained).image_sizes == ((24, 40),)
    twice = TranslatorSource.of(resnets, image_sizes=[(32, 32), [32, 32], (24, 40)])
    assert twice.image_sizes == SIZES
    assert [s["source"].shape for s, _ in twice.comparison_inputs()] == [
        (1, 32, 32, 3),
        (2, 32, 32, 3),
        (1, 24, 40, 3),
        (1, 32, 36, 3),
    ]


def test_images_that_depend_on_their_batch_are_noticed(tmp_path):
    model = models.convolutional(lambda x: models.doubling(models.BatchMoments()(x)))
    with pytest.raises(ExportError, match="batch's statistics"):
        export_generator(model, tmp_path, formats=["onnx"], image_sizes=[(16, 16)])


def test_images_of_another_size_are_noticed(tmp_path):
    model = models.convolutional(lambda x: x)
    with pytest.raises(ExportError, match=r"expected images of \(16, 16, 3\). Received: \(8, 8, 3\)"):
        export_generator(model, tmp_path, formats=["onnx"], image_sizes=[(16, 16)])


@pytest.mark.usefixtures("shifted_reference")
def test_what_differs_is_listed_for_each_variant_and_size(resnets, tmp_path):
    with pytest.raises(ExportError) as caught:
        export_generator(resnets, tmp_path / "new", formats=["onnx"], image_sizes=SIZES, batch_sizes=[1])
    assert {p.split(": a pixel")[0] for p in caught.value.problems} == {
        f"onnx: batch {case}" for case in ("1 of 32x32", "1 of 24x40", "1 of 32x36")
    }
    assert list(tmp_path.iterdir()) == []


def test_a_uint8_variant_that_is_wrong_is_noticed(tmp_path, monkeypatch):
    real = TranslatorSource.graph_of_uint8

    def darker(self, source):
        import tensorflow as tf

        return {"image": tf.cast(tf.cast(real(self, source)["image"], tf.float32) * 0.9, tf.uint8)}

    monkeypatch.setattr(TranslatorSource, "graph_of_uint8", darker)
    model = models.convolutional(models.doubling)
    with pytest.raises(ExportError) as caught:
        export_generator(model, tmp_path, image_sizes=[(16, 16)], formats=["onnx", "saved_model"])
    assert {p.split(":")[0] for p in caught.value.problems} == {"saved_model uint8", "onnx uint8"}
    assert all("more than the tolerance 1" in p for p in caught.value.problems)


# ------------------------------------------------------------------ examples


@pytest.mark.parametrize("size", [(8, 8), (5, 12), (40, 3)])
def test_examples_are_cut_and_reflected(size):
    examples = models.pictures(2, 9, 10)
    made = fit(examples, 5, size, 3)
    assert (made.dtype, made.shape) == (np.uint8, (5, *size, 3))
    assert set(np.unique(made)) <= set(np.unique(examples))
    np.testing.assert_array_equal(made[:2], fit(examples, 2, size, 3))
    np.testing.assert_array_equal(made[4], made[0])
    if size[1] <= 10 and size[0] <= 9:
        np.testing.assert_array_equal(made[0], examples[0, :8, 1:9])
        assert not np.array_equal(made[2], made[0])


def test_synthetic_examples_are_always_the_same_and_have_contrast():
    made = fit(None, 3, (32, 48), 3)
    np.testing.assert_array_equal(made[:2], fit(None, 2, (32, 48), 3))
    assert (made.dtype, made.shape) == (np.uint8, (3, 32, 48, 3))
    assert all(image.min() == 0 and image.max() == 255 and image.std() > 20 for image in made)
    assert not np.array_equal(made[0], made[1])
    steps = np.abs(np.diff(made.astype(int), axis=2))
    assert np.median(steps) < 10  # smooth
    assert steps.max() > 30  # but for the edges


@given(st.integers(0, 255), st.sampled_from([(-1.0, 1.0), (0.0, 1.0)]))
def test_floats_of_bytes_are_those_bytes(level, image_range):
    image = np.full((1, 1, 1, 1), level, np.uint8)
    assert to_uint8(as_float(image, image_range), image_range).item() == level


# ------------------------------------------------------------------ command line


def run(*arguments):
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def cyclegan_file(tmp_path):
    discriminator = keras_gan.networks.cyclegan.discriminator
    model = keras_gan.CycleGAN(
        *(models.convolutional(models.doubling).translators["g"] for _ in range(2)),
        *(discriminator((32, 32, 3), filters=4) for _ in range(2)),
    )
    model.compile()
    model.save(tmp_path / "model.keras")
    return tmp_path / "model.keras"


def test_cli_exports_both_directions(cyclegan_file, tmp_path):
    sizes = ("--image-size", "32", "--image-size", "24x40")
    result = run("export", cyclegan_file, "--format", "onnx", "--output", tmp_path / "out", *sizes)
    assert result.exit_code == 0, result.output
    assert sorted(p.name for p in (tmp_path / "out").iterdir()) == ["cyclegan-f", "cyclegan-g"]
    for direction in "gf":
        manifest = Manifest.load(tmp_path / "out" / f"cyclegan-{direction}" / "1")
        assert manifest.translation.generator == direction
        assert manifest.translation.image_sizes == SIZES
    assert "onnx uint8" in result.output


def test_cli_exports_one_direction_under_a_name(cyclegan_file, tmp_path):
    common = ("export", cyclegan_file, "--format", "onnx", "--output", tmp_path / "out", "--image-size", "32")
    assert run(*common, "--generator", "f", "--name", "back").exit_code == 0
    assert [p.name for p in (tmp_path / "out").iterdir()] == ["back"]


@pytest.mark.parametrize("size", ["big", "32x", "x32", "-4", "32x32x3", "3.5"])
def test_cli_refuses_sizes_that_are_none(tmp_path, size):
    result = run("export", tmp_path, f"--image-size={size}")
    assert result.exit_code == 2
    assert "--image-size" in result.output
