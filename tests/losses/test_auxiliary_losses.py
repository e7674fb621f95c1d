"""Losses of the discriminator's second output, against their formulas in NumPy float64."""

import keras
import numpy as np
import pytest

from keras_gan import losses

RNG = np.random.default_rng(0)


def log_softmax(logits):
    logits = logits.astype(np.float64)
    return logits - np.log(np.exp(logits).sum(-1, keepdims=True))


def test_the_auxiliary_classifier_is_the_formula_of_ac_gan():
    real, fake = RNG.normal(0, 3, (2, 6, 4)).astype(np.float32)
    labels = np.array([0, 1, 2, 3, 3, 0], np.int32)
    of_real, of_fake = (-log_softmax(logits)[np.arange(6), labels].mean() for logits in (real, fake))
    loss = losses.AuxiliaryClassifier(d_weight=0.5, g_weight=2)
    np.testing.assert_allclose(loss.discriminator_loss(real, fake, labels), 0.5 * (of_real + of_fake), rtol=1e-5)
    np.testing.assert_allclose(loss.generator_loss(fake, labels), 2 * of_fake, rtol=1e-5)
    metrics = loss.metrics(real, fake, labels)
    assert set(metrics) == set(loss.metric_names)
    np.testing.assert_allclose(metrics["loss"], of_real + of_fake, rtol=1e-5)
    np.testing.assert_allclose(metrics["accuracy_real"], np.mean(real.argmax(1) == labels), rtol=1e-6)
    np.testing.assert_allclose(metrics["accuracy_fake"], np.mean(fake.argmax(1) == labels), rtol=1e-6)


def densities(values, means, deviation):
    return np.exp(-((values - means) ** 2) / (2 * deviation**2)) / (deviation * np.sqrt(2 * np.pi))


@pytest.mark.parametrize("deviation", [0.5, None])
def test_the_mutual_information_is_the_lower_bound_of_infogan(deviation):
    output = RNG.normal(size=(6, 3 + 2 + 4)).astype(np.float32)
    one, two, values = np.array([0, 1, 2, 2, 0, 1]), np.array([1, 0, 1, 1, 0, 0]), RNG.normal(size=(6, 2))
    target = [np.eye(3, dtype=np.float32)[one], np.eye(2, dtype=np.float32)[two]], values.astype(np.float32)
    rows = np.arange(6)
    categorical = -(log_softmax(output[:, :3])[rows, one] + log_softmax(output[:, 3:5])[rows, two]).mean()
    sigma = np.exp(output[:, 7:].astype(np.float64)) if deviation is None else deviation
    continuous = -np.log(densities(values, output[:, 5:7].astype(np.float64), sigma)).sum(1).mean()
    loss = losses.MutualInformation(categorical_weight=2, continuous_weight=0.3, deviation=deviation)
    expected = 2 * categorical + 0.3 * continuous
    np.testing.assert_allclose(loss.generator_loss(output, target), expected, rtol=1e-5)
    np.testing.assert_allclose(loss.discriminator_loss(None, output, target), expected, rtol=1e-5)
    metrics = loss.metrics(None, output, target)
    np.testing.assert_allclose(metrics["loss"], categorical + continuous, rtol=1e-5)
    right = (output[:, :3].argmax(1) == one).mean(), (output[:, 3:5].argmax(1) == two).mean()
    np.testing.assert_allclose(metrics["accuracy"], np.mean(right), rtol=1e-6)
    np.testing.assert_allclose(metrics["error"], np.abs(output[:, 5:7] - values).mean(), rtol=1e-5)


def test_a_deviation_that_shrinks_to_0_does_not_win():
    loss = losses.MutualInformation(deviation=None)
    target = [], np.zeros((1, 1), np.float32)
    least = loss.generator_loss(np.array([[0.0, -50.0]], np.float32), target)
    np.testing.assert_allclose(least, 0.1 * (np.log(0.05) + 0.5 * np.log(2 * np.pi)), rtol=1e-5)


@pytest.mark.parametrize("loss", [losses.AuxiliaryClassifier(0.5, 2), losses.MutualInformation(1, 0.5, None)])
def test_they_survive_saving(loss):
    loaded = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(loss))
    assert type(loaded) is type(loss)
    assert loaded.get_config() == loss.get_config()


def test_wrong_weights():
    with pytest.raises(ValueError, match=r"`d_weight` must be a finite number, at least 0. Received: d_weight=-1"):
        losses.AuxiliaryClassifier(d_weight=-1)
    with pytest.raises(ValueError, match=r"`deviation` must be positive, or None. Received: deviation=0"):
        losses.MutualInformation(deviation=0)
