"""Laws of the latent space."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from keras_gan import latent

SEEDS = st.integers(0, 2**31 - 1)


@given(SEEDS, st.integers(0, 20), st.integers(0, 20), st.integers(1, 40))
def test_a_larger_sample_begins_with_the_smaller(seed, few, more, dim):
    few, more = sorted((few, more))
    np.testing.assert_array_equal(latent.sample(few, dim, seed), latent.sample(more, dim, seed)[:few])


def test_the_prior_is_standard_normal():
    z = latent.sample(20_000, 8, seed=1)
    assert z.dtype == np.float32
    np.testing.assert_allclose(z.mean(0), 0, atol=0.03)
    np.testing.assert_allclose(np.cov(z.T), np.eye(8), atol=0.05)
    assert np.abs(latent.sample(4, 8, 2) - z[:4]).max() > 0.1
    assert np.abs(latent.sample(4, 8, None) - latent.sample(4, 8, None)).max() > 0.1


@given(SEEDS, st.integers(2, 30), st.integers(2, 12))
def test_paths_begin_and_end_where_they_should(seed, dim, steps):
    a, b = latent.sample(2, dim, seed)
    for path in (latent.lerp(a, b, steps), latent.slerp(a, b, steps)):
        assert path.shape == (steps, dim)
        np.testing.assert_allclose(path[0], a, atol=1e-5)
        np.testing.assert_allclose(path[-1], b, atol=1e-5)
    np.testing.assert_allclose(latent.slerp(a, b, steps), latent.slerp(b, a, steps)[::-1], atol=1e-4)


@given(SEEDS, st.integers(3, 30))
def test_slerp_keeps_the_length_and_turns_evenly(seed, dim):
    a, b = latent.sample(2, dim, seed).astype(np.float64)
    a, b = a / np.linalg.norm(a), b / np.linalg.norm(b)
    path = latent.slerp(a, b, 7).astype(np.float64)
    np.testing.assert_allclose(np.linalg.norm(path, axis=1), 1, atol=1e-5)
    cosines = np.sum(path[1:] * path[:-1], axis=1)
    np.testing.assert_allclose(cosines, np.cos(np.arccos(a @ b) / 6), atol=1e-5)


def test_slerp_without_an_arc_is_straight():
    a = np.array([1.0, 2.0], np.float32)
    for b in (a * 3, -a, a * 0, a):
        np.testing.assert_allclose(latent.slerp(a, b, 5), latent.lerp(a, b, 5), atol=1e-6)


@given(SEEDS, st.integers(1, 20), st.integers(2, 9), st.floats(0.1, 5))
def test_a_walk_moves_one_dimension_alone(seed, dim, steps, span):
    z = latent.sample(1, dim, seed)[0]
    moved = seed % dim
    path = latent.walk_dimension(z, moved, steps, span)
    np.testing.assert_allclose(path[:, moved], np.linspace(-span, span, steps), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(np.delete(path, moved, 1), np.delete(np.tile(z, (steps, 1)), moved, 1))


@given(SEEDS, st.integers(1, 20), st.integers(2, 9), st.floats(0.1, 5))
def test_a_walk_along_a_direction_has_its_start_in_the_middle(seed, dim, steps, span):
    z, direction = latent.sample(2, dim, seed).astype(np.float64)
    path = latent.walk_direction(z, direction, steps, span)
    np.testing.assert_allclose(path.mean(0), z, atol=1e-5)
    np.testing.assert_allclose(path[-1] - path[0], 2 * span * direction, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    "call",
    [
        lambda: latent.sample(-1, 3),
        lambda: latent.sample(1, 0),
        lambda: latent.sample(1, 3, seed=-2),
        lambda: latent.sample(1, 3, seed=2**31),
        lambda: latent.sample(1, 3, seed=7.0),
        lambda: latent.sample(1, 3, seed=True),
        lambda: latent.sample(1, 3, truncation=-0.1),
        lambda: latent.sample(1, 3, truncation=np.nan),
        lambda: latent.walk_dimension(np.zeros((1, 3)), 0),
        lambda: latent.walk_dimension(np.zeros(3), 3),
        lambda: latent.walk_dimension(np.zeros(3), -1),
        lambda: latent.walk_dimension(np.zeros(3), 0, steps=1),
        lambda: latent.walk_direction(np.zeros(3), np.zeros(4)),
        lambda: latent.walk_direction(np.zeros(3), np.zeros(3), steps=1),
        lambda: latent.lerp(np.zeros(3), np.zeros(4)),
        lambda: latent.slerp(np.zeros((1, 3)), np.zeros((1, 3))),
        lambda: latent.slerp(np.zeros(3), np.ones(3), steps=1),
    ],
)
def test_wrong_arguments_are_named(call):
    with pytest.raises(ValueError, match="Received"):
        call()
