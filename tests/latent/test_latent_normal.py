"""The same seed gives the same z on every runtime, and z is normal."""

from __future__ import annotations

import functools

import keras
import numpy as np
import pytest
import random_graphs
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from keras_gan import latent
from keras_gan.latent.normal import _inverse, _uniform
from keras_gan.latent.threefry import threefry2x32

WORDS = st.integers(0, 2**32 - 1)
SEEDS = st.integers(0, 2**31 - 1)

# From Random123's tests/kat_vectors: threefry2x32 20, the counter, the key, the answer.
KNOWN = """
00000000 00000000 00000000 00000000 6b200159 99ba4efe
ffffffff ffffffff ffffffff ffffffff 1cb996fc bb002be7
243f6a88 85a308d3 13198a2e 03707344 c4923a9c 483df7a0
"""


def test_known_answers():
    c0, c1, k0, k1, a0, a1 = np.array([[int(w, 16) for w in line.split()] for line in KNOWN.split("\n")[1:-1]]).T
    words = [array.astype(np.uint32) for array in (k0, k1, c0, c1)]
    x0, x1 = threefry2x32((words[0], words[1]), (words[2], words[3]))
    assert (x0.dtype, x1.dtype) == (np.uint32, np.uint32)
    np.testing.assert_array_equal((x0, x1), (a0, a1))


def threefry_of_the_paper(key: list[int], counter: list[int]) -> list[int]:
    """Section 4.2 in plain integers, by 64-bit rotations and no array."""
    rotations, mask = [13, 15, 26, 6, 17, 29, 16, 24], 2**32 - 1
    keys = [*key, 0x1BD11BDA ^ key[0] ^ key[1]]
    x = [(c + k) & mask for c, k in zip(counter, keys, strict=False)]
    for r in range(20):
        x[0] = (x[0] + x[1]) & mask
        x[1] = ((x[1] << rotations[r % 8] | x[1] >> (32 - rotations[r % 8])) & mask) ^ x[0]
        if (r + 1) % 4 == 0:
            s = (r + 1) // 4
            x = [(x[0] + keys[s % 3]) & mask, (x[1] + keys[(s + 1) % 3] + s) & mask]
    return x


@given(WORDS, WORDS, WORDS, WORDS)
def test_threefry_is_the_papers(k0, k1, c0, c1):
    arrays = [np.array([word], np.uint32) for word in (k0, k1, c0, c1)]
    drawn = threefry2x32((arrays[0], arrays[1]), (arrays[2], arrays[3]))
    assert [int(x[0]) for x in drawn] == threefry_of_the_paper([k0, k1], [c0, c1])


@pytest.mark.parametrize("runtime", random_graphs.RUNTIMES)
def test_every_runtime_has_the_same_bits(runtime, tmp_path):
    """Words with the sign bit set, too, which a runtime without unsigned integers gets wrong."""

    def bits(k0, k1, c0, c1):
        words = [keras.ops.array(word, "uint32") for word in (k0, k1, c0, c1)]
        drawn = threefry2x32((words[0], words[1]), (words[2], words[3]), keras.ops)
        return keras.ops.array(keras.ops.stack(drawn), "int32")

    rng = np.random.default_rng(0)
    words = rng.integers(-(2**31), 2**31, (4, 500), dtype=np.int64).astype(np.int32)
    words[:, :4] = [0, -1, -(2**31), 2**31 - 1]
    names = ("k0", "k1", "c0", "c1")
    run = random_graphs.written(runtime, bits, {n: tf.TensorSpec((500,), tf.int32) for n in names}, tmp_path)
    expected = threefry2x32(*[tuple(words[i : i + 2].view(np.uint32)) for i in (0, 2)])
    drawn = run(**dict(zip(names, words, strict=True)))
    np.testing.assert_array_equal(drawn.view(np.uint32), expected)


def test_the_inverse_is_the_normal_distributions():
    """Against scipy in float64, on words of the middle and of both tails."""
    words = np.concatenate([np.arange(a, a + 2**20, 512) for a in (0, 2**31 - 2**19, 2**32 - 2**20)])
    words = np.concatenate([words, np.arange(0, 2**32, 100_003)]).astype(np.uint32)
    x = _uniform(words, np)
    np.testing.assert_array_equal(x, (2.0 * (words >> 9) + 1) / 2**23 - 1)
    np.testing.assert_allclose(_inverse(x, np), special.ndtri((x.astype(float) + 1) / 2), rtol=0, atol=2e-6)


def drawing(runtime, batch, dim, folder):
    spec = tf.TensorSpec((batch if runtime == "tflite" else None,), tf.int32)
    specs = {"seed": spec, "index": spec}
    return random_graphs.written(runtime, lambda s, i: latent.normal(s, i, dim, keras.ops), specs, folder)


@pytest.mark.parametrize("runtime", random_graphs.RUNTIMES)
@pytest.mark.parametrize(("batch", "dim"), [(1, 1), (8, 128)])
def test_every_runtime_computes_the_same_z(runtime, batch, dim, tmp_path):
    run = drawing(runtime, batch, dim, tmp_path)
    for seed in (0, 7, 2**31 - 1):
        z = run(seed=np.full(batch, seed, np.int32), index=np.arange(batch, dtype=np.int32))
        assert (z.dtype, z.shape) == (np.float32, (batch, dim))
        np.testing.assert_allclose(z, latent.sample(batch, dim, seed), rtol=0, atol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize("batch", [1, 3, 8])
@pytest.mark.parametrize("runtime", random_graphs.RUNTIMES[1:])
def test_ten_thousand_seeds(runtime, batch, tmp_path):
    """The largest difference from NumPy over 10,000 seeds, in batches of any size."""
    run, dim = drawing(runtime, batch, 128, tmp_path), 128
    seeds = np.random.default_rng(batch).integers(0, 2**31, 10_000).astype(np.int32)
    for start in range(0, len(seeds) - batch + 1, batch):
        rows = seeds[start : start + batch]
        z = run(seed=rows, index=np.arange(batch, dtype=np.int32))
        np.testing.assert_allclose(z, latent.normal(rows, np.arange(batch), dim), rtol=0, atol=1e-5)


@given(SEEDS, st.integers(1, 20), st.integers(1, 33))
def test_a_row_is_a_function_of_its_seed_and_index(seed, n, dim):
    together = latent.sample(n, dim, seed)
    alone = [latent.normal(np.array([seed]), np.array([i]), dim)[0] for i in range(n)]
    np.testing.assert_allclose(together, alone, rtol=0, atol=1e-6)


@given(SEEDS, st.integers(1, 9), st.floats(0, 2))
def test_truncation_scales(seed, dim, truncation):
    z = latent.sample(3, dim, seed)
    np.testing.assert_array_equal(latent.sample(3, dim, seed, truncation), z * np.float32(truncation))


@functools.cache
def streams() -> dict[str, np.ndarray]:
    """Arrays (n, 64) that should each look like independent normal numbers."""
    seeds, zeros = np.arange(20_000), np.zeros(20_000, int)
    return {
        "one seed": latent.sample(20_000, 64, seed=3),
        "neighbouring seeds": latent.normal(seeds, zeros, 64),
        "seeds 2**16 apart": latent.normal(seeds * 2**16 % 2**31, zeros, 64),
    }


STREAMS = ("one seed", "neighbouring seeds", "seeds 2**16 apart")


@pytest.mark.parametrize("name", STREAMS)
def test_z_is_normal(name):
    z = streams()[name].astype(np.float64)
    assert stats.kstest(z.ravel(), "norm").pvalue > 1e-3
    by_dimension = np.array([stats.kstest(z[:, d], "norm").pvalue for d in range(z.shape[1])])
    assert by_dimension.min() > 1e-3 / z.shape[1]
    assert stats.kstest(by_dimension, "uniform").pvalue > 1e-3
    assert stats.kstest(np.square(z).sum(1), "chi2", (z.shape[1],)).pvalue > 1e-3
    assert abs(stats.kurtosis(z.ravel())) < 5 * np.sqrt(24 / z.size)


@pytest.mark.parametrize("name", STREAMS)
def test_nothing_is_correlated(name):
    z = streams()[name].astype(np.float64)
    n, dim = z.shape
    # Correlations between dimensions and between neighbouring rows, also of their squares.
    for values in (z, (z**2 - 1) / np.sqrt(2)):
        same, next_row = values.T @ values / n, values[:-1].T @ values[1:] / (n - 1)
        pairs = np.concatenate([same[np.triu_indices(dim, 1)], next_row.ravel()])
        assert np.abs(pairs).max() * np.sqrt(n) < 6.5
        assert stats.kstest(pairs * np.sqrt(n), "norm").pvalue > 1e-3
