"""All signatures of all formats have one interface and generate the same images."""

from __future__ import annotations

import subprocess
import sys

import export_models as models
import numpy as np
import pytest
from PIL import Image

from keras_gan import latent
from keras_gan.artifacts.engines import ArtifactError
from keras_gan.export import Artifact, ExportReport, Manifest, Translator, load
from keras_gan.images import to_uint8

LEVEL = 2 / 255


@pytest.fixture(scope="module")
def gan() -> models.StandIn:
    return models.conditional()


@pytest.fixture(scope="module")
def report(exported_conditional) -> ExportReport:
    return ExportReport(exported_conditional, Manifest.load(exported_conditional))


@pytest.fixture(scope="module")
def cyclegan() -> models.Translating:
    return models.resnets()


@pytest.fixture(scope="module")
def translator(exported_resnets) -> ExportReport:
    return ExportReport(exported_resnets, Manifest.load(exported_resnets))


def test_every_signature_of_every_format_generates(report, gan):
    expected = gan.generate(9, seed=7)
    seen = []
    for entry in report.manifest.artifacts:
        artifact = load(report.path, entry.format, signature=entry.signature)
        assert isinstance(artifact, Artifact)
        assert (artifact.latent_dim, artifact.num_classes, artifact.image_shape) == (12, 5, (8, 8, 1))
        generated = artifact.generate(9, seed=7, batch_size=4)
        assert (generated.dtype, generated.shape) == (np.float32, expected.shape)
        np.testing.assert_allclose(generated, expected, atol=LEVEL if entry.signature == "png" else 1e-5)
        labelled = artifact.generate(2, labels=[3, 1], seed=2, truncation=0.5)
        np.testing.assert_allclose(
            labelled, gan.generate(2, [3, 1], seed=2, truncation=0.5), atol=LEVEL if entry.signature == "png" else 1e-5
        )
        seen.append((entry.format, entry.signature))
    assert len(set(seen)) == 7


def test_every_signature_of_every_format_translates(translator, cyclegan):
    images = models.pictures(3, 32, 32)
    floats = images.astype(np.float32) / 127.5 - 1
    expected = cyclegan.translate(floats)
    for entry in translator.manifest.artifacts:
        loaded = load(translator.path, entry.format, signature=entry.signature)
        assert isinstance(loaded, Translator)
        difference = loaded(images).astype(int) - to_uint8(expected)
        assert np.abs(difference).max() <= 1
        if loaded.engine.inputs[0].dtype == "uint8":
            with pytest.raises(ValueError, match="takes uint8 images only"):
                loaded(floats)
        else:
            np.testing.assert_allclose(loaded(floats), expected, atol=1e-4)
    assert len(translator.manifest.artifacts) == 6


SAVED_MODELS_ALONE = """
import sys
sys.modules["keras"] = None
sys.modules["tf_keras"] = None
import numpy as np, tensorflow as tf
generator, translator = map(tf.saved_model.load, sys.argv[1:3])
folder = sys.argv[3]
assert sorted(generator.signatures) == ["generate", "png", "serving_default"], list(generator.signatures)
assert sorted(translator.signatures) == ["serving_default", "uint8"], list(translator.signatures)
labels = tf.constant([0, 1, 2])
z = tf.constant(np.load(f"{folder}/z.npy"))
generated = generator.signatures["serving_default"](z=z, labels=labels)
assert list(generated) == ["image"]
rows = {"seed": [4] * 3, "index": [0, 1, 2], "truncation": [1.0] * 3}
files = generator.signatures["png"](labels=labels, **{name: tf.constant(numbers) for name, numbers in rows.items()})
assert list(files) == ["image_bytes"] and files["image_bytes"].dtype == tf.string
for i, png in enumerate(files["image_bytes"].numpy()):
    open(f"{folder}/{i}.png", "wb").write(png)
pictures = np.load(f"{folder}/pictures.npy")
bytes = translator.signatures["uint8"](source=tf.constant(pictures))["image"]
floats = translator.signatures["serving_default"](source=tf.constant(pictures / 127.5 - 1, tf.float32))["image"]
assert (bytes.dtype, floats.dtype) == (tf.uint8, tf.float32)
np.savez(f"{folder}/out.npz", generated=generated["image"], bytes=bytes, floats=floats)
"""


def test_saved_models_are_read_without_keras(report, gan, translator, cyclegan, tmp_path):
    pictures = models.pictures(3, 36, 20)
    np.save(tmp_path / "z.npy", latent.sample(3, models.LATENT, 4))
    np.save(tmp_path / "pictures.npy", pictures)
    arguments = (report.path, translator.path, tmp_path)
    subprocess.run([sys.executable, "-c", SAVED_MODELS_ALONE, *arguments], check=True, timeout=600)
    found, expected = np.load(tmp_path / "out.npz"), gan.generate(3, seed=4)
    np.testing.assert_allclose(found["generated"], expected, atol=1e-5)
    for i in range(3):
        with Image.open(tmp_path / f"{i}.png") as image:
            assert (image.format, image.mode, image.size) == ("PNG", "L", (8, 8))
            assert np.abs(np.asarray(image).astype(int) - to_uint8(expected)[i, :, :, 0]).max() <= 1
    translated = cyclegan.translate(pictures.astype(np.float32) / 127.5 - 1)
    np.testing.assert_allclose(found["floats"], translated, atol=2e-5)
    assert np.abs(found["bytes"].astype(int) - to_uint8(translated)).max() <= 1


def test_a_signature_is_found_in_the_first_format_that_has_it(report):
    assert load(report.path, signature="generate").path.name == "model_generate.onnx"
    assert load(report.path, signature="png").path.name == "saved_model.pb"
    assert load(report.path / "model.tflite", signature="generate").generate(2).shape == (2, 8, 8, 1)
    assert load(report.path / "model_generate.onnx", signature="generate").generate(2).shape == (2, 8, 8, 1)


def test_a_signature_that_is_not_there(report, tmp_path):
    with pytest.raises(ValueError, match=r"one of the signatures \['generate', 'serving_default'\]. Received: .*'png'"):
        load(report.path, "onnx", signature="png")
    for file in ("model.tflite", "model.onnx"):
        with pytest.raises(ValueError, match=rf"a signature that `.*{file}` has. Received: signature='png'"):
            load(report.path / file, signature="png")
    (tmp_path / "lone.tflite").write_bytes((report.path / "model.tflite").read_bytes())
    assert load(tmp_path / "lone.tflite", signature="generate").generate(2, labels=[0, 1]).shape == (2, 8, 8, 1)


def test_png_files_of_another_size_are_refused(report):
    artifact = load(report.path, signature="png")
    artifact.engine._shape = (8, 9, 1)
    with pytest.raises(ArtifactError, match=r"Expected a PNG file of shape \(8, 9, 1\). Received: 8 x 8, L"):
        artifact.generate(1)
