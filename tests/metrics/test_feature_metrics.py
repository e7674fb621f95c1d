"""Tests of the metrics of features against other implementations, and of their properties."""

import contextlib
import io
import json
import subprocess
import sys
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from keras_gan import metrics
from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.distributions import kernel
from keras_gan.metrics.neighbors import retrieval, squared_distances

SEEDS = st.integers(0, 2**32 - 1)


def sample_features(n, d, seed, shift=0.0):
    """Correlated features of different scales, as those of a network. `RandomState` never changes its numbers."""
    mixing = np.random.RandomState(99).standard_normal((d, d)) / np.sqrt(d) * np.linspace(0.2, 2, d)
    return np.random.RandomState(seed).standard_normal((n, d)) @ mixing + shift


REAL, FAKE = sample_features(600, 48, 1), sample_features(500, 48, 2, shift=0.3)
LOGITS = 3 * sample_features(205, 30, 3)

# Results of torch-fidelity 0.4.0 for REAL, FAKE and LOGITS, as `live_torch_fidelity` returns them.
TORCH_FIDELITY = {
    "frechet": [6.14152368369156],
    "kernel": [0.31059384986961425, 0.03334873982445408],
    "inception": [5.929902320611561, 0.706392771149819],
}


def live_torch_fidelity(folder):
    """Results of the installed torch-fidelity, from a process without TensorFlow: PyTorch crashes beside it."""
    np.savez(folder / "arrays.npz", real=REAL, fake=FAKE, logits=LOGITS)
    script = """
import json, sys, unittest.mock, numpy, torch
for name in ("", ".datasets", ".transforms", ".transforms.functional"):  # imported, but not used by these functions
    sys.modules[f"torchvision{name}"] = unittest.mock.MagicMock()
from torch_fidelity import metric_fid, metric_isc, metric_kid
arrays = numpy.load(sys.argv[1])
real, fake, logits = (torch.from_numpy(arrays[name]) for name in ("real", "fake", "logits"))
statistics = [metric_fid.fid_features_to_statistics(rows) for rows in (real, fake)]
settings = dict(kid_subsets=20, kid_subset_size=200, rng_seed=7, verbose=False)
found = dict(
    frechet=metric_fid.fid_statistics_to_metric(*statistics, verbose=False),
    kernel=metric_kid.kid_features_to_metric(real, fake, **settings),
    inception=metric_isc.isc_features_to_metric(logits, 10, rng_seed=7),
)
print(json.dumps({name: list(values.values()) for name, values in found.items()}))
"""
    command = [sys.executable, "-c", script, str(folder / "arrays.npz")]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def ours():
    return {
        "frechet": (metrics.frechet_distance(REAL, FAKE),),
        "kernel": metrics.kernel_distance(REAL, FAKE, subsets=20, subset_size=200, seed=7),
        "inception": metrics.inception_score(LOGITS, splits=10, from_logits=True, seed=7),
    }


@pytest.mark.parametrize("name", TORCH_FIDELITY)
def test_equals_what_torch_fidelity_gave(name):
    np.testing.assert_allclose(ours()[name], TORCH_FIDELITY[name], rtol=1e-9)


@pytest.mark.reference
def test_equals_torch_fidelity_itself(tmp_path):
    theirs = live_torch_fidelity(tmp_path)
    for name, values in ours().items():
        np.testing.assert_allclose(values, theirs[name], rtol=1e-9)


@pytest.mark.parametrize("k", [1, 3, 5])
@pytest.mark.parametrize("shift", [0.0, 0.3, 1.5])
def test_equals_prdc_exactly(k, shift):
    prdc = pytest.importorskip("prdc")
    real, fake = sample_features(230, 12, 4), sample_features(310, 12, 5, shift)
    with contextlib.redirect_stdout(io.StringIO()):
        theirs = prdc.compute_prdc(real, fake, nearest_k=k)
    precision, recall = metrics.precision_recall(real, fake, k)
    density, coverage = metrics.density_coverage(real, fake, k)
    assert (precision, recall, coverage) == (theirs["precision"], theirs["recall"], theirs["coverage"])
    assert density == pytest.approx(theirs["density"], rel=1e-14)  # prdc multiplies by 1 / k


def test_frechet_is_the_formula_for_known_normals():
    """N(0, I) against N(m, diag(s^2)) gives |m|^2 + sum((1 - s)^2). The moments of the two sets are exact."""
    base = np.random.RandomState(0).standard_normal((400, 6))
    base -= base.mean(0)
    base = np.linalg.qr(base)[0] * np.sqrt(399)
    mean, scale = np.arange(6.0), np.linspace(0.5, 3, 6)
    expected = np.sum(mean**2) + np.sum((1 - scale) ** 2)
    assert metrics.frechet_distance(base, base[::-1] * scale + mean) == pytest.approx(expected, rel=1e-10)


def test_frechet_reads_more_rows_than_a_block():
    real, fake = sample_features(5000, 5, 1), sample_features(4100, 5, 2, 0.1)
    values, vectors = np.linalg.eigh(np.cov(real.T))
    root = vectors * np.sqrt(values) @ vectors.T
    cross = np.sqrt(np.linalg.eigvalsh(root @ np.cov(fake.T) @ root)).sum()
    expected = np.sum((real.mean(0) - fake.mean(0)) ** 2) + np.trace(np.cov(real.T) + np.cov(fake.T)) - 2 * cross
    assert metrics.frechet_distance(real, fake) == pytest.approx(expected, rel=1e-9)


@given(SEEDS, st.integers(30, 60), st.integers(1, 8), st.floats(0, 2))
def test_frechet_is_symmetric_and_zero_for_one_set(seed, n, d, shift):
    a, b = sample_features(n, d, seed), sample_features(n + 3, d, seed // 2 + 1, shift)
    forth = metrics.frechet_distance(a, b)
    assert forth >= 0
    assert metrics.frechet_distance(b, a) == pytest.approx(forth, rel=1e-9, abs=1e-9)
    assert metrics.frechet_distance(a, a[::-1]) == pytest.approx(0, abs=1e-9)


@given(SEEDS, st.integers(2, 12), st.integers(12, 30))
def test_frechet_of_fewer_samples_than_dimensions_is_real(seed, n, d):
    a, b = sample_features(n, d, seed), sample_features(n + 1, d, seed // 2 + 1)
    with pytest.warns(KerasGANWarning, match=rf"{n} samples in {d} dimensions"):
        distance = metrics.frechet_distance(a, b)
    assert isinstance(distance, float)
    assert np.isfinite(distance)
    # the same in the subspace of the samples, where the covariances are regular
    basis = np.linalg.qr(np.vstack([a, b]).T)[0]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KerasGANWarning)
        assert metrics.frechet_distance(a @ basis, b @ basis) == pytest.approx(distance, rel=1e-6, abs=1e-8)


@pytest.mark.parametrize("spoil", ["constant", "copy", "zero"])
def test_frechet_with_a_singular_covariance(spoil):
    a, b = sample_features(200, 6, 1), sample_features(200, 6, 2, 0.2)
    expected = metrics.frechet_distance(a, b)
    column = {"constant": lambda x: np.full(len(x), 0.1), "copy": lambda x: x[:, 2], "zero": lambda x: np.zeros(len(x))}
    wider = [np.column_stack([x[:, :4], column[spoil](x), x[:, 4:]]) for x in (a, b)]
    with pytest.warns(KerasGANWarning, match="singular: some columns of `real_features` are constant"):
        distance = metrics.frechet_distance(*wider)
    if spoil == "copy":
        assert distance > expected
    else:
        assert distance == pytest.approx(expected, rel=1e-9)


def test_kernel_is_near_zero_for_two_halves_and_grows_with_noise():
    features = sample_features(3000, 24, 3)
    halves = metrics.kernel_distance(features[::2], features[1::2], subset_size=500)
    random = np.random.RandomState(0)
    noisy = [features[1::2] + sigma * random.standard_normal((1500, 24)) for sigma in (0.6, 1.2, 2.4)]
    distances = [metrics.kernel_distance(features[::2], rows, subset_size=500).mean for rows in noisy]
    assert abs(halves.mean) < 0.1 * distances[0]
    assert distances[0] < distances[1] < distances[2]
    frechet = [metrics.frechet_distance(features[::2], rows) for rows in noisy]
    assert frechet[0] < frechet[1] < frechet[2]


def test_kernel_is_unbiased():
    """The mean estimate of many small sets of the same distribution is 0, within its standard error."""
    sets = [(sample_features(20, 4, seed), sample_features(30, 4, seed + 1000)) for seed in range(400)]
    estimates = [metrics.kernel_distance(*pair, subsets=5).mean for pair in sets]
    assert abs(np.mean(estimates)) < 3 * np.std(estimates) / np.sqrt(400)


def test_kernel_by_the_double_sum():
    x, y = sample_features(7, 3, 1), sample_features(7, 3, 2)

    def k(a, b):
        return (a @ b / 3 + 1) ** 3

    within = sum(k(s[i], s[j]) for s in (x, y) for i in range(7) for j in range(7) if i != j) / 42
    across = sum(k(a, b) for a in x for b in y) / 49
    distance = metrics.kernel_distance(x, y)
    assert distance == (pytest.approx(within - 2 * across, rel=1e-10), 0.0)


def test_kernel_subsets_take_as_many_rows_as_the_smaller_set_has(monkeypatch):
    few, many = sample_features(40, 5, 1), sample_features(90, 5, 2)
    capped = metrics.kernel_distance(few, many, subsets=10)
    assert capped == metrics.kernel_distance(few, many, subsets=10, subset_size=40)
    assert capped.std > 0
    assert metrics.kernel_distance(few, many[:40]).std == 0


@pytest.mark.parametrize("block", [7, 1024])
def test_kernel_of_all_subsets_at_once_and_one_by_one_are_equal(monkeypatch, block):
    monkeypatch.setattr(kernel, "BLOCK", block)
    real, fake = sample_features(90, 6, 1), sample_features(70, 6, 2, 0.1)
    at_once = metrics.kernel_distance(real, fake, subsets=12, subset_size=30, seed=3)
    random = np.random.RandomState(3)
    one_by_one = [
        metrics.kernel_distance(real[random.choice(90, 30, replace=False)], fake[random.choice(70, 30, replace=False)])
        for _ in range(12)
    ]
    assert at_once.mean == pytest.approx(np.mean([one.mean for one in one_by_one]), rel=1e-10)
    assert at_once.std == pytest.approx(np.std([one.mean for one in one_by_one]), rel=1e-10)
    few = metrics.kernel_distance(
        real, fake, subsets=2, subset_size=30, seed=3
    )  # so few subsets are computed one by one
    assert few.mean == pytest.approx(np.mean([one.mean for one in one_by_one[:2]]), rel=1e-10)


@given(SEEDS, st.integers(8, 40), st.integers(1, 6), st.floats(0, 2))
def test_the_order_of_images_does_not_matter(seed, n, d, shift):
    real, fake = sample_features(n, d, seed), sample_features(n, d, seed // 2 + 1, shift)
    order = np.random.RandomState(seed).permutation(n)
    for metric in (metrics.precision_recall, metrics.density_coverage, metrics.kernel_distance):
        np.testing.assert_allclose(metric(real[order], fake[::-1]), metric(real, fake), rtol=1e-9, atol=1e-9)
    assume(n > d + 1)
    there, back = metrics.frechet_distance(real[order], fake[::-1]), metrics.frechet_distance(real, fake)
    assert there == pytest.approx(back, rel=1e-8, abs=1e-8)


@given(SEEDS, st.integers(6, 40), st.integers(1, 8), st.integers(1, 5))
def test_neighbourhoods_of_one_set_and_of_strangers(seed, n, d, k):
    a = sample_features(n, d, seed)
    assert metrics.precision_recall(a, a, k) == (1, 1)
    density, coverage = metrics.density_coverage(a, a, k)
    assert coverage == 1
    assert density == pytest.approx(1)  # each ball holds its centre and the k - 1 nearest points
    far = a + 1000
    assert metrics.precision_recall(a, far, k) == (0, 0)
    assert metrics.density_coverage(a, far, k) == (0, 0)
    shares = metrics.precision_recall(a, sample_features(n, d, seed // 2 + 1, 0.5), k)
    assert metrics.precision_recall(sample_features(n, d, seed // 2 + 1, 0.5), a, k) == shares[::-1]


def test_a_collapsed_generator_keeps_precision_and_loses_recall():
    real = sample_features(300, 10, 1)
    collapsed = real[:1] + 1e-3 * sample_features(300, 10, 2)
    precision, recall = metrics.precision_recall(real, collapsed)
    _, coverage = metrics.density_coverage(real, collapsed)
    assert precision == 1
    assert recall < 0.02
    assert coverage < 0.2


@given(SEEDS, st.integers(2, 30), st.integers(2, 10))
def test_retrieval_finds_itself_and_ignores_length(seed, n, d):
    rows = sample_features(n, d, seed)
    lengths = np.random.RandomState(seed).uniform(0.1, 10, (n, 1))
    assert metrics.retrieval_accuracy(rows, rows * lengths, top=(1, 2)) == {1: 1.0, 2: 1.0}
    assert metrics.retrieval_accuracy(-rows, rows, top=[1])[1] <= 0.5
    assert metrics.retrieval_accuracy(-rows, rows, top=[n]) == {n: 1.0}


def test_retrieval_by_hand():
    gallery = np.eye(6)
    queries = np.array([[3, 0, 0, 0, 0, 0], [2, 1, 0, 0, 0, 0], [3, 2, 1, 0, 0, 0.0]])
    shares = metrics.retrieval_accuracy(queries, gallery, top=(1, 2, 3, 6))
    assert shares == {1: 1 / 3, 2: 2 / 3, 3: 1.0, 6: 1.0}


def test_retrieval_counts_ties_against_the_query():
    same = np.ones((4, 3))
    assert metrics.retrieval_accuracy(same, same, top=(1, 4)) == {1: 0.0, 4: 1.0}
    assert metrics.retrieval_accuracy(np.zeros((4, 3)), sample_features(4, 3, 0), top=(1,)) == {1: 0.0}


@given(SEEDS, st.integers(1, 20))
def test_feature_distance_is_a_squared_distance(seed, n):
    random = np.random.RandomState(seed)
    shapes = [(n, 6, 6, 3), (n, 3, 3, 5)]
    a, b = ([random.standard_normal(shape).astype(np.float32) for shape in shapes] for _ in range(2))
    distances = metrics.feature_distance(a, b)
    cosines = [
        np.sum(x * y, -1) / np.linalg.norm(x, axis=-1) / np.linalg.norm(y, axis=-1) for x, y in zip(a, b, strict=True)
    ]
    expected = np.mean([(2 - 2 * cosine).mean((1, 2)) for cosine in cosines], axis=0)
    np.testing.assert_allclose(distances, expected, rtol=1e-4)
    np.testing.assert_allclose(metrics.feature_distance(b, a), distances)
    np.testing.assert_allclose(metrics.feature_distance(a, [7 * x for x in a]), 0, atol=1e-12)


@given(SEEDS, st.integers(20, 60), st.integers(2, 12))
def test_inception_score_lies_between_one_and_the_classes(seed, n, classes):
    logits = 4 * np.random.RandomState(seed).standard_normal((n, classes))
    exponentials = np.exp(logits)
    probabilities = exponentials / exponentials.sum(1, keepdims=True)
    score = metrics.inception_score(logits, splits=2, from_logits=True)
    assert 1 - 1e-9 <= score.mean <= classes + 1e-9
    np.testing.assert_allclose(metrics.inception_score(probabilities, splits=2), score, rtol=1e-9, atol=1e-9)


def test_inception_score_at_its_ends():
    sure = np.tile(np.eye(5), (40, 1))
    assert metrics.inception_score(sure, splits=1) == pytest.approx((5, 0))
    assert metrics.inception_score(1e5 * sure, splits=1, from_logits=True) == pytest.approx((5, 0))
    assert metrics.inception_score(np.full((200, 5), 0.2)) == pytest.approx((1, 0))
    assert metrics.inception_score(np.sort(sure.argmax(1))[:, None] == np.arange(5.0)).mean > 4  # sorted by class


def test_memory_stays_bounded(monkeypatch):
    """All distances of these sets at once would take 32 MB, and each step of the formula as much again."""
    monkeypatch.setattr(squared_distances, "ENTRIES", 2**18)
    monkeypatch.setattr(kernel, "BLOCK", 256)
    monkeypatch.setattr(retrieval, "BLOCK", 128)
    real, fake = sample_features(2000, 4, 1).astype(np.float32), sample_features(2000, 4, 2).astype(np.float32)
    for metric in (
        metrics.precision_recall,
        metrics.density_coverage,
        lambda a, b: metrics.kernel_distance(a, b, subset_size=2000),
        metrics.retrieval_accuracy,
    ):
        tracemalloc.start()
        metric(real, fake)
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        assert peak < 16e6


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64, list])
def test_features_of_other_kinds(dtype):
    whole = np.rint(8 * REAL[:100, :5]), np.rint(8 * FAKE[:100, :5])
    kinds = [rows.tolist() if dtype is list else rows.astype(dtype) for rows in whole]
    assert metrics.frechet_distance(*kinds) == pytest.approx(metrics.frechet_distance(*whole), rel=1e-12)
    assert metrics.kernel_distance(*kinds) == pytest.approx(metrics.kernel_distance(*whole), rel=1e-12)
    assert metrics.precision_recall(*kinds) == metrics.precision_recall(*whole)


GOOD = sample_features(10, 3, 0)
NAN = np.where(np.arange(30).reshape(10, 3) == 4, np.nan, GOOD)
OF_PAIRS = [
    metrics.frechet_distance,
    metrics.kernel_distance,
    metrics.precision_recall,
    metrics.density_coverage,
    metrics.retrieval_accuracy,
]


@pytest.mark.parametrize("metric", OF_PAIRS)
@pytest.mark.parametrize(
    "bad", [GOOD[:, :2], GOOD[0], GOOD[None], GOOD[:, :0], GOOD[:0], NAN, GOOD + 1j, GOOD.astype(str)]
)
def test_features_that_cannot_be_compared(metric, bad):
    for pair in ((GOOD, bad), (bad, GOOD)):
        with pytest.raises(ValueError, match="Received"):
            metric(*pair)


def maps(*shapes):
    return [np.ones(shape) for shape in shapes]


@pytest.mark.parametrize(
    "call",
    [
        lambda: metrics.frechet_distance(GOOD[:1], GOOD),
        lambda: metrics.kernel_distance(GOOD[:1], GOOD),
        lambda: metrics.kernel_distance(GOOD, GOOD, subsets=0),
        lambda: metrics.kernel_distance(GOOD, GOOD, subset_size=1),
        lambda: metrics.kernel_distance(GOOD, GOOD, seed=-1),
        lambda: metrics.precision_recall(GOOD[:3], GOOD),
        lambda: metrics.precision_recall(GOOD, GOOD, k=10),
        lambda: metrics.precision_recall(GOOD, GOOD, k=0),
        lambda: metrics.precision_recall(GOOD, GOOD, k=1.5),
        lambda: metrics.density_coverage(GOOD[:5], GOOD),
        lambda: metrics.inception_score(GOOD, from_logits=True, splits=11),
        lambda: metrics.inception_score(GOOD),
        lambda: metrics.inception_score(NAN, from_logits=True),
        lambda: metrics.retrieval_accuracy(GOOD, GOOD[:9]),
        lambda: metrics.retrieval_accuracy(GOOD, GOOD, top=(1, 11)),
        lambda: metrics.retrieval_accuracy(GOOD, GOOD, top=(0,)),
        lambda: metrics.retrieval_accuracy(GOOD, GOOD, top=()),
        lambda: metrics.feature_distance([], []),
        lambda: metrics.feature_distance(maps((2, 3, 3, 1)), maps((2, 3, 3, 2))),
        lambda: metrics.feature_distance(maps((2, 3, 3, 1)), maps((2, 3, 3, 1), (2, 1, 1, 1))),
        lambda: metrics.feature_distance(maps((2, 3, 3, 1), (1, 3, 3, 1)), maps((2, 3, 3, 1), (1, 3, 3, 1))),
        lambda: metrics.feature_distance(maps((2, 3)), maps((2, 3))),
        lambda: metrics.feature_distance([np.full((2, 1, 1, 1), np.nan)], maps((2, 1, 1, 1))),
    ],
)
def test_wrong_arguments_are_named(call):
    with pytest.raises(ValueError, match="Received"):
        call()


def test_the_functions_need_no_tensorflow():
    script = """
import sys
sys.modules["tensorflow"] = sys.modules["keras"] = None
from keras_gan import metrics
import numpy as np
rows = np.random.default_rng(0).normal(size=(20, 3))
print(metrics.frechet_distance(rows, rows + 1), metrics.EfficientNetLite0().name)
try:
    metrics.EfficientNetLite0().features(np.zeros((1, 8, 8, 3), np.uint8))
except ImportError as error:
    print(error)
"""
    child = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert child.stdout.startswith("3.0")
    assert "[tensorflow]'" in child.stdout
