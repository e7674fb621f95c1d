"""The command, as a person types it."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import pytest
from PIL import Image
from typer.testing import CliRunner

from keras_gan.callbacks import Progress
from keras_gan.cli.app import app

ROOT = Path(__file__).parent.parent
SMALL = ["train", "--preset", "gan", "--data", "digits8x8", "--batch-size", "16", "--limit", "64"]


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(a) for a in arguments])


def start(*arguments, **options):
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    return subprocess.Popen(
        [sys.executable, "-m", "keras_gan", *map(str, arguments)],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of two epochs with labels, made by the command."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    result = run(*SMALL, "--labels", "--epochs", 2, "--output", folder, "--tensorboard")
    assert result.exit_code == 0, result.output
    return folder, result.output


def test_train_writes_a_run(trained):
    folder, output = trained
    assert {p.name for p in folder.iterdir()} == {"gan.keras", "recipe.json", "history.csv", "samples", "tensorboard"}
    assert sorted(p.name for p in (folder / "samples").iterdir()) == [
        "epoch-0000.png",
        "epoch-0001.png",
        "epoch-0002.png",
        "progress.gif",
    ]
    assert len((folder / "history.csv").read_text().splitlines()) == 3
    assert "epoch 2/2" in output
    assert f"keras-gan export {folder}" in output
    gan = keras.models.load_model(folder / "gan.keras")
    assert (gan.name, gan.num_classes, gan.image_shape) == ("gan", 10, (8, 8, 1))


def test_train_does_not_write_over_a_run(trained):
    folder, _ = trained
    result = run(*SMALL, "--labels", "--output", folder)
    assert isinstance(result.exception, FileExistsError)
    assert "--resume" in str(result.exception)


def test_resume_with_other_arguments_is_refused(trained):
    folder, _ = trained
    result = run(*SMALL, "--output", folder, "--resume")
    assert isinstance(result.exception, ValueError)
    assert "labels False (was True)" in str(result.exception)
    result = run(*SMALL, "--labels", "--loss", "minimax", "--output", folder, "--resume")
    assert "loss minimax (was None)" in str(result.exception)


def test_resume_of_a_finished_run_says_so(trained):
    folder, _ = trained
    result = run("resume", folder)
    assert result.exit_code == 0
    assert "2 epochs already" in result.output


def test_a_folder_of_images_a_path_with_brackets_and_a_resume_from_elsewhere(tmp_path, monkeypatch):
    rng = np.random.default_rng(0)
    photos = tmp_path / "photos [1]"
    photos.mkdir()
    for i in range(16):
        Image.fromarray(rng.integers(0, 256, (32, 32, 3), np.uint8)).save(photos / f"{i}.png")
    monkeypatch.chdir(tmp_path)
    result = run(
        "train", "--preset", "gan", "--data", "photos [1]", "--batch-size", 8, "--epochs", 1, "--output", "r [/b]"
    )
    assert result.exit_code == 0, result.output
    assert "keras-gan export 'r [/b]'" in result.output
    litter = tmp_path / "r [/b]" / ".gan.keras.x1y2"
    litter.mkdir()
    (litter / "gan.keras").write_bytes(b"half")
    monkeypatch.chdir("/")
    result = run("resume", tmp_path / "r [/b]", "--epochs", 2)
    assert result.exit_code == 0, result.output
    assert not litter.exists()
    assert keras.models.load_model(tmp_path / "r [/b]" / "gan.keras").image_shape == (32, 32, 3)


def test_resume_for_more_epochs_equals_a_longer_run(tmp_path):
    for folder, *commands in (
        ("straight", [*SMALL, "--epochs", 3, "--output"]),
        ("resumed", [*SMALL, "--epochs", 1, "--output"], ["resume", "--epochs", 3]),
    ):
        for command in commands:
            result = run(*command, tmp_path / folder)
            assert result.exit_code == 0, result.output
    straight, resumed = (keras.models.load_model(tmp_path / name / "gan.keras") for name in ("straight", "resumed"))
    for a, b in zip(straight.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    assert len((tmp_path / "resumed" / "history.csv").read_text().splitlines()) == 4


MANY = [*SMALL[:-2], "--epochs", "3", "--output"]  # 112 steps an epoch


def test_an_interrupted_training_goes_on_where_it_was(tmp_path, monkeypatch):
    """Interrupted in the second epoch, then resumed: the weights are those of a run that never stopped."""
    undisturbed = Progress.on_train_batch_end

    def interrupt(self, batch, logs=None):
        undisturbed(self, batch, logs)
        if int(self.model.g_optimizer.iterations) == 150:
            raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "on_train_batch_end", interrupt)
    result = run(*MANY, tmp_path / "run")
    assert result.exit_code == 130
    assert "after 150 steps" in result.output
    monkeypatch.undo()
    assert run("resume", tmp_path / "run").exit_code == 0
    assert run(*MANY, tmp_path / "straight").exit_code == 0
    resumed, straight = (keras.models.load_model(tmp_path / name / "gan.keras") for name in ("run", "straight"))
    assert int(resumed.g_optimizer.iterations) == int(straight.g_optimizer.iterations) == 3 * 112
    z = np.random.default_rng(0).normal(size=(8, 100)).astype(np.float32)
    np.testing.assert_allclose(resumed.draw(z), straight.draw(z), atol=1e-3)


@pytest.mark.parametrize("sent", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(tmp_path, sent):
    endless = [*SMALL[:-2], "--epochs", "10000", "--output", tmp_path / "run"]
    child = start(*endless)
    for _ in range(1200):
        if (tmp_path / "run" / "samples" / "epoch-0001.png").exists() or child.poll() is not None:
            break
        time.sleep(0.1)
    child.send_signal(sent)
    output, _ = child.communicate(timeout=120)
    assert child.returncode == 130, output
    assert f"keras-gan resume {tmp_path / 'run'}" in output
    steps = int(re.search(r"after (\d+) steps", output)[1])
    assert steps == int(keras.models.load_model(tmp_path / "run" / "gan.keras").g_optimizer.iterations) >= 112


def test_sample(trained, tmp_path):
    folder, _ = trained
    result = run("sample", folder, "--count", 20, "--seed", 3, "--output", tmp_path / "a.png")
    assert result.exit_code == 0, result.output
    assert Image.open(tmp_path / "a.png").size == (10 * 66 + 2, 2 * 66 + 2)
    run("sample", folder / "gan.keras", "-n", 12, "--label", 4, "--separate", "--output", tmp_path / "many")
    files = sorted((tmp_path / "many").iterdir())
    assert len(files) == 12
    assert files[0].name == "seed-0-00.png"
    assert Image.open(files[0]).size == (8, 8)


def test_walk(trained, tmp_path):
    folder, _ = trained
    result = run("walk", folder, "--dimensions", "0,7,99", "--steps", 5, "--interpolations", 2, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    sizes = {p.name: Image.open(p).size for p in tmp_path.iterdir()}
    row, title = 5 * 66 + 2, 12 + 8 * len("z[99]")
    assert sizes.pop("dimensions.png") == (row + title, 3 * 66 + 2)
    assert sizes == {"slerp.png": (row, 2 * 66 + 2), "lerp.png": (row, 2 * 66 + 2)}
    assert run("walk", folder, "--interpolations", 0, "--output", tmp_path / "most").exit_code == 0
    assert Image.open(tmp_path / "most" / "dimensions.png").size[1] == 10 * 66 + 2
    assert not (tmp_path / "most" / "slerp.png").exists()


@pytest.mark.parametrize("wrong", ["100", "-1", "a,b"])
def test_walk_refuses_dimensions_that_are_not_there(trained, wrong, tmp_path):
    result = run("walk", trained[0], f"--dimensions={wrong}", "--output", tmp_path)
    assert result.exit_code == 2
    assert "Received" in result.output
    assert not list(tmp_path.iterdir())


def test_export(trained, tmp_path):
    folder, _ = trained
    result = run("export", folder, "--format", "onnx", "--format", "tflite", "--output", tmp_path, "--name", "eights")
    assert result.exit_code == 0, result.output
    assert {p.name for p in (tmp_path / "eights" / "1").iterdir()} >= {"model.onnx", "model.tflite", "manifest.json"}
    assert "max abs error" in result.output
    recipe = json.loads((tmp_path / "eights" / "1" / "manifest.json").read_text())["recipe"]
    assert recipe["run"]["data"] == "digits8x8"
    assert recipe["g_updates"] == 8


def test_lists():
    result = run("datasets")
    assert "digits" in result.output
    assert "pip install 'keras-gan[data]'" in result.output or "yes" in result.output
    assert "dcgan" in run("presets").output


def test_help_names_every_command():
    text = run("--help").output
    for command in ("train", "resume", "sample", "walk", "export", "datasets", "presets"):
        assert command in text
        assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["train", "--output", "x", "--data", "digitz"], 1, "digits"),
        (["train", "--output", "x", "--preset", "dcgam"], 1, "dcgan"),
        (["train", "--output", "x", "--preset", "dcgan", "--data", "digits8x8"], 1, "28, 32, 64, 128"),
        (["train", "--output", "x", "--epochs", "0"], 2, "--epochs"),
        (["train"], 2, "--output"),
        (["sample", "nowhere"], 1, "no model at"),
        (["export", "README.md"], 1, "damaged, or another kind"),
        (["resume", "nowhere"], 1, "no run"),
        (["train", "--output", "README.md"], 1, "which is a file"),
        (["sample", "nowhere", "--output", "a.jpg"], 1, "end in .png"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(arguments, code, says, tmp_path):
    arguments = [str(tmp_path / a) if a in {"x", "nowhere"} else a for a in arguments]
    child = start(*arguments)
    output, _ = child.communicate(timeout=120)
    assert child.returncode == code, output
    assert says in output
    assert "Traceback" not in output
    assert not (tmp_path / "x").exists()
