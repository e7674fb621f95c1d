"""The proof that a SavedModel runs where TensorFlow chooses its other CPU kernels."""

from __future__ import annotations

import contextlib
import json
import platform
import subprocess
import sys

import export_models as models
import pytest

from keras_gan.export import ExportError, export_generator
from keras_gan.export.formats import saved_model
from keras_gan.export.parity import other_processors

X86_64 = pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="oneDNN is a default of x86-64 alone")
# The function itself: when the tests run, `conftest.py` has put another in its place.
PROBLEMS = other_processors.problems


@pytest.fixture
def checked(monkeypatch):
    monkeypatch.setattr(other_processors, "problems", PROBLEMS)


@pytest.fixture
def child(monkeypatch, checked):
    """The process that is started, which ends at once with what the list says; gives how it was called."""
    calls, answer = [], [0, "[]", ""]

    def run(command, **options):
        calls.append((command, options))
        return subprocess.CompletedProcess(command, *answer)

    monkeypatch.setattr(other_processors.subprocess, "run", run)
    monkeypatch.setattr(platform, "machine", lambda: "x86_64")
    return calls, answer


def export(gan, folder, **options):
    return export_generator(gan, folder, ["saved_model"], batch_sizes=[1], **options)


@X86_64
@pytest.mark.usefixtures("checked", "without_seeds")
def test_grouped_convolutions_run_with_onednn_and_without(tmp_path):
    export(models.grouped(), tmp_path)


@X86_64
@pytest.mark.slow
@pytest.mark.usefixtures("checked", "without_seeds")
def test_what_runs_with_onednn_alone_is_refused_on_every_processor(tmp_path, monkeypatch):
    monkeypatch.setattr(saved_model, "grouped_convolutions_unfused", contextlib.nullcontext)
    with pytest.raises(ExportError) as caught:
        export(models.grouped(), tmp_path / "new")
    assert not (tmp_path / "new").exists()
    assert all("does not support grouped convolutions" in problem for problem in caught.value.problems)
    if other_processors.onednn_is_on():
        begins = "saved_model: with TF_ENABLE_ONEDNN_OPTS=0, TensorFlow's default on other processors: batch {}: "
        expected = [begins.format(n) for n in (1, 8)]
        assert [problem[: len(one)] for problem, one in zip(caught.value.problems, expected, strict=True)] == expected


@pytest.mark.parametrize(("on", "switched"), [(True, "0"), (False, "1")])
def test_the_other_kernels_are_chosen(child, tmp_path, monkeypatch, on, switched):
    calls, _ = child
    monkeypatch.setattr(other_processors, "onednn_is_on", lambda: on)
    export(models.mlp(), tmp_path)
    ((command, options),) = calls
    assert command == [sys.executable, "-m", "keras_gan.export.parity.other_processors"]
    assert options["env"]["TF_ENABLE_ONEDNN_OPTS"] == switched
    entries = json.loads(options["input"])["entries"]
    assert [entry["signature"] for entry in entries] == ["serving_default", "generate", "png"]


@pytest.mark.usefixtures("without_seeds")
def test_a_process_that_is_killed_is_a_problem(child, tmp_path):
    child[1][:] = [-4, "", "something\nIllegal instruction\n"]
    with pytest.raises(ExportError) as caught:
        export(models.mlp(), tmp_path)
    (problem,) = caught.value.problems
    assert problem.startswith("saved_model: with TF_ENABLE_ONEDNN_OPTS=")
    assert problem.endswith("its process ends with code -4: Illegal instruction")


@pytest.mark.usefixtures("without_seeds")
def test_it_is_done_for_a_saved_model_that_is_right_here_and_nothing_else(child, tmp_path, monkeypatch):
    calls, _ = child
    export_generator(models.mlp(), tmp_path, ["tflite"], batch_sizes=[1])
    with pytest.raises(ExportError):
        export(models.through(models.BatchMoments()), tmp_path)
    monkeypatch.setattr(platform, "machine", lambda: "aarch64")
    export(models.mlp(), tmp_path)
    assert calls == []


@pytest.mark.usefixtures("without_seeds")
def test_images_are_compared_there_too(child, tmp_path):
    child[1][1] = json.dumps([["saved_model", "batch 1: a pixel is 0.5 from Keras's, more than the tolerance 0.0001"]])
    with pytest.raises(ExportError, match=r"default on other processors: batch 1: a pixel is 0.5 from Keras's"):
        export(models.mlp(), tmp_path)
