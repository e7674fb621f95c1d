"""Tests of sliced Wasserstein, MS-SSIM, path length and copying against SciPy, TensorFlow and scikit-learn."""

import itertools

import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st

import keras_gan
from keras_gan import metrics
from keras_gan.images import to_uint8
from keras_gan.metrics.similarity.structural_similarity import POWERS

SEEDS = st.integers(0, 2**32 - 1)


def sample_features(n, d, seed, shift=0.0):
    return np.random.RandomState(seed).standard_normal((n, d)) + shift


@given(SEEDS, st.integers(1, 30), st.integers(1, 30))
def test_one_dimension_is_scipys_wasserstein_distance(seed, n, m):
    stats = pytest.importorskip("scipy.stats")
    x, y = sample_features(n, 1, seed), 2 * sample_features(m, 1, seed // 2 + 1, 0.5)
    theirs = stats.wasserstein_distance(x[:, 0], y[:, 0])
    assert metrics.sliced_wasserstein(x, y, projections=1, p=1) == pytest.approx(theirs, rel=1e-9)


@pytest.mark.parametrize("p", [1, 2])
def test_slices_by_scipy(p):
    """For p = 2 the distance of sets of equal size is that of the best assignment."""
    optimize, stats = pytest.importorskip("scipy.optimize"), pytest.importorskip("scipy.stats")
    x, y = sample_features(40, 5, 1), sample_features(40, 5, 2, 0.3)
    directions = np.random.RandomState(7).standard_normal((100, 5))
    costs = []
    for u in directions / np.linalg.norm(directions, axis=1, keepdims=True):
        if p == 1:
            costs.append(stats.wasserstein_distance(x @ u, y @ u))
        else:
            squares = ((x @ u)[:, None] - y @ u) ** 2
            costs.append(squares[optimize.linear_sum_assignment(squares)].mean())
    distance = metrics.sliced_wasserstein(x, y, projections=100, p=p, seed=7)
    assert distance == pytest.approx(np.mean(costs) ** (1 / p), rel=1e-10)


def test_a_shift_is_seen_from_every_direction():
    """W_2 of a set and the set shifted by v is |u.v|, and E (u.v)^2 = |v|^2 / d."""
    x, v = sample_features(200, 6, 0), np.array([3.0, 0, 0, 4, 0, 0])
    expected = 5 / np.sqrt(6)
    assert metrics.sliced_wasserstein(x, x + v, projections=20_000) == pytest.approx(expected, rel=0.02)
    assert metrics.sliced_wasserstein(x, x[::-1]) == 0
    assert metrics.sliced_wasserstein(np.repeat(x, 3, axis=0), x) == pytest.approx(0, abs=1e-12)


def tensorflows(a, b, powers):
    """MS-SSIM by TensorFlow, for which black is 0."""
    return tf.image.ssim_multiscale(a + 1, b + 1, 2.0, powers).numpy()


@pytest.mark.parametrize(
    ("shape", "scales"), [((180, 191, 3), 5), ((96, 96, 1), 4), ((45, 51, 3), 3), ((28, 28, 1), 2), ((11, 30, 1), 1)]
)
def test_ms_ssim_is_tensorflows(shape, scales):
    random = np.random.RandomState(0)
    a = np.tanh(random.standard_normal((3, *shape))).astype(np.float32)
    b = np.clip(a + np.array([0, 0.1, 1]).reshape(3, 1, 1, 1) * random.standard_normal((3, *shape)), -1, 1)
    powers = POWERS[:scales] / POWERS[:scales].sum()
    similarity = metrics.ms_ssim(a, b)
    np.testing.assert_allclose(similarity, tensorflows(a, b.astype(np.float32), powers), atol=2e-5)
    assert similarity[0] == pytest.approx(1)
    assert similarity[0] > similarity[1] > similarity[2]
    as_bytes = metrics.ms_ssim(to_uint8(a), to_uint8(b))
    np.testing.assert_allclose(similarity, as_bytes, atol=0.002)
    np.testing.assert_allclose(similarity, metrics.ms_ssim((a + 1) / 2, (b + 1) / 2, (0.0, 1.0)), atol=2e-5)


def test_diversity_is_the_mean_over_all_pairs():
    images = np.tanh(sample_features(6 * 256, 1, 0)).reshape(6, 16, 16, 1)
    pairs = np.array(list(itertools.permutations(range(6), 2)))
    every = metrics.ms_ssim(images[pairs[:, 0]], images[pairs[:, 1]]).mean()
    found = metrics.ms_ssim_diversity(images, pairs=5000)
    assert abs(found.mean - every) < 4 * found.error
    assert metrics.ms_ssim_diversity(np.repeat(images[:1], 9, axis=0), pairs=20) == pytest.approx((1, 0))


def squared(a, b):
    return np.sum((a.astype(np.float64) - b) ** 2, axis=(1, 2, 3))


def as_images(z):
    return np.asarray(z, np.float64).reshape(len(z), -1, 1, 1)


def test_path_length_of_a_linear_generator():
    """The speed along an arc has two parts: the change of the length, and the rotation."""
    z = keras_gan.latent.sample(400, 8, seed=3).astype(np.float64)
    a, b = z[:200], z[200:]
    r = np.linalg.norm(a, axis=1), np.linalg.norm(b, axis=1)
    angle = np.arccos(np.sum(a * b, axis=1) / (r[0] * r[1]))
    t = (1 - 1e-3) * np.random.RandomState(3).random_sample(200)
    radius = (1 - t) * r[0] + t * r[1]
    expected = (radius * angle) ** 2 + (r[1] - r[0]) ** 2  # |d/dt r(t) u(t)|^2, u rotates by the angle
    length = metrics.perceptual_path_length(as_images, squared, 8, paths=200, epsilon=1e-3, trim=0, seed=3)
    assert length.mean == pytest.approx(expected.mean(), rel=0.01)
    assert length.std == pytest.approx(expected.std(), rel=0.01)
    trebled = metrics.perceptual_path_length(
        lambda z: 3 * as_images(z), squared, 8, paths=200, epsilon=1e-3, trim=0, seed=3
    )
    assert trebled.mean == pytest.approx(9 * length.mean, rel=1e-6)
    still = metrics.perceptual_path_length(lambda z: np.zeros((len(z), 2, 2, 1)), squared, 8, paths=50)
    assert still == (0, 0)


def test_path_length_leaves_out_the_extremes():
    lengths = []

    def record(a, b):
        lengths.extend(squared(a, b) / 1e-4)
        return squared(a, b)

    trimmed = metrics.perceptual_path_length(as_images, record, 4, paths=100, epsilon=1e-2, trim=0.1)
    assert trimmed.mean == pytest.approx(np.sort(lengths)[10:90].mean(), rel=1e-9)


def test_neighbours_are_scikit_learns():
    sklearn = pytest.importorskip("sklearn.neighbors")
    x, y = sample_features(50, 7, 1), sample_features(80, 7, 2)
    distances, rows = sklearn.NearestNeighbors(n_neighbors=4, algorithm="brute").fit(y).kneighbors(x)
    found = metrics.nearest_neighbours(x, y, k=4)
    np.testing.assert_array_equal(found.rows, rows)
    np.testing.assert_allclose(found.distances, distances, rtol=1e-9)


@given(SEEDS, st.integers(2, 30), st.integers(2, 30), st.booleans())
def test_copying_is_the_mann_whitney_test(seed, m, n, ties):
    stats = pytest.importorskip("scipy.stats")
    scale = 2 if ties else 1e6
    train, held_out, fake = (
        np.rint(scale * sample_features(k, 2, seed // (i + 1) + i)) for i, k in enumerate((20, m, n))
    )
    unseen, generated = (metrics.nearest_neighbours(rows, train).distances[:, 0] for rows in (held_out, fake))
    theirs = stats.mannwhitneyu(unseen, generated, method="asymptotic", use_continuity=False, alternative="greater")
    share, z = metrics.copying(train, held_out, fake)
    assert share == pytest.approx(theirs.statistic / (m * n), rel=1e-9)
    if not np.isnan(theirs.pvalue):
        assert stats.norm.sf(z) == pytest.approx(theirs.pvalue, rel=1e-6)


def test_a_generator_that_repeats_the_training_images_is_detected():
    train, held_out, fresh = sample_features(300, 10, 1), sample_features(300, 10, 2), sample_features(300, 10, 3)
    assert abs(metrics.copying(train, held_out, fresh).z) < 3
    copied = metrics.copying(train, held_out, train + 0.1 * sample_features(300, 10, 4))
    assert copied.share > 0.99
    assert copied.z > 10
    assert metrics.copying(train, held_out, fresh + 5).share < 0.01


IMAGES = np.zeros((4, 16, 16, 1))


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.sliced_wasserstein(sample_features(4, 3, 0), sample_features(4, 2, 0)),
        lambda: metrics.sliced_wasserstein(sample_features(4, 3, 0), sample_features(4, 3, 0), projections=0),
        lambda: metrics.sliced_wasserstein(sample_features(4, 3, 0), sample_features(4, 3, 0), p=0),
        lambda: metrics.ms_ssim(IMAGES, IMAGES[:3]),
        lambda: metrics.ms_ssim(IMAGES[:, :10], IMAGES[:, :10]),
        lambda: metrics.ms_ssim(IMAGES * np.nan, IMAGES),
        lambda: metrics.ms_ssim(IMAGES, IMAGES, image_range=(1.0, 1.0)),
        lambda: metrics.ms_ssim(IMAGES, np.zeros(IMAGES.shape, np.uint8)),
        lambda: metrics.ms_ssim_diversity(IMAGES[:1]),
        lambda: metrics.ms_ssim_diversity(IMAGES, pairs=0),
        lambda: metrics.perceptual_path_length(as_images, squared, 0),
        lambda: metrics.perceptual_path_length(as_images, squared, 4, paths=1),
        lambda: metrics.perceptual_path_length(as_images, squared, 4, epsilon=0),
        lambda: metrics.perceptual_path_length(as_images, squared, 4, trim=0.5),
        lambda: metrics.perceptual_path_length(as_images, lambda a, b: np.full(len(a), np.nan), 4),
        lambda: metrics.perceptual_path_length(as_images, lambda a, b: 1.0, 4),
        lambda: metrics.nearest_neighbours(sample_features(4, 3, 0), sample_features(4, 3, 0), k=5),
        lambda: metrics.nearest_neighbours(sample_features(4, 3, 0), sample_features(4, 3, 0), k=0),
        lambda: metrics.copying(sample_features(4, 3, 0), sample_features(4, 3, 0), sample_features(4, 2, 0)),
    ],
)
def test_wrong_arguments_are_named(call):
    with pytest.raises(ValueError, match="Received"):
        call()
