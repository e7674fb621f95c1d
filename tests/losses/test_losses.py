"""Each loss against its formula in float64, in every mode that runs it, and where logits are large."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from keras_gan import losses


def sigmoid(x):
    return 1 / (1 + np.exp(-x.astype(np.float64)))


def cross_entropy(logits, target=1.0):
    """Cross-entropy of D = sigmoid(logits) and a target, in the notation of the papers."""
    d = sigmoid(logits)
    return -np.mean(target * np.log(d) + (1 - target) * np.log(1 - d))


def mean(x):
    return np.mean(x.astype(np.float64))


# name: D's and G's loss of (real, fake) in the papers' notation.
PAPERS = {
    "minimax": (
        lambda r, f: -np.mean(np.log(sigmoid(r))) - np.mean(np.log(1 - sigmoid(f))),
        lambda r, f: np.mean(np.log(1 - sigmoid(f))),
    ),
    "non_saturating": (
        lambda r, f: -np.mean(np.log(sigmoid(r))) - np.mean(np.log(1 - sigmoid(f))),
        lambda r, f: -np.mean(np.log(sigmoid(f))),
    ),
    "least_squares": (
        lambda r, f: mean((r.astype(np.float64) - 1) ** 2) / 2 + mean(f.astype(np.float64) ** 2) / 2,
        lambda r, f: mean((f.astype(np.float64) - 1) ** 2) / 2,
    ),
    "wasserstein": (lambda r, f: mean(f) - mean(r), lambda r, f: -mean(f)),
    "hinge": (
        lambda r, f: -np.mean(np.minimum(0, -1 + r.astype(float))) - np.mean(np.minimum(0, -1 - f.astype(float))),
        lambda r, f: -mean(f),
    ),
    "relativistic": (
        lambda r, f: -np.mean(np.log(sigmoid(r.astype(float) - f))),
        lambda r, f: -np.mean(np.log(sigmoid(f.astype(float) - r))),
    ),
    "relativistic_average": (
        lambda r, f: -np.mean(np.log(sigmoid(r - mean(f)))) - np.mean(np.log(1 - sigmoid(f - mean(r)))),
        lambda r, f: -np.mean(np.log(sigmoid(f - mean(r)))) - np.mean(np.log(1 - sigmoid(r - mean(f)))),
    ),
}
NAMES = sorted(PAPERS)
CROSS_ENTROPY = ["minimax", "non_saturating"]

SHAPES = st.one_of(
    st.tuples(st.integers(1, 8), st.just(1)),
    st.tuples(st.integers(1, 4), st.integers(1, 3), st.integers(1, 3), st.just(1)),
)
# Beyond 7, and so 14 apart, the references themselves lose digits in 1 - sigmoid; `test_..._large_logits` goes there.
PAIRS = SHAPES.flatmap(lambda shape: hnp.arrays(np.float32, (2, *shape), elements=st.floats(-7, 7, width=32)))


def both(loss, real, fake):
    return [loss.discriminator_loss(real, fake), loss.generator_loss(fake, real)]


def references(name, real, fake):
    return [paper(real, fake) for paper in PAPERS[name]]


@pytest.mark.parametrize("name", NAMES)
@given(pair=PAIRS)
def test_losses_are_the_papers(name, pair):
    for ours, paper in zip(both(losses.get(name), *pair), references(name, *pair), strict=True):
        assert ours.dtype == "float32"
        assert ours.shape == ()
        assert float(ours) == pytest.approx(paper, rel=1e-5, abs=1e-5)


@pytest.mark.parametrize("jit_compile", [False, True], ids=["graph", "xla"])
@pytest.mark.parametrize("shape", [(5, 1), (3, 4, 4, 1)], ids=["logit", "map"])
def test_losses_are_the_papers_in_a_graph(shape, jit_compile):
    pair = np.random.default_rng(0).normal(0, 3, (2, *shape)).astype(np.float32)
    compiled = tf.function(
        lambda real, fake: {name: both(losses.get(name), real, fake) for name in NAMES}, jit_compile=jit_compile
    )(*tf.constant(pair))
    for name in NAMES:
        np.testing.assert_allclose(compiled[name], references(name, *pair), rtol=1e-5, atol=1e-5, err_msg=name)


@pytest.mark.parametrize("name", NAMES)
def test_logits_of_half_precision_are_summed_in_single(name):
    """A float16 sum of 1,000 terms would be off by percents, or overflow."""
    pair = (100 * np.random.default_rng(0).normal(size=(2, 1000, 1))).astype(np.float16)
    single = both(losses.get(name), *pair.astype(np.float32))
    for ours, expected in zip(both(losses.get(name), *tf.constant(pair)), single, strict=True):
        assert ours.dtype == "float32"
        assert float(ours) == pytest.approx(float(expected), rel=1e-6)


@pytest.mark.parametrize("name", CROSS_ENTROPY)
@pytest.mark.parametrize("logit", [-100.0, 0.0, 100.0])
@pytest.mark.parametrize("dtype", ["float32", "float16"])
def test_losses_and_their_gradients_are_right_for_large_logits(name, logit, dtype):
    """softplus(100) = 100, softplus(-100) = 3.7e-44; the gradient of softplus is the sigmoid."""
    loss = losses.get(name)
    x = tf.constant([[logit]], dtype)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(x)
        real = loss.discriminator_loss(x, tf.constant([[-100.0]], dtype))
        fake = loss.discriminator_loss(tf.constant([[100.0]], dtype), x)
        generated = loss.generator_loss(x)
    softplus, slope = np.logaddexp(0, logit), 1 / (1 + np.exp(-logit))
    assert float(real) == pytest.approx(np.logaddexp(0, -logit), abs=1e-4)
    assert float(fake) == pytest.approx(softplus, abs=1e-4)
    assert float(tape.gradient(real, x)[0, 0]) == pytest.approx(slope - 1, abs=1e-3)
    assert float(tape.gradient(fake, x)[0, 0]) == pytest.approx(slope, abs=1e-3)
    expected = -slope if name == "minimax" else slope - 1
    assert float(tape.gradient(generated, x)[0, 0]) == pytest.approx(expected, abs=1e-3)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [30.0, 1e4, 1e15])
def test_gradients_are_finite_for_large_logits(name, size):
    real, fake = tf.constant([[size], [-size]]), tf.constant([[-size], [size]])
    with tf.GradientTape(persistent=True) as tape:
        tape.watch([real, fake])
        values = both(losses.get(name), real, fake)
    for value in values:
        assert np.isfinite(value)
        for gradient in tape.gradient(value, [real, fake], unconnected_gradients="zero"):
            assert np.isfinite(gradient).all()


@pytest.mark.parametrize("name", ["relativistic", "relativistic_average"])
def test_relativistic_gradients_of_pairs_far_apart(name):
    """D has nothing to learn from pairs that are as they should be, G the full slope; and the other way round."""
    slope = 0.25 if name == "relativistic" else 0.5  # the mean of 4 pairs, in RaSGAN through both terms
    real, fake = tf.fill((4, 1), 100.0), tf.fill((4, 1), -100.0)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(fake)
        d_loss, g_loss = both(losses.get(name), real, fake)
        wrong = losses.get(name).discriminator_loss(fake, real)
    np.testing.assert_allclose(tape.gradient(d_loss, fake), 0, atol=1e-6)
    np.testing.assert_allclose(tape.gradient(g_loss, fake), -slope, atol=1e-6)
    np.testing.assert_allclose(tape.gradient(wrong, fake), -slope, atol=1e-6)


@pytest.mark.parametrize(
    ("name", "logit", "d_loss", "g_loss"),
    [
        ("minimax", 0.0, np.log(4), -np.log(2)),  # Goodfellow et al., theorem 1: D = 1/2
        ("non_saturating", 0.0, np.log(4), np.log(2)),
        ("least_squares", 0.5, 0.25, 0.125),
        ("wasserstein", 3.0, 0.0, -3.0),
        ("hinge", 0.0, 2.0, 0.0),
        ("relativistic", 3.0, np.log(2), np.log(2)),
        ("relativistic_average", 3.0, np.log(4), np.log(4)),
    ],
)
def test_values_at_equilibrium(name, logit, d_loss, g_loss):
    logits = np.full((6, 1), logit, np.float32)
    assert [float(value) for value in both(losses.get(name), logits, logits)] == pytest.approx([d_loss, g_loss])


@pytest.mark.parametrize("name", NAMES)
@given(pair=PAIRS)
def test_what_a_loss_compares(name, pair):
    """A loss that does not compare takes no notice of the real logits; one that does needs them."""
    loss = losses.get(name)
    assert loss.compares == name.startswith("relativistic")
    if loss.compares:
        with pytest.raises(ValueError, match=r"needs `real_logits`.*Received: real_logits=None"):
            loss.generator_loss(pair[1])
    else:
        assert float(loss.generator_loss(pair[1])) == float(loss.generator_loss(pair[1], pair[0]))


@pytest.mark.parametrize("name", ["relativistic", "relativistic_average"])
@given(pair=PAIRS)
def test_relativistic_losses_of_both_networks_are_symmetric(name, pair):
    loss = losses.get(name)
    shifted = (pair + np.float32(2)).astype(np.float32)
    assert float(loss.generator_loss(pair[1], pair[0])) == float(loss.discriminator_loss(pair[1], pair[0]))
    np.testing.assert_allclose(both(loss, *shifted), both(loss, *pair), rtol=1e-5, atol=1e-5)


def test_pairs_must_match():
    loss = losses.Relativistic()
    for real, fake in [((4, 1), (3, 1)), ((4, 1), (1, 1)), ((4, 1), (4,)), ((4, 2, 2, 1), (4, 1, 1, 1))]:
        with pytest.raises(ValueError, match=r"must have the same shape\. Received: shapes \(4, "):
            loss.discriminator_loss(tf.zeros(real), tf.zeros(fake))
        with pytest.raises(ValueError, match="must have the same shape"):
            loss.generator_loss(tf.zeros(fake), tf.zeros(real))


def test_pairs_of_unknown_number_must_match():
    loss, signature = losses.Relativistic(), [tf.TensorSpec((None, 1))] * 2
    for jit_compile in (False, True):
        unknown = tf.function(loss.discriminator_loss, input_signature=signature, jit_compile=jit_compile)
        assert float(unknown(tf.zeros((4, 1)), tf.zeros((4, 1)))) == pytest.approx(np.log(2))
    with pytest.raises(tf.errors.InvalidArgumentError, match="must pair up"):
        tf.function(loss.discriminator_loss, input_signature=signature)(tf.zeros((4, 1)), tf.zeros((1, 1)))


def test_averages_need_not_be_of_as_many():
    real, fake = np.random.default_rng(0).normal(size=(2, 5, 1)).astype(np.float32)
    expected = references("relativistic_average", real, fake[:3])
    assert [float(x) for x in both(losses.RelativisticAverage(), real, fake[:3])] == pytest.approx(expected, rel=1e-5)


# ---------------------------------------------------------------------- smoothed labels

SMOOTHING = st.floats(0, 0.499)


@pytest.mark.parametrize("name", CROSS_ENTROPY)
@given(pair=PAIRS, a=SMOOTHING, two_sided=st.booleans())
def test_smoothed_cross_entropy(name, pair, a, two_sided):
    real, fake = pair
    loss = type(losses.get(name))(label_smoothing=a, two_sided=two_sided)
    expected = cross_entropy(real, 1 - a) + cross_entropy(fake, a if two_sided else 0)
    assert float(loss.discriminator_loss(real, fake)) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert float(loss.generator_loss(fake)) == float(losses.get(name).generator_loss(fake))


@given(pair=PAIRS, a=SMOOTHING, two_sided=st.booleans())
def test_smoothed_least_squares(pair, a, two_sided):
    real, fake = pair.astype(np.float64)
    loss = losses.LeastSquares(label_smoothing=a, two_sided=two_sided)
    expected = np.mean((real - (1 - a)) ** 2) / 2 + np.mean((fake - (a if two_sided else 0)) ** 2) / 2
    assert float(loss.discriminator_loss(*pair)) == pytest.approx(expected, rel=1e-5, abs=1e-5)
    assert float(loss.generator_loss(pair[1])) == float(losses.LeastSquares().generator_loss(pair[1]))


@pytest.mark.parametrize(("p_data", "p_model"), [(0.7, 0.2), (0.1, 0.9)])
@pytest.mark.parametrize("two_sided", [False, True])
def test_the_optimal_smoothed_discriminator_is_the_papers(p_data, p_model, two_sided):
    """Salimans et al., section 3.4: D = (alpha p_data + beta p_model) / (p_data + p_model)."""
    alpha, beta = 0.9, 0.1 if two_sided else 0.0
    d = (alpha * p_data + beta * p_model) / (p_data + p_model)
    logit = tf.constant([[np.log(d / (1 - d))]], tf.float32)
    loss = losses.NonSaturating(label_smoothing=0.1, two_sided=two_sided)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(logit)
        # An image of each kind, for the other of which D's verdict is a constant.
        of_real = loss.discriminator_loss(logit, tf.zeros((1, 1)))
        of_fake = loss.discriminator_loss(tf.zeros((1, 1)), logit)
    slope = p_data * tape.gradient(of_real, logit) + p_model * tape.gradient(of_fake, logit)
    assert float(slope[0, 0]) == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize("name", CROSS_ENTROPY)
def test_infinite_logits_of_half_precision_are_no_nan(name):
    infinite = tf.constant([[np.inf]], tf.float16)
    assert float(losses.get(name).discriminator_loss(infinite, -infinite)) == 0


@pytest.mark.parametrize("name", [*CROSS_ENTROPY, "least_squares"])
@pytest.mark.parametrize("wrong", [-0.1, 0.5, 1, float("nan"), True, "0.1", None])
def test_label_smoothing_is_checked(name, wrong):
    with pytest.raises(ValueError, match=r"`label_smoothing` must be a number from 0 to below 0\.5\. Received"):
        type(losses.get(name))(label_smoothing=wrong)


@pytest.mark.parametrize("a", [0.0, 0.1, 0.4])
def test_losses_agree_with_keras_binary_crossentropy(a):
    """Keras's smoothing by a moves both targets towards 0.5 by a / 2."""
    rng = np.random.default_rng(0)
    real, fake = rng.normal(0, 3, (2, 32, 1)).astype(np.float32)
    crossentropy = keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=a)
    loss = losses.NonSaturating(label_smoothing=a / 2, two_sided=True)
    expected = float(crossentropy(np.ones((32, 1)), real)) + float(crossentropy(np.zeros((32, 1)), fake))
    assert float(loss.discriminator_loss(real, fake)) == pytest.approx(expected, rel=1e-5)
    plain = keras.losses.BinaryCrossentropy(from_logits=True)
    assert float(loss.generator_loss(fake)) == pytest.approx(float(plain(np.ones((32, 1)), fake)), rel=1e-5)


# ---------------------------------------------------------------------- finding and saving


def test_get_takes_names_objects_their_serialised_form_and_what_the_guides_pass():
    assert type(losses.get("minimax")) is losses.Minimax
    mine = losses.NonSaturating()
    assert losses.get(mine) is mine
    assert type(losses.get(keras.saving.serialize_keras_object(mine))) is losses.NonSaturating
    assert type(losses.get(keras.losses.BinaryCrossentropy(from_logits=True))) is losses.NonSaturating


def test_every_loss_has_a_name():
    public = {getattr(losses, name) for name in losses.__all__ if name[0].isupper()} - {losses.AdversarialLoss}
    adversarial = {one for one in public if issubclass(one, losses.AdversarialLoss)}
    assert {type(losses.get(name)) for name in NAMES} == adversarial


@pytest.mark.parametrize(
    "loss",
    [
        losses.Minimax(0.1, two_sided=True),
        losses.NonSaturating(label_smoothing=0.2),
        losses.LeastSquares(1.0, 0.1, two_sided=True),
        losses.Wasserstein(),
        losses.Hinge(),
        losses.Relativistic(),
        losses.RelativisticAverage(),
    ],
    ids=lambda loss: type(loss).__name__,
)
def test_losses_are_saved_with_their_arguments(loss):
    again = losses.get(keras.saving.serialize_keras_object(loss))
    assert type(again) is type(loss)
    assert vars(again) == vars(loss)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ("mini_max", "must be one of .*'hinge'.*'relativistic_average'.*'wasserstein'"),
        (3, "Received: 3"),
        (keras.losses.BinaryCrossentropy(), "from_logits=True"),
        (
            keras.losses.BinaryCrossentropy(from_logits=True, label_smoothing=0.1),
            r"NonSaturating\(label_smoothing=0\.05, two_sided=True\).*label_smoothing=0\.1",
        ),
        (keras.losses.MeanSquaredError(), "mean_squared_error"),
    ],
)
def test_get_raises_for_anything_else(wrong, says):
    with pytest.raises(ValueError, match=says):
        losses.get(wrong)
