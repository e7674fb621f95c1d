"""Tests of the cache of features: a hit for the same images and extractor, and a miss for anything else."""

import hashlib
import io
import os

import numpy as np
import pytest

from keras_gan import callbacks, metrics
from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.extractors import feature_cache


class Counting(metrics.UserExtractor):
    """Mean over the pixels, with a count of the calls."""

    def __init__(self, version="1", name="means", **options):
        super().__init__(self.means, name, version, **options)
        self.calls = 0

    def means(self, images):
        self.calls += 1
        return images.mean(axis=(1, 2)) * [[1, 2, 3, 4]] + int(self.version)


@pytest.fixture(autouse=True)
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "features"


@pytest.fixture
def means():
    return Counting()


def test_it_computes_once(images, means, folder):
    first = metrics.real_features(images, means)
    np.testing.assert_array_equal(first, means.features(images))
    assert means.calls == 2
    again = metrics.real_features(images.copy(), Counting())
    np.testing.assert_array_equal(again, first)
    assert again.dtype == np.float32
    assert len(list(folder.iterdir())) == 1  # and no incomplete file
    metrics.real_features(images, means)
    assert means.calls == 2
    metrics.real_features(images, means, cache=False)
    assert means.calls == 3


def change_a_pixel(images):
    images = images.copy()
    images[7, 3, 3, 0] += np.float32(1e-3)
    return images


@pytest.mark.parametrize(
    ("change", "options"),
    [
        (change_a_pixel, {}),
        (lambda images: images[:-1], {}),
        (lambda images: images[::-1], {}),
        (lambda images: images.reshape(64, 4, 16, 1), {}),
        (lambda images: images.astype(np.float64), {}),
        (lambda images: images, {"version": "2"}),
        (lambda images: images, {"name": "others"}),
        (lambda images: images, {"resize": "by hand"}),
        (lambda images: images, {"input_size": 8}),
    ],
)
def test_anything_that_changed_is_computed_again(images, means, folder, change, options):
    metrics.real_features(images, means)
    other = Counting(**options)
    changed = change(images)
    np.testing.assert_array_equal(metrics.real_features(changed, other), other.features(changed))
    assert other.calls == 2
    assert len(list(folder.iterdir())) == 2


def test_another_range_or_library_is_computed_again(images, means, monkeypatch):
    metrics.real_features(images, means)
    metrics.real_features(images, means, (-2.0, 2.0))
    assert means.calls == 2
    monkeypatch.setattr("keras_gan.__version__", "0.0.1")
    metrics.real_features(images, means)
    assert means.calls == 3
    monkeypatch.setattr(feature_cache, "_version", lambda package: "7")
    metrics.real_features(images, means)
    assert means.calls == 4


@pytest.mark.parametrize(
    "damage",
    [
        lambda content: b"",
        lambda content: content[: len(content) // 2],
        lambda content: content[:-1] + bytes([content[-1] ^ 1]),
        lambda content: bytes([content[0] ^ 1]) + content[1:],
        lambda content: content + b"\0",
    ],
)
def test_a_damaged_file_is_replaced(images, means, folder, damage):
    right = metrics.real_features(images, means)
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    file.write_bytes(damage(whole))
    np.testing.assert_array_equal(metrics.real_features(images, means), right)
    assert means.calls == 2
    assert file.read_bytes() == whole


def test_no_pickle_is_loaded(images, means, folder):
    """Not even a pickle with the correct hash."""
    metrics.real_features(images, means)
    (file,) = folder.iterdir()
    content = io.BytesIO()
    np.save(content, np.array([print], object), allow_pickle=True)
    file.write_bytes(hashlib.sha256(bytes.fromhex(file.stem) + content.getvalue()).digest() + content.getvalue())
    with pytest.raises(ValueError, match="allow_pickle=False"):
        metrics.real_features(images, means)


def test_the_file_of_other_images_is_not_used(images, means, folder):
    metrics.real_features(images, means)
    (one,) = folder.iterdir()
    other = change_a_pixel(images)
    metrics.real_features(other, means)
    (two,) = set(folder.iterdir()) - {one}
    two.write_bytes(one.read_bytes())
    np.testing.assert_array_equal(metrics.real_features(other, means), means.features(other))


def test_a_function_without_a_version_is_not_cached(images, folder):
    metrics.real_features(images, lambda images: images)
    assert not folder.exists()


def test_a_folder_that_cannot_be_written_is_warned_about(images, means, tmp_path):
    (tmp_path / "cache").write_text("a file")
    with pytest.warns(KerasGANWarning, match="KERAS_GAN_CACHE"):
        features = metrics.real_features(images, means)
    np.testing.assert_array_equal(features, means.features(images))


def test_the_oldest_go(images, means, folder, monkeypatch):
    metrics.real_features(images[:10], means)
    (oldest,) = folder.iterdir()
    metrics.real_features(images[:11], means)
    os.utime(oldest, (1, 1))
    size = oldest.stat().st_size
    monkeypatch.setattr(feature_cache, "LIMIT", 3 * size)
    metrics.real_features(images[:12], means)
    assert not oldest.exists()
    assert len(list(folder.iterdir())) == 2


def test_the_folder_is_the_platforms_own_without_the_variable(monkeypatch, tmp_path):
    monkeypatch.delenv("KERAS_GAN_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert feature_cache.cache_folder().name == "keras_gan"


def test_scores_and_the_callback_use_it(images, means):
    others = np.random.default_rng(1).uniform(-1, 1, images.shape).astype(np.float32)
    first = metrics.generation_scores(images, others, means)
    assert means.calls == 2
    assert metrics.generation_scores(images, others, means) == first
    assert means.calls == 3
    metrics.generation_scores(images, others, means, cache=False)
    assert means.calls == 5
    callback = callbacks.Evaluation(images, means)
    callback.set_model(FakeModel(others))
    callback.on_epoch_end(0, {})
    assert callback.scores == first
    assert means.calls == 6


class FakeModel:
    """The part of a model that the callback uses."""

    image_range = (-1.0, 1.0)

    def __init__(self, images):
        self.images = images

    def generate(self, n, seed):
        return self.images[:n]
