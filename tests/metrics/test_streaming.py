"""Tests of the streaming metrics against the metrics of all features at once."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_gan import metrics
from keras_gan.errors import KerasGANWarning


def sample_features(n, d, seed, shift=0.0):
    mixing = np.random.RandomState(99).standard_normal((d, d)) / np.sqrt(d)
    return np.random.RandomState(seed).standard_normal((n, d)) @ mixing + shift


REAL, FAKE = sample_features(500, 20, 1, 100.0), sample_features(430, 20, 2, 100.3)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("size", [1, 37, 200])
def test_it_equals_the_one_shot_result(graph, size):
    real, fake = REAL[:150], FAKE[:130]
    metric = metrics.StreamingFrechet(20)
    update = tf.function(metric.update_state, reduce_retracing=True) if graph else metric.update_state
    for start in range(0, 150, size):
        update(real[start : start + size], fake[start : start + size])
    assert float(metric.result()) == pytest.approx(metrics.frechet_distance(real, fake), rel=1e-9)
    metric.reset_state()
    metric.update_state(real, None)
    assert np.isnan(float(metric.result()))
    metric.update_state(None, real[::-1])
    assert float(metric.result()) == pytest.approx(0, abs=1e-9)


def test_singular_covariances_are_answered():
    few = sample_features(8, 20, 3), sample_features(9, 20, 4)
    metric = metrics.StreamingFrechet(20)
    metric.update_state(*few)
    with pytest.warns(KerasGANWarning, match="8 samples in 20 dimensions"):
        distance = float(metric.result())
    with pytest.warns(KerasGANWarning):
        assert distance == pytest.approx(metrics.frechet_distance(*few), rel=1e-6)
    constant = [np.column_stack([rows, np.full(len(rows), 0.1)]) for rows in (REAL, FAKE)]
    metric = metrics.StreamingFrechet(21)
    metric.update_state(*constant)
    assert float(metric.result()) == pytest.approx(metrics.frechet_distance(REAL, FAKE), rel=1e-6)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("size", [1, 17, 75])
def test_the_kernel_distance_of_blocks(graph, size):
    real, fake = REAL[:130].astype(np.float32), FAKE[:130].astype(np.float32)
    metric = metrics.StreamingKernel(20, block_size=30)
    assert np.isnan(float(metric.result()))
    update = tf.function(metric.update_state, reduce_retracing=True) if graph else metric.update_state
    for start in range(0, 130, size):
        update(real[start : start + size], fake[start : start + size])
    blocks = [metrics.kernel_distance(real[i : i + 30], fake[i : i + 30]).mean for i in range(0, 120, 30)]
    assert float(metric.result()) == pytest.approx(np.mean(blocks), rel=1e-9)
    assert float(metric.standard_error()) == pytest.approx(np.std(blocks, ddof=1) / 2, rel=1e-6)
    metric.reset_state()
    metric.update_state(real[:1], fake[:1])
    assert np.isnan(float(metric.result()))
    metric.update_state(real[1:20], fake[1:20])
    assert float(metric.result()) == pytest.approx(metrics.kernel_distance(real[:20], fake[:20]).mean, rel=1e-9)
    assert np.isnan(float(metric.standard_error()))


def test_the_blocks_have_no_bias():
    """In one dimension the mean of the kernel is a sum of moments up to the third, so the distance is known."""
    random = np.random.default_rng(0)
    metric = metrics.StreamingKernel(1, block_size=10)
    tf.function(metric.update_state)(random.normal(0, 0.5, (40_000, 1)), random.normal(1, 0.5, (40_000, 1)))
    moments = np.array([[1, 0, 0.25, 0], [1, 1, 1 + 0.25, 1 + 3 * 0.25]])
    exact = np.sum(np.array([1, 3, 3, 1]) * (moments[0] - moments[1]) ** 2)
    assert abs(float(metric.result()) - exact) < 3 * float(metric.standard_error())
    assert float(metric.standard_error()) < 0.05 * exact


@pytest.mark.parametrize("from_logits", [False, True])
def test_the_inception_score_of_a_stream(from_logits):
    logits = np.random.RandomState(0).standard_normal((400, 7)) * 3
    answers = logits if from_logits else np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    one, four = (metrics.StreamingInception(7, splits, from_logits) for splits in (1, 4))
    for start in range(0, 400, 37):
        for metric in (one, four):
            metric.update_state(None, answers[start : start + 37])
    whole = metrics.inception_score(answers, splits=1, from_logits=from_logits)
    assert float(one.result()) == pytest.approx(whole.mean, rel=1e-9)
    parts = [metrics.inception_score(answers[i::4], splits=1, from_logits=from_logits).mean for i in range(4)]
    assert float(four.result()) == pytest.approx(np.mean(parts), rel=1e-9)
    assert float(four.standard_deviation()) == pytest.approx(np.std(parts), rel=1e-6)


@pytest.mark.parametrize(
    "metric", [metrics.StreamingFrechet(4), metrics.StreamingKernel(4, 9), metrics.StreamingInception(4, 2, True)]
)
def test_a_metric_comes_back_from_its_config(metric):
    again = type(metric).from_config(metric.get_config())
    assert again.get_config() == metric.get_config()


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="Received: width=0"):
        metrics.StreamingFrechet(0)
    with pytest.raises(ValueError, match=r"Received: shape \(4, 3\)"):
        metrics.StreamingFrechet(5).update_state(np.zeros((4, 3)), None)
    with pytest.raises(ValueError, match="Received: block_size=1"):
        metrics.StreamingKernel(5, block_size=1)
    with pytest.raises(ValueError, match=r"Received: shape \(4, 3\)"):
        metrics.StreamingKernel(5).update_state(np.zeros((4, 5)), np.zeros((4, 3)))
    with pytest.raises(ValueError, match="Received: 4 and 3"):
        metrics.StreamingKernel(5).update_state(np.zeros((4, 5)), np.zeros((3, 5)))
    with pytest.raises(ValueError, match="Received: classes=1"):
        metrics.StreamingInception(1)
    with pytest.raises(ValueError, match=r"Received: shape \(4, 3\)"):
        metrics.StreamingInception(5).update_state(None, np.zeros((4, 3)))


MANY = """
import resource
import sys
import numpy as np
from keras_gan import metrics
random, metric = np.random.default_rng(0), getattr(metrics, sys.argv[1])(2048)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # the memory of TensorFlow itself
for _ in range(50):
    metric.update_state(*random.standard_normal((2, 2000, 2048), np.float32))
print(float(metric.result()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
@pytest.mark.parametrize(("metric", "least", "most"), [("StreamingFrechet", 0, 50), ("StreamingKernel", -0.01, 0.01)])
def test_a_hundred_thousand_rows_take_less_than_a_gigabyte(metric, least, most):
    child = subprocess.run([sys.executable, "-c", MANY, metric], capture_output=True, text=True, check=True)
    distance, kilobytes = map(float, child.stdout.split())
    assert least < distance < most
    assert kilobytes < 1e6


@pytest.mark.parametrize("broken", [np.nan, np.inf])
def test_features_that_are_not_finite_give_no_distance(broken):
    metric = metrics.StreamingFrechet(3)
    rows = np.random.default_rng(0).normal(size=(8, 3))
    metric.update_state(rows, np.where(rows > 1, broken, rows))
    metric.update_state(rows, rows)
    assert np.isnan(metric.result())
