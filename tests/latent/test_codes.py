"""Codes at the start of z: set and read in NumPy, and encoded by the layer of the network."""

import numpy as np
import pytest

from keras_gan import latent
from keras_gan.layers import LatentCodes

CODES = latent.Codes(categorical=(3, 2), continuous=2)


def test_codes_that_are_set_are_read_and_the_rest_of_z_stays():
    z = latent.sample(4, 10, seed=1)
    changed = CODES.set(z, categorical=[2, 1], continuous=[0.5, -2])
    categorical, continuous = CODES.values(changed)
    np.testing.assert_array_equal(categorical, [[2, 1]] * 4)
    np.testing.assert_array_equal(continuous, [[0.5, -2]] * 4)
    np.testing.assert_array_equal(changed[:, CODES.length :], z[:, CODES.length :])
    np.testing.assert_array_equal(CODES.set(z), z)
    rows = CODES.set(z, categorical=[[0, 0], [1, 1], [2, 0], [0, 1]])
    np.testing.assert_array_equal(CODES.values(rows)[0], [[0, 0], [1, 1], [2, 0], [0, 1]])
    np.testing.assert_array_equal(CODES.values(rows)[1], CODES.values(z)[1])


def test_the_layer_encodes_the_same_codes():
    z = latent.sample(64, 10, seed=1)
    layer = LatentCodes(CODES.categorical, CODES.continuous)
    encoded = np.asarray(layer(z))
    categorical, continuous = CODES.values(z)
    expected = np.concatenate([np.eye(3)[categorical[:, 0]], np.eye(2)[categorical[:, 1]], z[:, 5:]], axis=1)
    np.testing.assert_allclose(encoded, expected, atol=1e-7)
    blocks, values = layer.split(encoded)
    np.testing.assert_array_equal(np.asarray(blocks[1]).argmax(1), categorical[:, 1])
    np.testing.assert_array_equal(values, continuous)


def test_each_value_of_a_code_is_equally_likely():
    values, _ = CODES.values(latent.sample(3000, 10, seed=0))
    counts = np.bincount(values[:, 0], minlength=3)
    assert np.all(np.abs(counts - 1000) < 4 * np.sqrt(3000 * 2 / 9))


def test_wrong_codes():
    z = latent.sample(2, 10)
    with pytest.raises(ValueError, match=r"with one code at least. Received: categorical=\(\), continuous=0"):
        latent.Codes()
    with pytest.raises(ValueError, match=r"Code 1 must be from 0 to 1. Received: \[2, 2\]"):
        CODES.set(z, categorical=[0, 2])
    with pytest.raises(
        ValueError, match=r"`categorical` must be of shape \(2,\) or \(2, 2\). Received: shape \(2, 1\)"
    ):
        CODES.set(z, categorical=1)
    with pytest.raises(ValueError, match=r"`z` must be of shape \(n, at least 7\). Received: shape \(2, 4\)"):
        CODES.set(latent.sample(2, 4), categorical=[0, 0])
