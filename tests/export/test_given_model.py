"""`export_generator` takes models of keras_gan, a Keras generator alone, and paths. Exports name no local path."""

import getpass
import os
import socket
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan.artifacts.manifest import Manifest
from keras_gan.export import export_generator, load
from keras_gan.export.sources.given_model import model_of


def test_a_generator_alone(tmp_path):
    gan = small_gan()
    report = export_generator(gan.generator, tmp_path, formats=["onnx"], batch_sizes=[1])
    assert (report.manifest.name, report.manifest.latent_dim) == (gan.generator.name, 6)
    z = np.random.default_rng(0).normal(size=(2, 6)).astype(np.float32)
    np.testing.assert_allclose(load(report.path)(z), gan.generate_from_latent(z), atol=1e-5)


@pytest.mark.parametrize("network", ["mlp", "dcgan", "r3gan"])
def test_a_generator_with_classes(network):
    built = keras_gan.networks.get(network).generator((32, 32, 3), 5, num_classes=7)
    found = model_of(built)
    assert (found.latent_dim, found.num_classes, found.image_shape) == (5, 7, (32, 32, 3))
    assert found.image_range == (-1.0, 1.0)


def test_an_embedding_and_a_sigmoid():
    z, labels = keras.Input((4,)), keras.Input((), dtype="int32")
    x = keras.layers.Concatenate()([z, keras.layers.Embedding(3, 4)(labels)])
    images = keras.layers.Reshape((2, 2, 1))(keras.layers.Dense(4, activation="sigmoid")(x))
    found = model_of(keras.Model([z, labels], images))
    assert (found.num_classes, found.image_range) == (3, (0.0, 1.0))


def test_a_path(tmp_path):
    gan = small_gan()
    gan.save(tmp_path / "run" / "gan.keras")
    for path in (tmp_path / "run", str(tmp_path / "run" / "gan.keras")):
        np.testing.assert_array_equal(model_of(path).generate(2), gan.generate(2))
    with pytest.raises(FileNotFoundError, match="nowhere"):
        model_of(tmp_path / "nowhere")
    (tmp_path / "x.keras").write_text("no archive")
    with pytest.raises(ValueError, match=r"is not a \.keras file"):
        model_of(tmp_path / "x.keras")


@pytest.mark.parametrize(
    "given",
    [
        3,
        lambda z: z,
        keras.Sequential([keras.layers.Dense(3)]),
        keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Conv2D(1, 1)]),
    ],
)
def test_anything_else_is_refused_by_name(tmp_path, given):
    with pytest.raises(ValueError, match=r"Keras model from z.*Received: "):
        export_generator(given, tmp_path)


def test_no_byte_of_an_export_names_the_machine(tmp_path):
    secret = Path("/home/somebody/secret/photos")
    gan = small_gan(4)
    gan.class_names = ("a", "b", "c", "d")
    training = {"run": {"data": {"name": str(secret), "held_out": "~/secret/other", "x": "C:\\secret\\photos"}}}
    training["run"]["note"] = f"read from {secret}/1.png"
    report = export_generator(gan, tmp_path, training=training, batch_sizes=[1])
    names = [b"secret", b"somebody", os.fsencode(tmp_path), os.fsencode(Path(__file__).parent.parent.parent)]
    names += [name.encode() for name in (socket.gethostname(), getpass.getuser(), str(Path.home())) if len(name) > 4]
    names += [b"site-packages", b".py\0", b"/tmp/"]
    files = [path for path in report.path.rglob("*") if path.is_file()]
    assert len(files) > 8
    assert [(path.name, name) for path in files for name in names if name in path.read_bytes()] == []
    manifest = Manifest.load(report.path)
    assert manifest.training["run"]["data"] == {"name": "photos", "held_out": "other", "x": "photos"}
    assert manifest.class_names == ("a", "b", "c", "d")
    assert manifest.label_range == (0, 3)
    card = (report.path / "model_card.md").read_text()
    assert "from 0 to 3" in card
    assert "| 2 | c |" in card
    assert "unconditional" not in card
    artifact = load(report.path, "tflite")
    np.testing.assert_array_equal(artifact.generate(1, "c"), artifact.generate(1, 2))
    for label in (99, -1, 4, "e"):
        with pytest.raises(ValueError, match=r"0 to 3|class 0 = \"a\""):
            artifact.generate(1, label)
