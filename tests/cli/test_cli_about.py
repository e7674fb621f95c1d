from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from keras_gan.artifacts.about import LIMITS
from keras_gan.cli.about import Told, about
from keras_gan.cli.run import Run
from keras_gan.metrics import EvaluationProtocol, Score

PROTOCOL = EvaluationProtocol("EffLite0", "1", 224, "bilinear", 500, 400, "digits:train", 3, "0.1.0")


@pytest.fixture
def run(tmp_path) -> Run:
    run = Run(tmp_path)
    run.model.touch()
    return run


def write(run: Run, name: str, content: object, age: float = -10.0) -> Path:
    """A file in the run, so many seconds older than the model."""
    file = run.folder / name
    file.write_text(content if isinstance(content, str) else json.dumps(content))
    time = run.model.stat().st_mtime - age
    os.utime(file, (time, time))
    return file


def test_nothing_is_known_and_nothing_is_made_up():
    found, notes = about(None, {}, Told())
    assert (found.data, found.metrics, found.intended_use, found.limits) == ((), (), "not stated", LIMITS)
    assert (found.known_failures, notes) == ((), [])


def test_the_licence_of_a_packaged_set_is_the_catalogues():
    (data,) = about(None, {"data": "digits"}, Told())[0].data
    assert (data.name, data.domain) == ("digits", "")
    assert data.licence.startswith("CC BY-SA 3.0 (MNIST")
    x, y = about(None, {"x": "emoji/google:train", "y": "emoji/twitter:train"}, Told())[0].data
    assert [(one.name, one.domain) for one in (x, y)] == [("emoji/google:train", "x"), ("emoji/twitter:train", "y")]
    assert "Apache" in x.licence
    assert "CC BY 4.0" in y.licence


def test_of_a_folder_the_licence_is_not_known_and_the_place_not_told(tmp_path):
    (tmp_path / "cats").mkdir()
    for folder in (tmp_path / "cats", Path("/gone/cats")):
        (data,) = about(None, {"data": str(folder)}, Told())[0].data
        assert (data.name, data.licence) == ("cats", "not stated")


def test_what_is_told_counts(tmp_path):
    told = Told(["CC BY 4.0", "MIT"], "To teach.", ["Not for faces."], ["Sevens."])
    found, _ = about(None, {"x": str(tmp_path), "y": "emoji/twitter"}, told)
    assert [data.licence for data in found.data] == ["CC BY 4.0", "MIT"]
    assert (found.intended_use, found.limits) == ("To teach.", (*LIMITS, "Not for faces."))
    assert found.known_failures == ("Sevens.",)
    both, _ = about(None, {"x": "a", "y": "b"}, Told(["CC0"]))
    assert [data.licence for data in both.data] == ["CC0", "CC0"]
    alone, _ = about(None, {}, Told(["CC0"]))
    assert [(data.name, data.licence) for data in alone.data] == [("not named", "CC0")]


def test_more_licences_than_sets_are_refused():
    with pytest.raises(ValueError, match=r"once for each of 1 sets of images. Received: 2 of them"):
        about(None, {"data": "digits"}, Told(["a", "b"]))


def test_figures_of_the_run_are_taken_with_their_protocol(run):
    scores = [Score("KID-EffLite0", 0.01, PROTOCOL, 0.002), Score("coverage", 0.9, PROTOCOL, None, True)]
    write(run, "evaluation.json", {"artifact": "x", "scores": [score.as_dict() for score in scores]})
    found, notes = about(run, {}, Told())
    assert notes == []
    assert [(m.name, m.value, m.error, m.higher_is_better) for m in found.metrics] == [
        ("KID-EffLite0", 0.01, 0.002, False),
        ("coverage", 0.9, None, True),
    ]
    assert found.metrics[0].protocol == PROTOCOL.as_dict()


def test_figures_of_a_translation_are_those_of_its_generator(run):
    figures = {
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
    write(run, "evaluation-f.json", figures)
    assert about(run, {}, Told(), "g")[0].metrics == ()
    metrics = about(run, {}, Told(), "f")[0].metrics
    assert [m.name for m in metrics] == ["KID-EffLite0", "Frechet-EffLite0", "top-1", "top-5", "distance"]
    assert [m.higher_is_better for m in metrics] == [False, False, True, True, False]
    assert metrics[0].protocol["x"] == "photos"
    assert metrics[0].protocol["paired"] is True


def test_figures_of_before_the_last_training_are_left_out(run):
    write(run, "evaluation.json", {"scores": [Score("KID", 0.01, PROTOCOL).as_dict()]}, age=10)
    found, (note,) = about(run, {}, Told())
    assert found.metrics == ()
    assert "is older than the model, and was left out" in note


def test_findings_of_the_training_are_known_failures(run):
    lines = [
        {"kind": "mode_collapse", "step": 10, "evidence": "few digits", "epoch": 1, "remedy": "", "rollback": ""},
        {"kind": "divergence", "step": 12, "evidence": "NaN"},
        {"kind": "mode_collapse", "step": 90, "evidence": "one digit"},
    ]
    write(run, "health.jsonl", "\n".join(map(json.dumps, lines)) + "\n")
    assert about(run, {}, Told(known_failures=["Sevens."]))[0].known_failures == (
        "Sevens.",
        "In training, at step 90, mode collapse: one digit",
        "In training, at step 12, divergence: NaN",
    )


@pytest.mark.parametrize("name", ["evaluation.json", "health.jsonl"])
@pytest.mark.parametrize("content", ["{", "[]", '{"scores": [{"name": 1}]}', "7"])
def test_damaged_files_of_the_run_are_named(run, name, content):
    file = write(run, name, content)
    with pytest.raises(ValueError, match="must be the") as caught:
        about(run, {}, Told())
    assert str(file) in str(caught.value)
