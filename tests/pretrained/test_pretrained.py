"""Trained GANs by name: those of the package, runs and files."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan import pretrained

ROOT = Path(__file__).parent.parent.parent
MOST_BYTES = 2 << 20


def test_a_small_file_keeps_the_averaged_generator_the_discriminator_and_the_settings(tmp_path):
    gan = small_gan(4, ema_momentum=0.9, loss="hinge", penalties=["r1"])
    for variable in gan.ema_generator.weights:
        variable.assign(variable + 0.25)
    pretrained.save(gan, tmp_path)
    loaded = keras_gan.GAN.from_preset(tmp_path)
    assert (loaded.num_classes, type(loaded.loss).__name__, len(loaded.penalties)) == (4, "Hinge", 1)
    np.testing.assert_allclose(loaded.generate(8), gan.generate(8), atol=2e-3)
    halves = [value.astype(np.float16) for value in gan.discriminator.get_weights()]
    for a, b in zip(halves, loaded.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    images = np.random.default_rng(0).uniform(-1, 1, (8, 8, 8, 1)).astype(np.float32)
    loaded.fit(images, np.arange(8) % 4, batch_size=4, verbose=0)


def test_a_run_and_a_file_are_loaded_too(tmp_path):
    gan = small_gan()
    gan.save(tmp_path / "gan.keras")
    for path in (tmp_path, tmp_path / "gan.keras"):
        np.testing.assert_array_equal(keras_gan.GAN.from_preset(path).generate(2), gan.generate(2))
    with pytest.raises(ValueError, match="Received: nothing"):
        keras_gan.GAN.from_preset("nothing")


def test_a_folder_with_the_name_of_a_packaged_gan_takes_precedence(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    name = pretrained.names()[0]
    assert pretrained.find(name) == pretrained.FOLDER / name
    (tmp_path / name).mkdir()
    assert pretrained.find(name) is None


@pytest.mark.parametrize("name", pretrained.names())
def test_a_packaged_gan_is_small_and_its_onnx_file_makes_the_images_of_keras(name):
    folder = pretrained.FOLDER / name
    for file in folder.rglob("*"):
        assert not file.is_file() or file.stat().st_size <= MOST_BYTES, file
    assert keras_gan.export.verify(folder).passed
    artifact, gan = keras_gan.export.load(folder), keras_gan.GAN.from_preset(name)
    assert (artifact.num_classes, artifact.class_names) == (gan.num_classes, gan.class_names)
    np.testing.assert_allclose(artifact.generate(20, seed=3), gan.generate(20, seed=3), atol=0.1)
    assert np.abs(artifact.generate(20, seed=3) - gan.generate(20, seed=3)).mean() < 2e-3
    card = next(folder.rglob("model_card.md")).read_text()
    assert "KID" in card
    assert "licen" in card


def test_a_packaged_generator_needs_no_tensorflow(tmp_path):
    script = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None\n"
        "from keras_gan.cli import main\n"
        f"sys.argv = ['keras-gan', 'sample', 'digits', '--label', '3', '-n', '4', '--output', '{tmp_path}/s.png']\n"
        "main()"
    )
    child = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert child.returncode == 0, child.stderr
    assert (tmp_path / "s.png").stat().st_size > 500
