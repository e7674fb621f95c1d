"""Tests of scores, their protocols, and extractors that wrap functions or InceptionV3."""

import dataclasses
import json

import keras
import numpy as np
import pytest

import keras_gan
from keras_gan import metrics
from keras_gan.metrics.extractors.user_extractor import as_extractor


def halves(images):
    return images.reshape(len(images), 2, -1).mean(axis=2)


EXTRACTOR = metrics.UserExtractor(halves, "halves", "1")
PROTOCOL = metrics.EvaluationProtocol.of(EXTRACTOR, 100, 50, "digits:train", 7)
OTHERS = {
    "extractor": "thirds",
    "version": "2",
    "input_size": 32,
    "resize": "bicubic",
    "real_images": 99,
    "fake_images": 51,
    "split": "digits:test",
    "seed": 8,
    "keras_gan": "9.9",
}


def test_a_score_is_kept_with_its_protocol():
    score = metrics.Score("KID-halves", 0.25, PROTOCOL, error=0.125)
    assert metrics.Score.from_dict(json.loads(json.dumps(score.as_dict()))) == score
    assert score.protocol.keras_gan == keras_gan.__version__
    assert str(score) == "KID-halves 0.25 +- 0.12"
    assert set(OTHERS) == set(PROTOCOL.as_dict())


def test_scores_of_one_protocol_are_compared():
    low, high = (metrics.Score("KID-halves", value, PROTOCOL) for value in (0.25, 0.5))
    assert high - low == 0.25
    assert low.better_than(high)
    assert not low.better_than(low)
    few, many = (metrics.Score("recall", value, PROTOCOL, higher_is_better=True) for value in (0.25, 0.5))
    assert many.better_than(few)
    assert not metrics.Score("KID-halves", float("nan"), PROTOCOL).better_than(high)


@pytest.mark.parametrize("field", OTHERS)
def test_scores_of_other_protocols_are_not(field):
    ours = metrics.Score("KID-halves", 0.25, PROTOCOL)
    theirs = metrics.Score("KID-halves", 0.5, dataclasses.replace(PROTOCOL, **{field: OTHERS[field]}))
    for compare in (ours.better_than, ours.__sub__):
        with pytest.raises(ValueError, match=f"same protocol to compare. Received: {field} .* and {OTHERS[field]!r}"):
            compare(theirs)


def test_scores_of_other_metrics_are_not():
    with pytest.raises(ValueError, match="Received: KID-halves and recall"):
        metrics.Score("KID-halves", 0.25, PROTOCOL) - metrics.Score("recall", 0.5, PROTOCOL)


@pytest.mark.parametrize("image_range", [(-1, 1), (0, 1)])
def test_a_function_is_given_images_of_one_range(image_range):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 4, 4, 1), np.uint8)
    low, high = image_range
    floats = pixels / 255 * (high - low) + low
    expected = halves(pixels / 127.5 - 1)
    np.testing.assert_allclose(EXTRACTOR.features(pixels), expected, atol=1e-6)
    np.testing.assert_allclose(EXTRACTOR.features(floats, image_range), expected, atol=1e-6)
    assert isinstance(EXTRACTOR, metrics.FeatureExtractor)
    maps = metrics.UserExtractor(lambda images: images, "pixels", "1")
    assert maps.features(pixels).shape == (6, 16)


def test_what_can_be_an_extractor():
    assert as_extractor(EXTRACTOR) is EXTRACTOR
    assert isinstance(as_extractor(None), metrics.EfficientNetLite0)
    assert as_extractor(halves).protocol()["extractor"] == "halves"
    with pytest.raises(ValueError, match="Received: str"):
        as_extractor("inception")
    with pytest.raises(ValueError, match="Received: name=''"):
        metrics.UserExtractor(halves, "", "1")
    with pytest.raises(ValueError, match="a row of features for each of 2 images"):
        metrics.UserExtractor(lambda images: images[0], "first", "1").features(np.zeros((2, 4, 4, 1)))


def small_inception(include_top, weights, pooling, input_shape):
    """A small network in place of InceptionV3, which takes long to build."""
    assert (include_top, weights, pooling) == (False, None, "avg")
    layers = [keras.Input(input_shape), keras.layers.Conv2D(8, 3), keras.layers.GlobalAveragePooling2D()]
    return keras.Sequential(layers)


@pytest.mark.parametrize("network_of", [small_inception, pytest.param(None, marks=pytest.mark.slow)])
def test_inception_takes_weights_from_a_file(network_of, tmp_path, monkeypatch):
    if network_of is not None:
        monkeypatch.setattr(keras.applications, "InceptionV3", network_of)
    network = keras.applications.InceptionV3(include_top=False, weights=None, pooling="avg", input_shape=(75, 75, 3))
    file = tmp_path / "inception.weights.h5"
    network.save_weights(file)
    extractor = metrics.InceptionV3(file, input_size=75, batch_size=2)
    assert isinstance(extractor, metrics.FeatureExtractor)
    images = np.random.default_rng(0).integers(0, 256, (3, 75, 75, 3), np.uint8)
    inputs = keras.applications.inception_v3.preprocess_input(images.astype(np.float32))
    np.testing.assert_allclose(extractor.features(images), network.predict_on_batch(inputs), atol=1e-5)
    protocol = extractor.protocol()
    assert protocol["extractor"] == "KerasInception@75"
    assert protocol["version"].startswith("SHA-256 ")


def test_inception_without_its_weights_says_what_to_do(monkeypatch):
    def fail(*args, **kwargs):
        raise OSError("no network")

    monkeypatch.setattr(keras.utils, "get_file", fail)
    with pytest.raises(RuntimeError, match=r"no network.*use EfficientNetLite0"):
        metrics.InceptionV3().features(np.zeros((1, 8, 8, 3), np.uint8))
    with pytest.raises(FileNotFoundError, match=r"Received: weights=.nowhere\.h5"):
        metrics.InceptionV3("nowhere.h5")
