"""Linear probe, beside scikit-learn's pipeline."""

import numpy as np
import pytest
from sklearn.datasets import load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

from keras_gan.metrics import linear_probe


def test_it_is_the_accuracy_of_scikit_learns_pipeline():
    digits = load_digits()
    x, y = digits.data[:900], digits.target[:900]
    reference = make_pipeline(StandardScaler(), LinearSVC(C=0.01, dual=False, random_state=0)).fit(x[:600], y[:600])
    found = linear_probe(x[:600], y[:600], x[600:], y[600:], c=0.01)
    assert found == pytest.approx(reference.score(x[600:], y[600:]), abs=0.005)
    assert found > 0.85


def test_features_without_information_give_chance():
    rng = np.random.default_rng(0)
    y = np.arange(400) % 4
    assert linear_probe(rng.normal(size=(200, 3)), y[:200], rng.normal(size=(200, 3)), y[200:]) < 0.4


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((np.zeros((3, 2)), [0, 1], np.zeros((3, 2)), [0, 1, 1]), "`features`"),
        ((np.full((2, 2), np.nan), [0, 1], np.zeros((2, 2)), [0, 1]), "finite"),
        ((np.zeros((2, 2)), [0, 1], np.zeros((2, 3)), [0, 1]), "same columns"),
        ((np.zeros((2, 2)), [0, 1], np.zeros((2, 2)), [0, 1], 0), "c=0"),
    ],
)
def test_wrong_arguments_are_errors(arguments, message):
    with pytest.raises(ValueError, match=message):
        linear_probe(*arguments)
