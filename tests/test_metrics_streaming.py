"""Features that come batch by batch give what all of them at once give."""

import subprocess
import sys

import numpy as np
import pytest
import tensorflow as tf

from keras_gan import metrics
from keras_gan.errors import KerasGANWarning


def draw(n, d, seed, shift=0.0):
    mixing = np.random.RandomState(99).standard_normal((d, d)) / np.sqrt(d)
    return np.random.RandomState(seed).standard_normal((n, d)) @ mixing + shift


REAL, FAKE = draw(500, 20, 1, 100.0), draw(430, 20, 2, 100.3)


@pytest.mark.parametrize("graph", [False, True])
@pytest.mark.parametrize("size", [1, 37, 600])
def test_it_equals_the_one_shot_result(graph, size):
    metric = metrics.StreamingFrechet(20)
    update = tf.function(metric.update_state, reduce_retracing=True) if graph else metric.update_state
    for start in range(0, 500, size):
        update(REAL[start : start + size], FAKE[start : start + size])
    assert float(metric.result()) == pytest.approx(metrics.frechet_distance(REAL, FAKE), rel=1e-9)
    metric.reset_state()
    metric.update_state(REAL, None)
    assert np.isnan(float(metric.result()))
    metric.update_state(None, REAL[::-1])
    assert float(metric.result()) == pytest.approx(0, abs=1e-9)


def test_singular_covariances_are_answered():
    few = draw(8, 20, 3), draw(9, 20, 4)
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


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="Received: width=0"):
        metrics.StreamingFrechet(0)
    with pytest.raises(ValueError, match=r"Received: shape \(4, 3\)"):
        metrics.StreamingFrechet(5).update_state(np.zeros((4, 3)), None)


MANY = """
import resource
import numpy as np
from keras_gan import metrics
random, metric = np.random.default_rng(0), metrics.StreamingFrechet(2048)
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # TensorFlow's own
for _ in range(50):
    metric.update_state(*random.standard_normal((2, 2000, 2048), np.float32))
print(float(metric.result()), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


@pytest.mark.slow
def test_a_hundred_thousand_rows_take_less_than_a_gigabyte():
    child = subprocess.run([sys.executable, "-c", MANY], capture_output=True, text=True, check=True)
    distance, kilobytes = map(float, child.stdout.split())
    assert 0 < distance < 50
    assert kilobytes < 1e6
