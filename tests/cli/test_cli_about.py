from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keras_gan.artifacts.about import LIMITS
from keras_gan.cli.about import Statements, about
from keras_gan.cli.run import Run
from keras_gan.config import CycleGANConfig, GANConfig
from keras_gan.metrics import EvaluationProtocol, Score

PROTOCOL = EvaluationProtocol("EffLite0", "1", 224, "bilinear", 500, 400, "digits:train", 3, "0.1.0")


@pytest.fixture
def run(tmp_path) -> Run:
    run = Run(tmp_path)
    run.model.touch()
    return run


def gan_on(data: str) -> GANConfig:
    return GANConfig(network="mlp", data={"name": data})


def translation_of(x: str, y: str) -> CycleGANConfig:
    return CycleGANConfig(data={"x": x, "y": y})


def write(run: Run, name: str, content: object, age: float = -10.0) -> Path:
    """A file in the run, `age` seconds older than the model."""
    file = run.folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    time = run.model.stat().st_mtime - age
    os.utime(file, (time, time))
    return file


def test_without_a_run_nothing_is_stated():
    found, notes = about(None, None, Statements())
    assert (found.data, found.metrics, found.intended_use, found.limits) == ((), (), "not stated", LIMITS)
    assert (found.known_failures, notes) == ((), [])


def test_the_licence_of_a_packaged_set_is_the_catalogues():
    (data,) = about(None, gan_on("digits"), Statements())[0].data
    assert (data.name, data.domain) == ("digits", "")
    assert data.licence.startswith("CC BY-SA 3.0 (MNIST")
    x, y = about(None, translation_of("emoji/google:train", "emoji/twitter:train"), Statements())[0].data
    assert [(one.name, one.domain) for one in (x, y)] == [("emoji/google:train", "x"), ("emoji/twitter:train", "y")]
    assert "Apache" in x.licence
    assert "CC BY 4.0" in y.licence


def test_a_folder_has_no_licence_and_its_path_stays_private(tmp_path):
    (tmp_path / "cats").mkdir()
    for folder in (tmp_path / "cats", Path("/gone/cats")):
        (data,) = about(None, gan_on(str(folder)), Statements())[0].data
        assert (data.name, data.licence) == ("cats", "not stated")


def test_statements_of_the_user_are_kept(tmp_path):
    statements = Statements(["CC BY 4.0", "MIT"], "CC0", "To teach.", ["Not for faces."], ["Sevens."])
    found, _ = about(None, translation_of(str(tmp_path), "emoji/twitter"), statements)
    assert [data.licence for data in found.data] == ["CC BY 4.0", "MIT"]
    assert (found.licence, found.intended_use) == ("CC0", "To teach.")
    assert found.limits == (*LIMITS, "Not for faces.")
    assert found.known_failures == ("Sevens.",)
    both, _ = about(None, translation_of("a", "b"), Statements(["CC0"]))
    assert [data.licence for data in both.data] == ["CC0", "CC0"]
    alone, _ = about(None, None, Statements(["CC0"]))
    assert [(data.name, data.licence) for data in alone.data] == [("not named", "CC0")]


def test_more_licences_than_sets_are_refused():
    with pytest.raises(ValueError, match=r"once for each of 1 data sets. Received: 2 licences"):
        about(None, gan_on("digits"), Statements(["a", "b"]))


def test_metrics_of_the_run_keep_their_protocol(run):
    scores = [Score("KID-EffLite0", 0.01, PROTOCOL, 0.002), Score("coverage", 0.9, PROTOCOL, None, True)]
    write(run, "evaluation.json", {"artifact": "x", "scores": [score.as_dict() for score in scores]})
    found, notes = about(run, {}, Statements())
    assert notes == []
    assert [(m.name, m.value, m.error, m.higher_is_better) for m in found.metrics] == [
        ("KID-EffLite0", 0.01, 0.002, False),
        ("coverage", 0.9, None, True),
    ]
    assert found.metrics[0].protocol == PROTOCOL.as_dict()


def test_metrics_of_a_translation_are_those_of_its_generator(run):
    scores = {
        "translated": {
            "kernel": {"mean": 0.02, "std": 0.001},
            "frechet": 90.0,
            "top_1": 0.5,
            "top_5": 0.8,
            "distance": 0.7,
        },
        "protocol": {"extractor": "EffLite0", "images_x": 95, "paired": True},
        "x": "/somewhere/photos",
        "y": "emoji/twitter:test",
        "held_out": True,
    }
    write(run, "evaluation-f.json", scores)
    assert about(run, {}, Statements(), "g")[0].metrics == ()
    metrics = about(run, {}, Statements(), "f")[0].metrics
    assert [m.name for m in metrics] == ["KID-EffLite0", "Frechet-EffLite0", "top-1", "top-5", "distance"]
    assert [m.higher_is_better for m in metrics] == [False, False, True, True, False]
    assert metrics[0].protocol["x"] == "photos"
    assert metrics[0].protocol["paired"] is True


def test_metrics_older_than_the_model_are_skipped(run):
    write(run, "evaluation.json", {"scores": [Score("KID", 0.01, PROTOCOL).as_dict()]}, age=10)
    found, (note,) = about(run, {}, Statements())
    assert found.metrics == ()
    assert "is older than the model and was skipped" in note


def test_findings_of_the_training_are_known_failures(run):
    lines = [
        {"kind": "mode_collapse", "step": 10, "evidence": "few digits", "epoch": 1, "remedy": "", "rollback": ""},
        {"kind": "divergence", "step": 12, "evidence": "NaN"},
        {"kind": "mode_collapse", "step": 90, "evidence": "one digit"},
    ]
    write(run, "health.jsonl", "\n".join(map(json.dumps, lines)) + "\n")
    assert about(run, {}, Statements(known_failures=["Sevens."]))[0].known_failures == (
        "Sevens.",
        "In training, at step 90, mode collapse: one digit",
        "In training, at step 12, divergence: NaN",
    )


@pytest.mark.parametrize("name", ["evaluation.json", "health.jsonl"])
@pytest.mark.parametrize("content", ["{", "[]", '{"scores": [{"name": 1}]}', "7"])
def test_damaged_files_of_the_run_are_named(run, name, content):
    file = write(run, name, content)
    with pytest.raises(ValueError, match=r"must (be JSON|hold lines)") as caught:
        about(run, {}, Statements())
    assert str(file) in str(caught.value)
