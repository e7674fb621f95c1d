"""The command, as a person types it."""

import csv
import errno
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import fork_server
import keras
import numpy as np
import pytest
from conftest import eagerly
from PIL import Image
from typer.testing import CliRunner

import keras_gan
from keras_gan import config
from keras_gan.callbacks import Progress
from keras_gan.cli.app import app, main
from keras_gan.cli.run import Run
from keras_gan.cli.training.task import task_of
from keras_gan.presets import PRESETS

ROOT = Path(__file__).parent.parent.parent
FILES = ("gan.keras", "config.yaml", "history.csv", "health.jsonl", "health_summary.json")
ENVIRONMENT = {"COLUMNS": "200", "NO_COLOR": "1"}
TINY = ["--set", "generator.units=16", "--set", "discriminator.units=4", "--set", "discriminator.pieces=2"]
SMALL = ["train", "--preset", "gan", *TINY, "--data", "digits8x8", "--batch-size", "16", "--limit", "64"]
SHORT = [*SMALL, "--batch-size", "8", "--limit", "16"]  # two steps an epoch


def run(*arguments):
    return CliRunner(env=ENVIRONMENT).invoke(app, [str(a) for a in arguments])


def start(*arguments, **options):
    return subprocess.Popen(
        [sys.executable, "-m", "keras_gan", *map(str, arguments)],
        cwd=ROOT,
        env={**os.environ, **ENVIRONMENT},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        **options,
    )


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of two epochs with labels, made by the command."""
    folder = tmp_path_factory.mktemp("cli") / "run"
    result = run(*SMALL, "--labels", "--epochs", 2, "--output", folder, "--set", "tensorboard=true")
    assert result.exit_code == 0, result.output
    return folder, result.output


def test_train_writes_a_run(trained):
    folder, output = trained
    assert {p.name for p in folder.iterdir()} == {*FILES, "samples", "tensorboard"}
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


@pytest.mark.filterwarnings("always::keras_gan.errors.KerasGANWarning")
def test_a_training_that_goes_wrong_is_reported_and_rolled_back(tmp_path):
    wild = [*SMALL, "--batch-size", 8, "--epochs", 3, "--learning-rate", 1]
    wild += fields("health={rollback: 1, every: 8}", "data.held_out=digits8x8")
    result = run(*wild, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    assert "Warning: divergence at step 8: the weights moved by" in result.output
    assert "(--learning-rate 2e-4)" in result.output
    first, *_ = map(json.loads, (tmp_path / "run" / "health.jsonl").read_text().splitlines())
    assert (first["step"], first["epoch"], first["kind"]) == (8, 1, "divergence")
    assert first["rollback"].startswith("Went back to step 0 and continued with d_optimizer.learning_rate=0.1")
    assert keras.models.load_model(tmp_path / "run" / "gan.keras").training_record()["g_updates"] == 24 - 8


def test_held_out_images_that_are_missing_leave_no_run(tmp_path):
    result = run(*SMALL, "--set", f"data.held_out={tmp_path}/nothing", "--output", tmp_path / "run")
    assert result.exit_code == 1 or isinstance(result.exception, ValueError)
    assert not (tmp_path / "run").exists()


def test_train_does_not_write_over_a_run(trained):
    folder, _ = trained
    result = run(*SMALL, "--labels", "--output", folder)
    assert isinstance(result.exception, FileExistsError)
    assert "--resume" in str(result.exception)


def test_resume_with_other_arguments_is_refused(trained):
    folder, _ = trained
    result = run(*SMALL, "--output", folder, "--resume")
    assert isinstance(result.exception, ValueError)
    assert "Received: other data.labels False (was True)" in str(result.exception)
    result = run(*SMALL, "--labels", "--set", "loss=minimax", "--output", folder, "--resume")
    assert "loss.name minimax (was non_saturating)" in str(result.exception)
    assert f"`keras-gan resume {folder}` uses it" in str(result.exception)


def test_resume_may_change_what_changes_no_weight(trained):
    free = ["--epochs", 2, "--set", "data.held_out=digits8x8", "--set", "health={every: 5, rollback: 1}"]
    result = run(*SMALL, "--labels", *free, "--output", trained[0], "--resume")
    assert result.exit_code == 0, result.output
    assert "2 epochs already" in result.output


def test_the_config_of_a_run_repeats_it(trained, tmp_path):
    """With the same pictures byte for byte: nothing of the command line is missing in config.yaml."""
    folder = trained[0]
    result = run("train", folder / "config.yaml", "--output", tmp_path / "again")
    assert result.exit_code == 0, result.output
    assert (tmp_path / "again" / "config.yaml").read_text() == (folder / "config.yaml").read_text()
    for picture in (folder / "samples").glob("*.png"):
        assert (tmp_path / "again" / "samples" / picture.name).read_bytes() == picture.read_bytes()
    weights = [keras.models.load_model(one / "gan.keras").get_weights() for one in (folder, tmp_path / "again")]
    assert all(np.array_equal(a, b) for a, b in zip(*weights, strict=True))


def test_a_config_file_and_a_preset_exclude_each_other(trained, tmp_path):
    result = run("train", trained[0] / "config.yaml", "--preset", "dcgan", "--output", tmp_path / "run")
    assert "Give a config file or --preset, not both" in str(result.exception)


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
        Image.fromarray(rng.integers(0, 256, (8, 8, 3), np.uint8)).save(photos / f"{i}.png")
    monkeypatch.chdir(tmp_path)
    data = ["--data", "photos [1]", "--batch-size", 8]
    with eagerly():
        result = run("train", "--preset", "gan", *TINY, *data, "--epochs", 1, "--output", "r [/b]")
    assert result.exit_code == 0, result.output
    assert "keras-gan export 'r [/b]'" in result.output
    litter = tmp_path / "r [/b]" / ".gan.keras.x1y2"
    litter.mkdir()
    (litter / "gan.keras").write_bytes(b"half")
    monkeypatch.chdir("/")
    with eagerly():
        result = run("resume", tmp_path / "r [/b]", "--epochs", 2)
    assert result.exit_code == 0, result.output
    assert not litter.exists()
    assert keras.models.load_model(tmp_path / "r [/b]" / "gan.keras").image_shape == (8, 8, 3)


MANY = [*SMALL, "--batch-size", "8", "--limit", "32", "--epochs", "2", "--output"]  # 4 steps an epoch


@pytest.mark.filterwarnings("ignore::keras_gan.errors.KerasGANWarning")  # a run so small may well collapse
def test_an_interrupted_training_goes_on_where_it_was(tmp_path, monkeypatch):
    """Interrupted by Ctrl-C in the second epoch, then resumed: the weights are those of a run that never stopped."""
    undisturbed = Progress.on_train_batch_end

    def interrupt(self, batch, logs=None):
        undisturbed(self, batch, logs)
        if int(self.model.g_optimizer.iterations) == 6:
            signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr(Progress, "on_train_batch_end", interrupt)
    with eagerly():
        result = run(*MANY, tmp_path / "run")
        assert result.exit_code == 130
        assert "after 6 steps" in result.output
        monkeypatch.undo()
        assert run("resume", tmp_path / "run").exit_code == 0
        assert run(*MANY, tmp_path / "straight").exit_code == 0
    resumed, straight = (keras.models.load_model(tmp_path / name / "gan.keras") for name in ("run", "straight"))
    assert int(resumed.g_optimizer.iterations) == int(straight.g_optimizer.iterations) == 2 * 4
    z = np.random.default_rng(0).normal(size=(8, 100)).astype(np.float32)
    np.testing.assert_allclose(resumed.generate_from_latent(z), straight.generate_from_latent(z), atol=1e-3)


def run_main(arguments, output):
    """Runs the command in a process of its own."""
    os.environ.update(ENVIRONMENT)
    sys.argv = ["keras-gan", *map(str, arguments)]
    with output.open("w") as sys.stdout:
        main()


def test_sigterm_saves_and_says_how_to_go_on(tmp_path):
    endless = [*SHORT, "--epochs", "100000", "--output", tmp_path / "run"]
    child = fork_server.context().Process(target=run_main, args=(endless, tmp_path / "output"))
    child.start()
    while not (tmp_path / "run" / "samples" / "epoch-0001.png").exists() and child.is_alive():
        time.sleep(0.1)
    child.terminate()
    child.join()
    output = (tmp_path / "output").read_text()
    assert child.exitcode == 130, output
    assert f"keras-gan resume {tmp_path / 'run'}" in output
    steps = int(re.search(r"after (\d+) steps", output)[1])
    assert steps == int(keras.models.load_model(tmp_path / "run" / "gan.keras").g_optimizer.iterations) >= 2


def fields(*changes):
    """The arguments that set these fields."""
    return [argument for change in changes for argument in ("--set", change)]


OBJECTIVE = fields("penalties={r1: 0.5, r2: null}", "augmentation=diffaugment", "ema={momentum: 0.9}", "g_steps=2")


@pytest.mark.parametrize(
    ("preset", "widths"),
    [
        ("sngan", ["--image-size", 28, *fields("generator.filters=2", "discriminator.filters=4")]),
        ("wgan_gp", ["--image-size", 28, *fields("generator.filters=2", "discriminator.filters=4")]),
    ],
)
def test_the_objective_is_what_was_asked_for(preset, widths, tmp_path):
    d_steps = PRESETS[preset].config.d_steps
    data = ["--data", "digits8x8", "--limit", 8 * (d_steps + 1), "--batch-size", 8, "--epochs", 1]
    asked = [*OBJECTIVE, "--learning-rate", 1e-4]
    with eagerly():
        result = run("train", "--preset", preset, *data, *widths, *asked, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    gan = keras.models.load_model(tmp_path / "run" / "gan.keras")
    assert [(type(one).__name__, one.weight) for one in gan.penalties] == [("R1", 0.5), ("R2", 10.0)]
    assert isinstance(gan.augmentation, keras_gan.augmentations.DiffAugment)
    assert gan.ema_momentum == 0.9
    assert gan.ema_generator is not None
    assert (gan.d_steps, gan.g_steps) == (d_steps, 2)
    steps = (d_steps + 1) // d_steps
    assert int(gan.d_optimizer.iterations) == steps * d_steps
    assert int(gan.g_optimizer.iterations) == steps * 2
    for player in gan.trained_networks:
        assert float(getattr(gan, player).learning_rate) == pytest.approx(1e-4)
    assert type(gan.loss) is type(keras_gan.losses.get(PRESETS[preset].config.loss.name))
    first = next(layer for layer in gan.discriminator.layers if layer.weights)
    assert first.output.shape[-1] == int(widths[-1].rpartition("=")[2])
    spectral = any(isinstance(layer, keras_gan.layers.SpectralNormalization) for layer in gan.discriminator.layers)
    assert spectral == (preset == "sngan")
    header = (tmp_path / "run" / "history.csv").read_text().splitlines()[0]
    assert "d_penalty" in header


def test_the_history_of_a_resumed_run_is_a_whole_table(tmp_path):
    """A line that a full disk cut off spoils no later one, and a metric that came later shifts no column."""
    folder = tmp_path / "run"
    with eagerly():
        result = run(*SHORT, "--epochs", 2, "--output", folder)
    assert result.exit_code == 0, result.output
    history = folder / "history.csv"
    history.write_text(history.read_text()[:-10])
    gan = keras.models.load_model(folder / "gan.keras")
    gan.recompile(penalties=["r1"])  # as a rollback does
    gan.save(folder / "gan.keras")
    with eagerly():
        result = run("resume", folder, "--epochs", 3)
    assert result.exit_code == 0, result.output
    rows = list(csv.DictReader(history.read_text().splitlines()))
    assert [row["epoch"] for row in rows] == ["0", "2"]
    assert [row["d_penalty"] == "NA" for row in rows] == [True, False]
    assert all(0 < float(row["d_real"]) < 1 for row in rows)


@pytest.mark.parametrize("command", [("resume",), ("report",), ("evaluate", "--extractor", "pixels")])
def test_a_config_that_is_none_is_named(tmp_path, trained, command):
    shutil.copytree(trained[0], tmp_path / "run")
    (tmp_path / "run" / "config.yaml").write_text("[1, 2]")
    result = run(command[0], tmp_path / "run", *command[1:])
    assert isinstance(result.exception, ValueError), result.output
    assert "config.yaml: A config must be a mapping of fields. Received: [1, 2]" in str(result.exception)


def test_one_process_at_a_time_trains_in_a_folder(trained):
    folder, _ = trained
    kept = {name: (folder / name).read_bytes() for name in FILES}
    with Run(folder).alone():
        result = run("resume", folder, "--epochs", 3)
    assert (result.exit_code, type(result.exception)) == (1, FileExistsError)
    assert f"Another process trains in {folder}" in str(result.exception)
    assert kept == {name: (folder / name).read_bytes() for name in FILES}


def test_a_resumed_run_keeps_its_objective_and_counts_its_steps(tmp_path):
    """Two generator updates a step: the epoch is known from the steps, not from the updates."""
    lazy = [*SHORT, "--limit", 8, *OBJECTIVE, "--output"]  # one step an epoch
    for folder, *commands in (
        ("straight", [*lazy, tmp_path / "straight", "--epochs", 3]),
        ("resumed", [*lazy, tmp_path / "resumed", "--epochs", 2], ["resume", tmp_path / "resumed", "--epochs", 3]),
    ):
        for command in commands:
            with eagerly():
                result = run(*command)
            assert result.exit_code == 0, result.output
        assert len((tmp_path / folder / "history.csv").read_text().splitlines()) == 4
    assert "epochs 3 to 3" in result.output
    straight, resumed = (keras.models.load_model(tmp_path / name / "gan.keras") for name in ("straight", "resumed"))
    assert int(resumed.g_optimizer.iterations) == 2 * int(resumed.d_optimizer.iterations) == 3 * 2
    assert [one.weight for one in resumed.penalties] == [0.5, 10.0]
    for a, b in zip(straight.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)
    np.testing.assert_allclose(resumed.generate(4), straight.generate(4), atol=1e-4)
    moved = resumed.generator.predict(keras_gan.latent.sample(4, resumed.latent_dim, 0), verbose=0)
    assert np.abs(resumed.generate(4) - moved).max() > 1e-4  # images come from the averaged generator
    changed = run(*SHORT, "--limit", 8, *OBJECTIVE[2:], "--output", tmp_path / "resumed", "--resume")
    assert "penalties.r1.weight None (was 0.5)" in str(changed.exception)


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (fields("penalties=nonsense"), "penalties.nonsense must be one of dragan, .*Received: nonsense"),
        (fields("penalties.r1=-1"), "penalties.r1: `weight` must be a finite number.*Received: weight=-1"),
        (fields("augmentation=flip"), "augmentation must be one of ada, diffaugment. Received: flip"),
        (fields("loss=lsgan"), "loss must be one of hinge, .*Received: lsgan"),
        (fields("ema=1"), "ema.momentum must be below 1. Received: 1"),
        (fields("data.shift=true"), "data.shift is not a field. Fields: data.name, "),
        (fields("identity_weight=0"), "identity_weight is not a field"),
        (["--preset", "r3gan", *fields("discriminator.normalization=null")], "is not a field of the network r3gan"),
        (fields("generator.filters=8"), "generator.filters is not a field of the network mlp.*generator.units"),
        (["--x", "a"], "gan is a GAN: expected --data. Received: --x"),
    ],
)
def test_an_objective_that_does_not_exist_is_refused(arguments, says, tmp_path):
    result = run(*SMALL, *arguments, "--output", tmp_path / "run")
    assert result.exit_code == 1
    assert isinstance(result.exception, ValueError)
    assert re.search(says, str(result.exception)), result.exception
    assert not (tmp_path / "run").exists()


def test_shift_moves_the_images_of_a_cyclegan(tmp_path):
    for name, colour in (("x", (200, 0, 0)), ("y", (0, 0, 200))):
        (tmp_path / name).mkdir()
        for i in range(4):
            Image.new("RGB", (24, 24), colour).save(tmp_path / name / f"{i}.png")
    changes = {"data.x": str(tmp_path / "x"), "data.y": str(tmp_path / "y"), "data.shift": True, "batch_size": 2}
    shifted = config.with_changes(PRESETS["cyclegan_r1"].config, changes)
    x, _ = next(iter(task_of(shifted).load(0)))
    assert x.shape[1:] == (24, 24, 3)
    white = (x.numpy() == 1).all(axis=-1).mean(axis=(1, 2))
    assert white.max() > 0
    x, _ = next(iter(task_of(config.with_changes(shifted, {"data.shift": False})).load(0)))
    assert not (x.numpy() == 1).all(axis=-1).any()


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


@pytest.fixture(scope="module")
def exported(trained):
    """The run's generator as ONNX and TFLite, and what the command said."""
    folder, output = trained[0], trained[0].parent / "exported"
    told = ["--intended-use", "To teach.", "--limit", "Not for cheques.", "--known-failure", "Sevens."]
    result = run(
        "export", folder, "--format", "onnx", "--format", "tflite", "--output", output, "--name", "eights", *told
    )
    assert result.exit_code == 0, result.output
    return output / "eights", result.output


def test_sample_and_walk_take_exported_generators_too(trained, exported, tmp_path):
    """From the same seed the same pictures, give or take a grey level that rounds the other way."""
    folder, small = trained[0], exported[0]
    for command in (["sample", "-n", 20], ["walk", "--direction", "sefa:0", "--direction", "pca:1"]):
        pictures = []
        for model in (folder, small, small / "1" / "model.onnx"):
            output = tmp_path / f"{len(pictures)}.png" if command[0] == "sample" else tmp_path / f"walk-{len(pictures)}"
            arguments = ["--format", "onnx"] if model == small else []
            result = run(command[0], model, *command[1:], "--seed", 3, "--output", output, *arguments)
            assert result.exit_code == 0, result.output
            file = output if output.suffix else output / "directions.png"
            pictures.append(np.asarray(Image.open(file).convert("RGB")).astype(int))
        for picture in pictures[1:]:
            assert np.abs(picture - pictures[0]).max() <= 1
    result = run("sample", folder, "--format", "onnx", "--output", tmp_path / "a.png")
    assert (result.exit_code, "--format must be used with an exported model" in str(result.exception)) == (1, True)
    for where, says in ((small.parent, f"Choose one of its models: {small}"), (tmp_path, "and no gan.keras")):
        result = run("sample", where)
        assert (result.exit_code, says in str(result.exception)) == (1, True)


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


@pytest.mark.parametrize("wrong", ["sefa:16", "sefa", "ganspace:0", "examples:1,5", "examples:3/3", "examples:a/b"])
def test_walk_refuses_directions_that_are_not_there(trained, wrong, tmp_path):
    result = run("walk", trained[0], "--direction", wrong, "--output", tmp_path)
    assert result.exit_code == 2
    assert "Received" in result.output
    assert not list(tmp_path.iterdir())


def test_walk_from_some_seeds_to_others(trained, tmp_path):
    result = run("walk", trained[0], "--direction", "examples:1,5/2,9", "--steps", 3, "--output", tmp_path)
    assert result.exit_code == 0, result.output
    assert Image.open(tmp_path / "directions.png").size == (3 * 66 + 2 + 12 + 8 * len("examples:1,5/2,9"), 66 + 2)


@pytest.mark.parametrize("wrong", ["100", "-1", "a,b"])
def test_walk_refuses_dimensions_that_are_not_there(trained, wrong, tmp_path):
    result = run("walk", trained[0], f"--dimensions={wrong}", "--output", tmp_path)
    assert result.exit_code == 2
    assert "Received" in result.output
    assert not list(tmp_path.iterdir())


def test_export(exported, tmp_path):
    folder, output = exported
    assert {p.name for p in (folder / "1").iterdir()} >= {"model.onnx", "model.tflite", "manifest.json"}
    assert "max abs error" in output
    training = json.loads((folder / "1" / "manifest.json").read_text())["training"]
    assert config.from_dict(training["run"]).data.name == "digits8x8"
    assert training["g_updates"] == 8
    card = (folder / "1" / "model_card.md").read_text()
    for words in ("To teach.", "- Not for cheques.", "- Sevens.", "| digits8x8 |  | CC BY 4.0 (UCI"):
        assert words in card
    result = run("verify", folder)
    assert (result.exit_code, "Verified: " in result.output) == (0, True), result.output
    changed = shutil.copytree(folder, tmp_path / "eights")
    (changed / "1" / "model_card.md").write_text("mine")
    result = run("verify", folder.parent)
    assert (result.exit_code, f"Choose one of its models: {folder}" in str(result.exception)) == (1, True)
    result = run("verify", changed)
    assert (result.exit_code, "model_card.md` has 4 bytes instead of" in result.output) == (1, True)


def test_a_penalty_comes_with_no_batch_normalization_and_ada_as_fast_as_asked(tmp_path):
    data = ["--data", "digits8x8", "--image-size", 28, "--limit", 16, "--batch-size", 8, "--epochs", 1]
    asked = fields("generator.filters=2", "discriminator.filters=2", "penalties.r1=0.5")
    asked += fields("augmentation={name: ada, adjustment_images: 1000}")
    with eagerly():
        result = run("train", *data, *asked, "--output", tmp_path / "run")
    assert result.exit_code == 0, result.output
    gan = keras.models.load_model(tmp_path / "run" / "gan.keras")
    assert not any(isinstance(layer, keras.layers.BatchNormalization) for layer in gan.discriminator.layers)
    assert any(isinstance(layer, keras.layers.BatchNormalization) for layer in gan.generator.layers)
    assert gan.augmentation.adjustment_images == 1000


def test_r3gans_burn_in_lasts_half_of_the_training_and_survives_a_resume(tmp_path):
    data = [
        "--data",
        "digits8x8",
        "--limit",
        16,
        "--batch-size",
        8,
        *fields("generator.filters=8", "discriminator.filters=8"),
    ]
    with eagerly():
        assert run("train", "--preset", "r3gan", *data, "--epochs", 1, "--output", tmp_path / "run").exit_code == 0
    for epochs in (1, 2):
        gan = keras.models.load_model(tmp_path / "run" / "gan.keras")
        steps = 2 * epochs // 2
        assert {penalty.weight.steps for penalty in gan.penalties} == {steps}
        assert gan.d_optimizer._learning_rate.steps == gan.ema_momentum.images.steps == steps
        assert int(gan.g_optimizer.iterations) == 2 * epochs
        with eagerly():
            result = run("resume", tmp_path / "run", "--epochs", 2)
        assert result.exit_code == 0, result.output


def test_lists():
    result = run("datasets")
    assert "digits" in result.output
    assert "[data]'" in result.output or "yes" in result.output
    listed = run("presets").output
    assert all(f" {name} " in listed for name in PRESETS)


@pytest.mark.parametrize("name", PRESETS)
def test_a_preset_is_printed_as_a_config_file(name, tmp_path):
    printed = run("presets", name).output
    (tmp_path / "mine.yaml").write_text(printed)
    assert config.load(tmp_path / "mine.yaml") == PRESETS[name].config
    assert "# Learning rate. (float, at least 0)" in printed


def test_the_help_of_train_imports_no_tensorflow():
    script = (
        "import sys; sys.modules['tensorflow'] = sys.modules['keras'] = None; "
        "sys.argv = ['keras-gan', 'train', '--help']; from keras_gan.cli import main; main()"
    )
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert child.returncode == 0, child.stderr
    assert "--set" in child.stdout


def test_help_names_every_command():
    text = run("--help").output
    for command in ("train", "resume", "sample", "walk", "export", "verify", "datasets", "presets"):
        assert command in text
        assert run(command, "--help").exit_code == 0


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [
        (["train", "--output", "x", "--data", "digitz"], 1, "digits"),
        (["train", "--output", "x", "--preset", "dcgam"], 1, "dcgan"),
        (["train", "--output", "x", "--preset", "dcgan", "--image-size", "30"], 1, "Received: 30. Nearest: 28 or 32"),
        (["train", "--output", "x", "--epochs", "0"], 1, "epochs must be at least 1. Received: 0"),
        (
            ["train", "--output", "x", "--set", "discriminator.filter=32"],
            1,
            "discriminator.filter is not a field of the network dcgan. Did you mean discriminator.filters?",
        ),
        (["train", "--output", "x", "--set", "epochs"], 1, "--set must be path=value"),
        (["train", "--output", "x", "--loss", "hinge"], 2, "Use --set loss=VALUE"),
        (["train", "--output", "x", "--epoch", "3"], 2, "--epochs"),
        (["train", "nowhere.yaml", "--output", "x"], 1, "nowhere.yaml"),
        (["presets", "dcgam"], 1, "dcgan"),
        (["train"], 2, "--output"),
        (["sample", "nowhere"], 1, "no model at"),
        (["export", "README.md"], 1, "damaged or of another kind"),
        (["resume", "nowhere"], 1, "no run"),
        (["train", "--output", "README.md"], 1, "which is a file"),
        (["sample", "nowhere", "--output", "a.jpg"], 1, "end in .png"),
    ],
)
def test_errors_are_one_line_and_an_exit_code(arguments, code, says, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(
        sys, "argv", ["keras-gan", *(str(tmp_path / a) if a in {"x", "nowhere"} else a for a in arguments)]
    )
    for name, value in ENVIRONMENT.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SystemExit) as ended:
        main()
    told = capsys.readouterr()
    assert ended.value.code == code
    assert says in told.out + told.err
    assert not (tmp_path / "x").exists()


@pytest.mark.parametrize(
    ("arguments", "code", "says"),
    [(["export", "README.md"], 1, "damaged or of another kind"), (["train"], 2, "--output")],
)
def test_the_process_ends_with_the_exit_code_and_no_traceback(arguments, code, says):
    child = start(*arguments)
    output, _ = child.communicate(timeout=600)
    assert child.returncode == code, output
    assert says in output
    assert "Traceback" not in output


def test_a_full_disk_is_reported(monkeypatch, capsys):
    def full():
        raise OSError(errno.ENOSPC, "No space left on device", "run/gan.keras")

    monkeypatch.setattr("keras_gan.cli.app.app", full)
    with pytest.raises(SystemExit):
        main()
    assert (
        "No space left on device: 'run/gan.keras'. Files that were saved before are complete" in capsys.readouterr().err
    )
