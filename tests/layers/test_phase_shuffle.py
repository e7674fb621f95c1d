"""Phase shuffle against NumPy's reflection."""

import keras
import numpy as np
import pytest

from keras_gan.layers import PhaseShuffle
from keras_gan.layers.phase_shuffle import shifted

X = np.random.default_rng(0).normal(size=(2, 9, 3)).astype(np.float32)


def moved(x, shift, most=2):
    padded = np.pad(x, ((0, 0), (most, most), (0, 0)), mode="reflect")
    return padded[:, most - shift : most - shift + x.shape[1]]


@pytest.mark.parametrize("shift", [-2, 0, 1])
def test_a_shift_fills_the_gap_by_reflection(shift):
    np.testing.assert_array_equal(shifted(X, shift, 2), moved(X, shift))
    np.testing.assert_array_equal(shifted(X[:, None], shift, 2), moved(X, shift)[:, None])


def test_each_shift_occurs_in_training_and_none_in_inference():
    layer = PhaseShuffle(2, seed=1)
    np.testing.assert_array_equal(layer(X), X)
    found = set()
    for _ in range(60):
        y = np.asarray(layer(X, training=True))
        found |= {shift for shift in range(-2, 3) if np.array_equal(y, moved(X, shift))}
    assert found == {-2, -1, 0, 1, 2}


def test_it_survives_saving():
    layer = PhaseShuffle.from_config(PhaseShuffle(3, seed=4).get_config())
    assert (layer.shift, layer.seed) == (3, 4)
    assert PhaseShuffle.from_config(keras.layers.serialize(layer)["config"]).shift == 3
    with pytest.raises(ValueError, match=r"`shift` must be at least 0. Received: shift=-1"):
        PhaseShuffle(-1)
