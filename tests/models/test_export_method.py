"""`model.export` calls `export_generator` with the formats that a Keras user names."""

import pytest
from conftest import small_gan

import keras_gan

ORDER = ("saved_model", "tflite", "onnx")


@pytest.fixture
def calls(monkeypatch):
    """The arguments of each call of `export_generator`, which then exports nothing."""
    found = []

    def export_generator(*args, **kwargs):
        found.append((args, kwargs))
        return "report"

    monkeypatch.setattr(keras_gan.export, "export_generator", export_generator)
    return found


def translation_models():
    networks = keras_gan.networks.cyclegan
    generators = [networks.generator((32, 32, 1), filters=2, blocks=1) for _ in range(2)]
    discriminators = [networks.discriminator((32, 32, 1), filters=2) for _ in range(2)]
    pairs = keras_gan.networks.pix2pix.discriminator((32, 32, 1), filters=2)
    return keras_gan.CycleGAN(*generators, *discriminators), keras_gan.Pix2Pix(generators[0], pairs)


@pytest.mark.parametrize(
    ("given", "formats"),
    [
        ({"format": "onnx"}, ("onnx",)),
        ({"format": ("onnx", "tflite_int8")}, ("onnx", "tflite_int8")),
        ({"format": ["tf_saved_model", "litert"]}, ("saved_model", "tflite")),
        ({"formats": ORDER}, ORDER),
    ],
)
def test_formats(calls, given, formats):
    gan = small_gan()
    assert gan.export("somewhere", name="digits", **given) == "report"
    assert calls == [((gan, "somewhere"), {"formats": formats, "name": "digits"})]


def test_the_formats_are_the_exporters_by_default(calls):
    gan = small_gan()
    gan.export("somewhere")
    assert calls == [((gan, "somewhere"), {})]


def test_translation_models_export_too(calls):
    for model in translation_models():
        assert model.export("somewhere", "onnx", generator="g") == "report"
        assert calls.pop() == ((model, "somewhere"), {"formats": ("onnx",), "generator": "g"})


def test_formats_given_twice_are_an_error():
    with pytest.raises(ValueError, match=r"Pass `format` or `formats`\. Received: format='onnx' and \('tflite',\)"):
        small_gan().export("somewhere", format="onnx", formats=("tflite",))


def test_an_unknown_format_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="torch"):
        small_gan().export(tmp_path, format="torch")


@pytest.mark.usefixtures("without_seeds")
def test_an_export_in_one_format(tmp_path):
    report = small_gan().export(tmp_path, format="onnx", name="digits")
    assert {entry.format for entry in report.manifest.artifacts} == {"onnx"}
    assert (tmp_path / "digits" / "1" / "model.onnx").is_file()
