"""oneDNN: enabled before TensorFlow is imported, and advised where it is too late."""

import os
import sys
import warnings

import pytest

from keras_gan.errors import KerasGANWarning
from keras_gan.models.onednn_advice import advise_onednn
from keras_gan.utils import onednn


@pytest.fixture
def fresh(monkeypatch):
    """A process on Linux and x86-64 without a GPU that has not imported TensorFlow."""
    monkeypatch.delenv(onednn.SWITCH, raising=False)
    monkeypatch.delitem(sys.modules, "tensorflow")
    monkeypatch.setattr(onednn, "is_supported", lambda: True)
    monkeypatch.setattr(onednn, "has_gpu", lambda: False)
    return monkeypatch


def test_onednn_is_enabled_before_tensorflow_is_imported(fresh):
    onednn.enable_onednn()
    assert os.environ[onednn.SWITCH] == "1"


def test_a_setting_of_the_user_stays(fresh):
    fresh.setenv(onednn.SWITCH, "0")
    onednn.enable_onednn()
    assert os.environ[onednn.SWITCH] == "0"


@pytest.mark.parametrize("where", ["after TensorFlow", "on a GPU", "on another processor"])
def test_nothing_is_enabled(fresh, where):
    if where == "after TensorFlow":
        fresh.setitem(sys.modules, "tensorflow", None)
    elif where == "on a GPU":
        fresh.setattr(onednn, "has_gpu", lambda: True)
    else:
        fresh.setattr(onednn, "is_supported", lambda: False)
    onednn.enable_onednn()
    assert onednn.SWITCH not in os.environ


@pytest.mark.parametrize(
    ("device", "visible", "expected"),
    [(True, None, True), (True, "0,1", True), (True, "-1", False), (True, "", False), (False, "0", False)],
)
def test_a_gpu_is_found_without_tensorflow(monkeypatch, tmp_path, device, visible, expected):
    if device:
        (tmp_path / "nvidia0").touch()
    monkeypatch.setattr(onednn, "_GPUS", (str(tmp_path / "nvidia0"),))
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if visible is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert onednn.has_gpu() is expected


@pytest.fixture
def advise(monkeypatch):
    """`advise_onednn` as if it had not been called, on Linux and x86-64 with oneDNN off."""
    monkeypatch.delenv(onednn.SWITCH, raising=False)
    monkeypatch.setattr(onednn, "is_supported", lambda: True)
    monkeypatch.setattr(onednn, "onednn_is_on", lambda: False)
    advise_onednn.cache_clear()
    yield advise_onednn
    advise_onednn.cache_clear()


def test_training_without_onednn_gives_advice_once(advise):
    with pytest.warns(KerasGANWarning, match="set TF_ENABLE_ONEDNN_OPTS=1, or import keras_gan, before TensorFlow"):
        advise()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        advise()


@pytest.mark.parametrize("why", ["oneDNN is on", "the user turned it off"])
def test_no_advice_is_given(advise, monkeypatch, why):
    if why == "oneDNN is on":
        monkeypatch.setattr(onednn, "onednn_is_on", lambda: True)
    else:
        monkeypatch.setenv(onednn.SWITCH, "0")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        advise()
