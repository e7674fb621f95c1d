"""Trained weights, latent vectors of images, labelled directions and animations on the command line."""

import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import eagerly, small_gan
from PIL import Image
from typer.testing import CliRunner

import keras_gan
from keras_gan import animation, config, latent
from keras_gan.cli.app import app
from keras_gan.cli.models.direction import find_directions
from keras_gan.cli.serve import _models
from keras_gan.cli.training.config_flags import starting_config
from keras_gan.pretrained import FOLDER

ENVIRONMENT = {"COLUMNS": "200", "NO_COLOR": "1"}
NETWORKS = {"generator": {"units": 16}, "discriminator": {"units": 16, "pieces": 2}}


def run(*arguments):
    result = CliRunner(env=ENVIRONMENT).invoke(app, [str(a) for a in arguments])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The folder of a run with 4 classes and 8x8 pixels, which no command trained."""
    folder = tmp_path_factory.mktemp("latent") / "run"
    folder.mkdir()
    gan = small_gan(4)
    for variable in gan.generator.weights:
        variable.assign(variable * 3)
    gan.save(folder / "gan.keras")
    given = config.GANConfig(network="mlp", latent_dim=6, data={"name": "digits8x8", "labels": True}, **NETWORKS)
    config.save(given, folder / "config.yaml")
    return folder


# ------------------------------------------------------------------ train --init


def test_a_training_starts_from_a_run_and_lists_what_does_not_fit(trained, tmp_path):
    output = tmp_path / "new"
    given = ["train", "--init", trained, "--data", "digits8x8", "--labels", "--freeze-d", 1, "--epochs", 1]
    with eagerly():
        result = run(*given, "--limit", 16, "--batch-size", 8, "--output", output)
    assert result.exit_code == 0, result.output
    assert f"From {trained}, generator: 3 of 4 layers got trained weights. New: label_embedding 10x6" in result.output
    saved = config.load(output / "config.yaml")
    assert (saved.init, saved.freeze_d, saved.generator["units"]) == (str(trained), 1, 16)
    old, new = (keras.models.load_model(folder / "gan.keras") for folder in (trained, output))
    (frozen,) = [layer for layer in new.discriminator.layers if layer.weights and not layer.trainable]
    assert new.freeze_d == 1
    before = [layer.get_weights() for layer in old.discriminator.layers if type(layer) is type(frozen)]
    assert any(np.array_equal(frozen.get_weights()[0], weights[0]) for weights in before)
    resumed = run("resume", output, "--epochs", 1)
    assert "1 epochs already" in resumed.output
    assert "got trained weights" not in resumed.output


def test_the_config_of_the_trained_gan_is_used_unless_a_preset_is_named(trained):
    own = starting_config(None, None, str(trained))
    assert (own.network, own.latent_dim, own.data.name, own.data.labels) == ("mlp", 6, "digits", False)
    assert starting_config(None, "sngan", str(trained)).name == "sngan"
    assert starting_config(None, None, str(trained / "gan.keras")).name == "dcgan"
    assert starting_config(None, None, "digits").data.image_size == 28


# ------------------------------------------------------------------ invert


def test_invert_writes_the_latent_vector_the_comparison_and_the_edits(trained, tmp_path):
    gan = keras.models.load_model(trained / "gan.keras")
    images = gan.generate(2, labels=[1, 3], seed=5)
    for i, image in enumerate(images):
        keras_gan.images.save_image(tmp_path / "in" / f"{i}.png", image)
    output = tmp_path / "out"
    result = run("invert", trained, tmp_path / "in", "--direction", "sefa:0", "--steps", 20, "--output", output)
    assert result.exit_code == 0, result.output
    assert {file.name for file in output.iterdir()} == {"0.png", "1.png", "comparison.png", "latent.npz", "edits.png"}
    with np.load(output / "latent.npz") as found:
        assert (found["z"].shape, found["labels"].shape) == ((2, 6), (2,))
        made = gan.generate_from_latent(found["z"], found["labels"])
    pixels = np.asarray(Image.open(output / "0.png"))
    assert np.abs(pixels.astype(int) - keras_gan.images.to_uint8(made)[0, ..., 0]).max() <= 1
    walked = run(
        "walk", trained, "--start", output, "--dimensions", 2, "--interpolations", 0, "--output", tmp_path / "w"
    )
    assert walked.exit_code == 0, walked.output
    np.savez(tmp_path / "wrong.npz", z=np.zeros((1, 5)))
    with pytest.raises(ValueError, match="z of length 6"):
        run("walk", trained, "--start", tmp_path / "wrong.npz", "--output", tmp_path / "w")
    with pytest.raises(ValueError, match="--direction is in z"):
        run("invert", trained, tmp_path / "in", "--direction", "sefa:0", "--space", "w", "--output", output)


def test_invert_edits_with_a_gan_of_the_package(tmp_path):
    keras_gan.images.save_image(tmp_path / "three.png", np.zeros((28, 28, 1), np.float32))
    given = ["--label", 3, "--steps", 1, "--starts", 1, "--feature-weight", 0, "--direction", "sefa:0"]
    with eagerly():
        run("invert", "digits", tmp_path / "three.png", *given, "--output", tmp_path / "out")
    assert (tmp_path / "out" / "edits.png").is_file()


# ------------------------------------------------------------------ walk


def test_sorted_images_give_the_direction_between_their_z(trained, tmp_path):
    run("sample", trained, "--count", 12, "--seed", 7, "--separate", "--output", tmp_path / "all")
    for name, indices in (("with", (0, 3, 11)), ("without", (1, 2))):
        (tmp_path / name).mkdir()
        for i in indices:
            (tmp_path / "all" / f"seed-7-{i:02d}.png").rename(tmp_path / name / f"seed-7-{i:02d}.png")
    gan = keras.models.load_model(trained / "gan.keras")
    (found,) = find_directions(gan, [f"sorted:{tmp_path}"]).values()
    z = latent.sample(12, 6, seed=7).astype(np.float64)
    expected = z[[0, 3, 11]].mean(0) - z[[1, 2]].mean(0)
    np.testing.assert_allclose(found, expected / np.linalg.norm(expected), atol=1e-6)
    picture = tmp_path / "walk" / "directions.png"
    run("walk", trained, "--direction", f"sorted:{tmp_path}", "--interpolations", 0, "--output", picture.parent)
    assert picture.exists()
    (tmp_path / "with" / "seed-7-00.png").rename(tmp_path / "smile.png")
    for file in (tmp_path / "with").iterdir():
        file.unlink()
    refused = run("walk", trained, "--direction", f"sorted:{tmp_path}", "--output", picture.parent)
    assert refused.exit_code == 2
    assert "seed-0-17.png" in refused.output


def test_an_animation_returns_to_its_first_image(trained, tmp_path):
    result = run("walk", trained, "--interpolations", 0, "--animation", tmp_path / "walk.gif", "--output", tmp_path)
    assert result.exit_code == 0, result.output
    with Image.open(tmp_path / "walk.gif") as picture:
        assert (picture.n_frames, picture.size) == (6 * 24, (128, 128))
    with pytest.raises(ValueError, match=r"must end in \.gif or \.mp4"):
        run("walk", trained, "--animation", tmp_path / "walk.avi", "--output", tmp_path)


def test_an_mp4_file_has_all_frames(tmp_path):
    ffmpeg = pytest.importorskip("imageio_ffmpeg")
    frames = np.zeros((5, 33, 35, 3), np.uint8)
    frames[:, :, :, 0] = np.arange(0, 250, 50)[:, None, None]
    animation.save_frames(tmp_path / "a.mp4", frames, fps=5)
    assert ffmpeg.count_frames_and_secs(str(tmp_path / "a.mp4"))[0] == 5
    command = [ffmpeg.get_ffmpeg_exe(), "-i", tmp_path / "a.mp4", "-f", "rawvideo", "-pix_fmt", "rgb24", "-"]
    raw = subprocess.run(command, capture_output=True, check=True).stdout
    decoded = np.frombuffer(raw, np.uint8).reshape(5, 34, 36, 3)
    assert np.abs(decoded[:, 4:28, 4:28].astype(int) - frames[:, 4:28, 4:28]).mean() < 12


def test_without_ffmpeg_one_sentence_names_the_extra(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "imageio_ffmpeg", None)
    with pytest.raises(ImportError, match=r"imageio-ffmpeg: pip install .*\[video\]"):
        animation.save_frames(tmp_path / "a.mp4", np.zeros((2, 4, 4, 3), np.uint8))


@pytest.mark.parametrize(
    ("frames", "fps", "message"),
    [
        (np.zeros((2, 4, 4, 1), np.uint8), 5, "frames"),
        (np.zeros((2, 4, 4, 3)), 5, "uint8"),
        (np.zeros((2, 4, 4, 3), np.uint8), 0, "fps=0"),
    ],
)
def test_wrong_frames_are_errors(tmp_path, frames, fps, message):
    with pytest.raises(ValueError, match=message):
        animation.save_frames(tmp_path / "a.gif", frames, fps)


# ------------------------------------------------------------------ names of the package


def test_serve_takes_the_name_of_a_packaged_generator(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (found,) = _models(Path("digits"), "default", None, None)
    assert (found.name, found.base_path) == ("digits", FOLDER / "digits")
