"""Directions in the latent space, beside scikit-learn and numpy.linalg."""

import json

import export_models as models
import keras
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

from keras_gan import latent
from keras_gan.export import directions_of
from keras_gan.networks import dcgan, mlp, r3gan

SHAPES = st.tuples(st.integers(0, 2**31 - 1), st.integers(2, 12), st.integers(1, 30))


def alike(a, b):
    """The cosine of each pair of rows, whatever their signs and lengths."""
    return np.abs((a * b).sum(1)) / np.linalg.norm(a, axis=1) / np.linalg.norm(b, axis=1)


# ------------------------------------------------------------------ SeFa


@given(SHAPES)
def test_sefa_is_the_left_singular_vectors(shape):
    seed, dim, units = shape
    weights = latent.sample(dim, units, seed).astype(np.float64)
    found = latent.sefa(weights)
    left, values, _ = np.linalg.svd(weights, full_matrices=False)
    count = len(found)
    assert count == min(16, dim, units)
    np.testing.assert_allclose(found.shares, (values**2 / (values**2).sum())[:count], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(found.vectors @ found.vectors.T, np.eye(count), atol=1e-5)
    # Where eigenvalues are apart a direction is unique up to its sign.
    apart = np.array([min(abs(values[i] - np.delete(values, i)), default=1.0) > 0.05 * values[0] for i in range(count)])
    np.testing.assert_allclose(alike(found.vectors, left.T[:count])[apart], 1, atol=1e-5)


@given(SHAPES)
def test_no_other_direction_is_amplified_more(shape):
    seed, dim, units = shape
    weights = latent.sample(dim, units, seed)
    found = latent.sefa(weights, count=1)
    others = latent.sample(50, dim, seed + 1 if seed < 2**31 - 1 else 0)
    others /= np.linalg.norm(others, axis=1, keepdims=True)
    assert np.linalg.norm(others @ weights, axis=1).max() <= np.linalg.norm(found.vectors @ weights) * (1 + 1e-5)


def test_a_sign_is_always_the_same():
    weights = latent.sample(6, 9)
    np.testing.assert_allclose(latent.sefa(weights).vectors, latent.sefa(-weights).vectors)
    vectors = latent.sefa(weights).vectors
    assert (vectors[np.arange(len(vectors)), np.abs(vectors).argmax(1)] > 0).all()


# ------------------------------------------------------------------ PCA


@pytest.mark.parametrize(("n", "units"), [(300, 40), (60, 500)])
def test_pca_is_scikit_learns_and_a_regression_onto_z(n, units):
    z = latent.sample(n, 10, seed=3)
    features = np.maximum(z @ latent.sample(10, units, seed=4) + 0.3, 0).astype(np.float64)
    found = latent.pca(z, features, count=5)
    reference = PCA(n_components=5, svd_solver="full").fit(features)
    np.testing.assert_allclose(found.shares, reference.explained_variance_ratio_, rtol=1e-8)
    coordinates = reference.transform(features)
    regression = np.linalg.lstsq(np.column_stack([coordinates, np.ones(n)]), z.astype(np.float64), rcond=None)[0][:-1]
    np.testing.assert_allclose(alike(found.vectors, regression), 1, atol=1e-6)


@given(st.integers(0, 2**31 - 1), st.integers(2, 8))
@settings(max_examples=25)
def test_pca_of_z_itself_and_of_any_shape_of_features(seed, dim):
    z = latent.sample(40, dim, seed)
    features = z.reshape(40, 1, dim, 1)
    found = latent.pca(z, features)
    assert len(found) == dim
    assert found.shares.sum() == pytest.approx(1)
    assert (np.diff(found.shares) <= 0).all()
    np.testing.assert_allclose(np.linalg.norm(found.vectors, axis=1), 1, atol=1e-6)


def test_features_that_do_not_vary_have_no_directions():
    assert len(latent.pca(latent.sample(9, 4), np.ones((9, 3)))) == 0
    assert len(latent.sefa(np.zeros((4, 3)))) == 0


# ------------------------------------------------------------------ attributes


def test_the_means_point_from_those_without_to_those_with():
    z = latent.sample(200, 6)
    direction = latent.attribute(z, z[:, 2] > 0)
    assert direction.argmax() == 2
    assert direction[2] > 0.9
    np.testing.assert_allclose(latent.attribute(z, z[:, 2] <= 0), -direction)
    expected = z[z[:, 2] > 0].mean(0, np.float64) - z[z[:, 2] <= 0].mean(0, np.float64)
    np.testing.assert_allclose(direction, expected / np.linalg.norm(expected), atol=1e-6)


def test_the_discriminant_is_scikit_learns():
    z = latent.sample(400, 5) @ np.array(latent.sample(5, 5, seed=9))  # correlated: here the means mislead
    present = z @ np.array([1, -2, 0, 0.5, 3]) > 0
    direction = latent.attribute(z, present, method="discriminant")
    reference = LinearDiscriminantAnalysis(solver="svd").fit(z.astype(np.float64), present).coef_
    assert alike(direction[None], reference) == pytest.approx(1, abs=1e-5)
    assert direction @ reference[0] > 0


# ------------------------------------------------------------------ what is refused


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: latent.sefa(np.ones(3)), "`weights` must be a matrix"),
        (lambda: latent.sefa([[np.nan]]), "`weights` must be finite"),
        (lambda: latent.sefa(np.ones((2, 2)), count=0), "`count` must be at least 1. Received: count=0"),
        (lambda: latent.pca(np.ones((3, 2)), np.ones((4, 2))), "Received: 3 and 4 rows"),
        (lambda: latent.pca(np.ones((1, 2)), np.ones((1, 2))), "same number of rows, at least 2"),
        (lambda: latent.pca(np.ones((3, 2)), np.ones(3)), "`features` must be a matrix"),
        (lambda: latent.attribute(np.ones((3, 2)), [1, 0, 1]), "`present` must be 3 booleans"),
        (lambda: latent.attribute(np.ones((3, 2)), [True] * 3), "Received: 3 true of 3"),
        (lambda: latent.attribute(np.ones((3, 2)), [True, False, True]), "the same mean z"),
        (lambda: latent.attribute(np.eye(2), [True, False], "svm"), "Received: method='svm'"),
        (lambda: latent.attribute(np.eye(2), [True, False], "discriminant"), "more examples than dimensions"),
    ],
)
def test_what_is_refused(call, message):
    with pytest.raises(ValueError, match=r"(?s).*") as raised:
        call()
    assert message in str(raised.value)


# ------------------------------------------------------------------ a generator's


@pytest.mark.parametrize(
    "build",
    [
        lambda **k: dcgan.generator((28, 28, 1), 12, filters=4, **k),
        lambda **k: mlp.generator((8, 8, 1), 12, units=32, **k),
        lambda **k: r3gan.generator((8, 8, 1), 12, filters=16, **k),
    ],
)
@pytest.mark.parametrize("num_classes", [None, 5])
def test_a_networks_directions_are_of_the_weights_that_take_z(build, num_classes):
    generator = models.shaken(build(num_classes=num_classes))
    found = directions_of(generator, 12, num_classes)
    assert set(found) == {"sefa", "pca"}
    kernel = next(w for w in generator.weights if w.shape[0] == (12 if num_classes is None else 24))
    expected = np.linalg.svd(np.asarray(kernel)[:12].astype(np.float64))[0].T
    np.testing.assert_allclose(alike(found["sefa"].vectors[:3], expected[:3]), 1, atol=1e-4)
    assert 0 < len(found["pca"]) <= 12
    np.testing.assert_allclose(np.linalg.norm(found["pca"].vectors, axis=1), 1, atol=1e-5)


@pytest.mark.parametrize(("latent_dim", "num_classes"), [(12, None), (11, 5)])
def test_what_is_not_the_generators_is_named(latent_dim, num_classes):
    generator = mlp.generator((8, 8, 1), 12, num_classes=5, units=32)
    with pytest.raises(ValueError, match=f"Received: latent_dim={latent_dim}, num_classes={num_classes}, for inputs"):
        directions_of(generator, latent_dim, num_classes)


def test_a_convolution_may_come_first_and_labels_last():
    z, labels = keras.Input((12,)), keras.Input((), dtype="int32")
    x = keras.layers.Reshape((1, 1, 12))(keras.layers.Dropout(0.1)(z))
    x = keras.layers.Conv2DTranspose(4, 4)(x)
    x = keras.layers.Conv2D(1, 3, activation="tanh")(keras.layers.ReLU()(x))
    x = x * keras.layers.Reshape((1, 1, 1))(keras.layers.Embedding(3, 1)(labels))
    generator = models.shaken(keras.Model([z, labels], x))
    found = directions_of(generator, 12, 3)
    kernel = next(np.asarray(w) for w in generator.weights if w.shape == (4, 4, 4, 12))
    amplified = np.linalg.norm(found["sefa"].vectors @ kernel.reshape(-1, 12).T, axis=1)
    assert amplified[0] == pytest.approx(np.linalg.norm(kernel.reshape(-1, 12), 2), rel=1e-5)


def test_moving_along_the_first_direction_changes_the_first_layer_most():
    generator = models.dcgan().generator
    found = directions_of(generator, models.LATENT)
    first_layer = keras.Model(generator.inputs[0], generator.layers[0].output)
    z = latent.sample(1, models.LATENT)
    change = [np.linalg.norm(first_layer(z + v) - first_layer(z)) for v in found["sefa"].vectors]
    assert change == sorted(change, reverse=True)


@keras.saving.register_keras_serializable("tests")
class Opaque(keras.Model):
    def __init__(self, **kwargs):
        super().__init__(**kwargs)
        self.dense = keras.layers.Dense(4)

    def call(self, z):
        return self.dense(z)


def test_a_graph_that_hides_its_first_layer_has_none():
    opaque = Opaque()
    opaque(latent.sample(1, 3))
    assert directions_of(opaque, 3) == {}
    z = keras.Input((3,))
    assert directions_of(keras.Model(z, opaque(z)), 3) == {}
    untrained = keras.Sequential([keras.Input((3,)), keras.layers.Dense(4, kernel_initializer="zeros")])
    assert directions_of(untrained, 3) == {}


# ------------------------------------------------------------------ on disk


def test_an_export_holds_them(exported_conditional):
    conditional = models.conditional()
    found = latent.load_directions(exported_conditional)
    expected = directions_of(conditional.generator, models.LATENT, models.CLASSES)
    assert set(found) == set(expected)
    for method, directions in expected.items():
        np.testing.assert_allclose(found[method].vectors, directions.vectors, atol=1e-5)
        np.testing.assert_allclose(found[method].shares, directions.shares, rtol=1e-5)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "[" * 100_000,
        '{"schema_version": 2, "latent_dim": 1, "methods": {}}',
        '{"schema_version": 1, "latent_dim": 2, "methods": {"sefa": {"shares": [1], "vectors": [[1]]}}}',
        '{"schema_version": 1, "latent_dim": 1, "methods": {"sefa": {"shares": [1], "vectors": [[NaN]]}}}',
        '{"schema_version": 1, "latent_dim": 1, "methods": {"sefa": {"shares": ["x"], "vectors": [[1]]}}}',
        json.dumps({"schema_version": 1, "latent_dim": 1, "methods": {"sefa": None}}),
    ],
)
def test_a_damaged_file_is_refused(tmp_path, content):
    (tmp_path / "directions.json").write_text(content)
    with pytest.raises(ValueError, match="must be a file of directions"):
        latent.load_directions(tmp_path)


def test_there_may_be_no_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        latent.load_directions(tmp_path / "directions.json")
