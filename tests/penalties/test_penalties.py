"""Each penalty, and its gradient, against finite differences of forward passes in NumPy's float64."""

import functools
import json

import keras
import numpy as np
import pytest
import scipy.stats
import tensorflow as tf
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numpy.lib.stride_tricks import sliding_window_view

from keras_gan import penalties

SEED = tf.constant([3, 5], tf.int64)
STEP = tf.constant(0, tf.int64)
GRADIENT_PENALTIES = {
    "wgan_gp": penalties.WGANGP,
    "one_sided": functools.partial(penalties.WGANGP, one_sided=True),
    "r1": penalties.R1,
    "r2": penalties.R2,
    "dragan": penalties.DRAGAN,
}
# What each makes of the squared norms of the gradients.
FORMULAS = {
    "wgan_gp": lambda squares: np.mean((np.sqrt(squares) - 1) ** 2),
    "one_sided": lambda squares: np.mean(np.maximum(np.sqrt(squares) - 1, 0) ** 2),
    "r1": lambda squares: np.mean(squares) / 2,
    "r2": lambda squares: np.mean(squares) / 2,
    "dragan": lambda squares: np.mean((np.sqrt(squares) - 1) ** 2),
}
MODES = {
    "eager": lambda function: function,
    "graph": functools.partial(tf.function, autograph=False),
    "xla": functools.partial(tf.function, autograph=False, jit_compile=True),
}


# ---------------------------------------------------------------------- critics, in Keras and in NumPy


def mlp(dtype="float32"):
    """(4, 4, 1) to one logit."""
    layers = [keras.layers.Flatten(), keras.layers.Dense(6, "tanh"), keras.layers.Dense(1)]
    return keras.Sequential([keras.Input((4, 4, 1)), *layers]) if dtype == "float32" else _in(dtype, mlp)


def mlp_forward(weights, images):
    kernel, bias, kernel_2, bias_2 = weights
    return np.tanh(images.reshape(*images.shape[:-3], 16) @ kernel + bias) @ kernel_2 + bias_2


def patch(dtype="float32"):
    """(7, 7, 1) to a map of logits, with strides, batch normalisation and a leaky ReLU."""
    if dtype != "float32":
        return _in(dtype, patch)
    layers = [keras.layers.Conv2D(4, 3, 2), BatchNorm(), keras.layers.LeakyReLU(0.2), keras.layers.Conv2D(1, 2)]
    return keras.Sequential([keras.Input((7, 7, 1)), *layers])


class BatchNorm(keras.layers.Layer):
    """Keras's own is differentiated wrongly: see `test_keras_normalisation_is_differentiated_twice`."""

    def __init__(self):
        super().__init__(dtype="float32")

    def build(self, shape):
        self.gamma = self.add_weight(shape=shape[-1:], initializer="ones")
        self.beta = self.add_weight(shape=shape[-1:])
        self.moving_mean = self.add_weight(shape=shape[-1:], trainable=False)

    def call(self, x, training=False):
        mean = keras.ops.mean(x, (0, 1, 2))
        if training:
            self.moving_mean.assign(0.9 * self.moving_mean + 0.1 * mean)
        return (x - mean) / keras.ops.sqrt(keras.ops.var(x, (0, 1, 2)) + 1e-3) * self.gamma + self.beta


def patch_forward(weights, images):
    kernel, bias, gamma, beta, kernel_2, bias_2 = weights
    x = convolve(images, kernel, 2) + bias
    batch = (-4, -3, -2)
    x = (x - x.mean(batch, keepdims=True)) / np.sqrt(x.var(batch, keepdims=True) + 1e-3) * gamma + beta
    return convolve(np.where(x > 0, x, 0.2 * x), kernel_2, 1) + bias_2


def convolve(x, kernel, stride):
    windows = sliding_window_view(x, kernel.shape[:2], axis=(-3, -2))[..., ::stride, ::stride, :, :, :]
    return np.einsum("...ckl,klcd->...d", windows, kernel, optimize=True)


def _in(dtype, critic):
    before = keras.config.dtype_policy()
    keras.config.set_dtype_policy(dtype)
    try:
        return critic()
    finally:
        keras.config.set_dtype_policy(before)


CRITICS = {"mlp": (mlp, mlp_forward, (4, 4, 1)), "patch": (patch, patch_forward, (7, 7, 1))}


def weights_of(critic):
    """Weights under which some gradients' norms are above 1 and some below."""
    rng = np.random.default_rng(1)
    shapes = [v.shape for v in CRITICS[critic][0]().trainable_variables]
    return [rng.normal(0, 0.7, shape).astype(np.float32) for shape in shapes]


def images_of(critic):
    return np.random.default_rng(2).uniform(-1, 1, (2, 4, *CRITICS[critic][2])).astype(np.float32)


def network(critic, dtype="float32"):
    model = CRITICS[critic][0](dtype)
    for variable, weight in zip(model.trainable_variables, weights_of(critic), strict=True):
        variable.assign(weight)
    return model


# ---------------------------------------------------------------------- the reference


def squared_norms(forward, weights, points):
    """Squared norms of the gradient of the summed logits, by central differences for each pixel."""
    h, n = 1e-4, points.size
    nudges = h * np.eye(n).reshape(n, *points.shape)
    sums = [forward(weights, points + sign * nudges).reshape(n, -1).sum(1) for sign in (1, -1)]
    return (((sums[0] - sums[1]) / (2 * h)).reshape(points.shape) ** 2).sum((1, 2, 3))


@functools.cache
def reference(name, critic, points):
    """The penalty at given points, as bytes, and its central differences with respect to each weight."""
    forward, shape = CRITICS[critic][1:]
    points = np.frombuffer(points, np.float32).reshape(-1, *shape).astype(np.float64)
    weights = [weight.astype(np.float64) for weight in weights_of(critic)]

    def penalty(flat):
        ends = np.cumsum([w.size for w in weights])[:-1]
        parts = [part.reshape(w.shape) for part, w in zip(np.split(flat, ends), weights, strict=True)]
        return FORMULAS[name](squared_norms(forward, parts, points))

    flat, h = np.concatenate([w.ravel() for w in weights]), 1e-5
    slopes = [(penalty(flat + h * unit) - penalty(flat - h * unit)) / (2 * h) for unit in np.eye(flat.size)]
    return penalty(flat), np.array(slopes)


def points_of(name, critic, real, fake, seed=SEED):
    """Points at which the penalty takes the gradient of the critic."""
    seen = []

    def looking(images):
        seen.append(images)
        return critic(images)

    GRADIENT_PENALTIES[name]().penalty(looking, tf.constant(real), tf.constant(fake), seed)
    return seen[0].numpy()


def value_and_gradient(penalty, model, step, real, fake, training=True):
    """As a model's training step would compute them."""
    with tf.GradientTape() as tape:
        value = penalty(lambda images: model(images, training=training), real, fake, step, SEED)
    variables = [variable.value for variable in model.trainable_variables]
    gradients = tape.gradient(value, variables, unconnected_gradients="zero")
    return value, tf.concat([tf.reshape(gradient, [-1]) for gradient in gradients], 0)


def relative_error(vector, expected):
    return np.linalg.norm(vector - expected) / np.linalg.norm(expected)


# ---------------------------------------------------------------------- values and gradients


def all_of(model, real, fake):
    """For each penalty where it looks, its value at weight 3 and its gradient."""
    found = {}
    for name, penalty in GRADIENT_PENALTIES.items():
        seen = []

        def looking(images, training, seen=seen):
            seen.append(images)
            return model(images, training=training)

        looking.trainable_variables = model.trainable_variables
        value, gradient = value_and_gradient(penalty(weight=3.0), looking, STEP, real, fake)
        found[name] = seen[0], value, gradient
    return found


@pytest.mark.parametrize("critic", CRITICS)
@pytest.mark.parametrize("mode", ["eager", "graph", pytest.param("xla", marks=pytest.mark.slow)])
def test_penalties_and_their_gradients_are_right(critic, mode):
    model, (real, fake) = network(critic), tf.constant(images_of(critic))
    for name, (points, value, gradient) in MODES[mode](functools.partial(all_of, model, real, fake))().items():
        expected, slopes = reference(name, critic, points.numpy().tobytes())
        assert value.dtype == "float32", name
        assert value.shape == (), name
        assert float(value) == pytest.approx(3 * expected, rel=1e-5), name
        assert relative_error(gradient, 3 * slopes) < 1e-4, name


@pytest.mark.parametrize("critic", CRITICS)
def test_networks_of_half_precision(critic):
    model, (real, fake) = network(critic, "mixed_float16"), tf.constant(images_of(critic))
    for name, (points, value, gradient) in MODES["graph"](functools.partial(all_of, model, real, fake))().items():
        expected, slopes = reference(name, critic, points.numpy().tobytes())
        assert value.dtype == "float32", name
        assert float(value) == pytest.approx(3 * expected, rel=5e-3), name
        assert relative_error(gradient, 3 * slopes) < 1e-2, name


def test_squares_are_of_single_precision():
    """300^2 would overflow float16, and so would a sum of logits."""
    model = _in("mixed_float16", lambda: keras.Sequential([keras.Input((4, 4, 1)), keras.layers.Flatten(), *_linear()]))
    images = tf.ones((64, 4, 4, 1))
    value, gradient = value_and_gradient(penalties.R1(weight=1.0), model, STEP, images, images)
    assert float(value) == 16 * 300**2 / 2
    np.testing.assert_array_equal(gradient, 300)


def _linear():
    return [keras.layers.Dense(1, use_bias=False, kernel_initializer=keras.initializers.Constant(300.0))]


@given(hnp.arrays(np.float32, (3, 3, 2), elements=st.floats(-2, 2, width=32)))
def test_penalties_of_a_linear_critic(slope):
    """Its gradient is the same everywhere: `slope`, of which each penalty has a simple function."""
    real, fake = np.random.default_rng(0).normal(size=(2, 5, 3, 3, 2)).astype(np.float32)
    norm = np.linalg.norm(slope.astype(np.float64))
    expected = {
        "wgan_gp": (norm - 1) ** 2,
        "one_sided": max(norm - 1, 0) ** 2,
        "r1": norm**2 / 2,
        "r2": norm**2 / 2,
        "dragan": (norm - 1) ** 2,
    }
    for name, penalty in GRADIENT_PENALTIES.items():
        value = penalty(weight=1.0)(lambda x: tf.einsum("bhwc,hwc->b", x, slope), real, fake, STEP, SEED)
        assert float(value) == pytest.approx(expected[name], rel=1e-5, abs=1e-6), name


@pytest.mark.parametrize("shape", [(5,), (5, 1), (5, 3, 4, 2)])
def test_logits_of_an_image_are_summed(shape):
    """Each logit is here the mean of the image's 24 pixels, whose slope is then (logits of an image) / 24."""
    real = np.random.default_rng(0).normal(size=(5, 3, 4, 2)).astype(np.float32)

    def critic(images):
        means = tf.reduce_mean(images, axis=[1, 2, 3])
        return tf.broadcast_to(tf.reshape(means, [5] + [1] * (len(shape) - 1)), shape)

    value = penalties.R1(weight=1.0)(critic, real, real, STEP, SEED)
    assert float(value) == pytest.approx(24 * (np.prod(shape[1:]) / 24) ** 2 / 2, rel=1e-5)


@pytest.mark.parametrize("mode", ["eager", "graph"])
def test_a_flat_critic_has_a_gradient_without_nan(mode):
    model, (real, fake) = mlp(), tf.constant(images_of("mlp"))
    for variable in model.trainable_variables:
        variable.assign(tf.zeros(variable.shape))
    for name, (_, value, gradient) in MODES[mode](functools.partial(all_of, model, real, fake))().items():
        assert float(value) == 3 * FORMULAS[name](np.zeros(4))
        np.testing.assert_array_equal(gradient, 0)


@pytest.mark.parametrize("name", GRADIENT_PENALTIES)
def test_images_are_constants(name):
    """The penalty of D sends no gradient to the generator that made the images."""
    model = network("mlp")
    real, fake = tf.constant(images_of("mlp"))
    with tf.GradientTape() as tape:
        tape.watch([real, fake])
        value = GRADIENT_PENALTIES[name]()(model, real, fake, STEP, SEED)
    assert tape.gradient(value, [real, fake]) == [None, None]


def test_a_critic_must_be_differentiable():
    images = tf.zeros((2, 4, 4, 1))
    with pytest.raises(ValueError, match=r"`critic` must be differentiable.*Received: logits without a gradient"):
        penalties.R1()(lambda x: tf.zeros((2, 1)), images, images, STEP, SEED)


def test_batches_of_unknown_size():
    """As in `fit`, whose last batch is smaller."""
    model, spec = network("mlp"), tf.TensorSpec((None, 4, 4, 1))
    real, fake = tf.constant(images_of("mlp"))
    compiled = tf.function(functools.partial(all_of, model), input_signature=[spec] * 2)
    for n in (4, 3):
        found = compiled(real[:n], fake[:n])
        for name, expected in all_of(model, real[:n], fake[:n]).items():
            for ours, theirs in zip(found[name], expected, strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-3, atol=1e-5, err_msg=name)


@pytest.mark.xfail(raises=AssertionError, strict=True, reason="tf.nn.moments holds its mean constant; see `Penalty`")
@pytest.mark.parametrize("layer", [keras.layers.BatchNormalization, keras.layers.GroupNormalization])
def test_keras_normalisation_is_differentiated_twice(layer):
    """A bias that the normalisation takes away again has no influence, and so no gradient."""
    layers = [keras.layers.Conv2D(4, 3), layer(**({"groups": 4} if "Group" in layer.__name__ else {}))]
    model = keras.Sequential([keras.Input((7, 7, 1)), *layers, keras.layers.Activation("tanh")])
    real, fake = tf.constant(images_of("patch"))
    with tf.GradientTape() as tape:
        value = penalties.R1()(lambda images: model(images, training=True), real, fake, STEP, SEED)
    np.testing.assert_allclose(tape.gradient(value, layers[0].bias.value), 0, atol=1e-4)


# ---------------------------------------------------------------------- where the penalties look


def test_r1_looks_at_real_images_and_r2_at_generated_ones():
    real, fake = images_of("mlp")
    np.testing.assert_array_equal(points_of("r1", network("mlp"), real, fake), real)
    np.testing.assert_array_equal(points_of("r2", network("mlp"), real, fake), fake)


def test_wgan_gp_looks_between_real_and_generated_images():
    real, fake = np.random.default_rng(0).normal(size=(2, 2000, 3, 3, 2)).astype(np.float32)
    fake += 10  # so that dividing by the difference loses nothing
    shares = (points_of("wgan_gp", lambda x: x, real, fake) - fake) / (real - fake)
    np.testing.assert_allclose(shares, shares[:, :1, :1, :1] * np.ones_like(shares), atol=1e-5)
    assert scipy.stats.kstest(shares[:, 0, 0, 0], "uniform").pvalue > 0.01


def test_dragan_looks_beside_real_images_as_its_authors_do():
    """x + a s u / 2, a of an image and u of a pixel uniform, s the batch's deviation; fake images do not matter."""
    real = (3 * np.random.default_rng(0).normal(size=(500, 20, 20, 1))).astype(np.float32)
    moved = (points_of("dragan", lambda x: x, real, np.full_like(real, np.nan)) - real) / (real.std() / 2)
    moved = moved.reshape(500, 400).astype(np.float64)
    assert moved.min() > -1e-5
    of_image = moved.max(1) * 401 / 400  # of 400 uniform numbers the greatest is expected at 400 / 401
    assert scipy.stats.kstest(of_image, "uniform").pvalue > 0.01
    of_pixel = (moved / of_image[:, None])[of_image > 0.1]
    assert scipy.stats.kstest(of_pixel[:, 0], "uniform").pvalue > 0.01
    assert abs(np.corrcoef(of_pixel[:, 0], of_pixel[:, 1])[0, 1]) < 0.1


@pytest.mark.parametrize("name", ["wgan_gp", "dragan"])
def test_random_numbers_are_a_function_of_the_seed(name):
    real, fake = images_of("mlp")
    one, again, other = [
        points_of(name, network("mlp"), real, fake, tf.constant(seed, tf.int64)) for seed in ([3, 5], [3, 5], [3, 6])
    ]
    np.testing.assert_array_equal(one, again)
    assert (np.abs(one - other) > 1e-4).mean() > 0.9


# ---------------------------------------------------------------------- weight and interval


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["graph", "xla"])
def test_lazy_updates_have_the_mean_of_those_that_are_not(jit_compile):
    """And the critic, whose batch normalisation would tell, does not run between them."""
    model, (real, fake) = network("patch"), tf.constant(images_of("patch"))
    expected, slopes = value_and_gradient(penalties.R1(weight=2.0), model, STEP, real, fake)
    moving_mean, traces = model.layers[1].moving_mean, []

    def step_of_training(step):
        traces.append(step)
        return value_and_gradient(penalties.R1(weight=2.0, interval=4), model, step, real, fake)

    run = tf.function(step_of_training, jit_compile=jit_compile)
    values, gradients = [], []
    for step in range(4, 8):
        before = moving_mean.numpy()
        value, gradient = run(tf.constant(step, tf.int64))
        assert (moving_mean.numpy() != before).any() == (step == 4)
        assert (np.asarray(gradient) != 0).any() == (step == 4)
        values.append(float(value))
        gradients.append(gradient)
    assert len(traces) == 1
    assert np.mean(values) == pytest.approx(float(expected), rel=1e-5)
    assert relative_error(np.mean(gradients, 0), slopes) < 1e-5


def test_a_step_may_be_an_optimizers_count():
    real, fake = tf.constant(images_of("mlp"))
    model, optimizer = network("mlp"), keras.optimizers.SGD()
    lazy = penalties.R1(interval=2)
    values = []
    for step in range(4):
        optimizer.iterations.assign(step)
        values.append(float(lazy(model, real, fake, optimizer.iterations, SEED)))
    full = 2 * float(penalties.R1()(model, real, fake, STEP, SEED))
    assert values == pytest.approx([full, 0, full, 0])


@pytest.mark.parametrize("interval", [1, 2])
@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)], ids=["graph", "xla"])
def test_a_scheduled_weight_follows_the_step(interval, jit_compile):
    real, fake = tf.constant(images_of("mlp"))
    model = network("mlp")
    unit = float(penalties.R2(weight=1.0)(model, real, fake, STEP, SEED))
    schedule = keras.optimizers.schedules.PolynomialDecay(8.0, 8, end_learning_rate=0.0)
    penalty = penalties.R2(schedule, interval=interval)
    run = tf.function(lambda step: penalty(model, real, fake, step, SEED), jit_compile=jit_compile)
    for step in (0, 2, 6, 8):
        assert float(run(tf.constant(step, tf.int64))) == pytest.approx((8 - step) * interval * unit, rel=1e-5)


# ---------------------------------------------------------------------- weight clipping


@pytest.mark.parametrize("mode", MODES)
def test_weights_are_clipped_and_the_others_left_alone(mode):
    model = network("patch")
    before = [variable.numpy() for variable in model.trainable_variables]
    clipping = penalties.WeightClipping(limit=0.25)
    MODES[mode](lambda: clipping.constrain(model.trainable_variables))()
    for variable, weight in zip(model.trainable_variables, before, strict=True):
        np.testing.assert_array_equal(variable, np.clip(weight, -0.25, 0.25))
    assert sum((np.abs(weight) > 0.25).sum() for weight in before) > 10
    assert float(clipping(model, *tf.constant(images_of("patch")), STEP, SEED)) == 0


@pytest.mark.parametrize("name", GRADIENT_PENALTIES)
def test_the_others_constrain_nothing(name):
    model = network("mlp")
    GRADIENT_PENALTIES[name]().constrain(model.trainable_variables)
    for variable, weight in zip(model.trainable_variables, weights_of("mlp"), strict=True):
        np.testing.assert_array_equal(variable, weight)


# ---------------------------------------------------------------------- a user's own


@keras.saving.register_keras_serializable("test_penalties")
class SmallLogits(penalties.Penalty):
    def __init__(self, weight=0.5, interval=1, power=2):
        super().__init__(weight, interval)
        self.power = power

    def penalty(self, critic, real, fake, seed):
        return tf.reduce_mean(critic(real) ** self.power)


def test_a_penalty_of_ones_own():
    real, fake = tf.constant(images_of("mlp"))
    penalty = penalties.get(json.loads(json.dumps(keras.saving.serialize_keras_object(SmallLogits(power=4)))))
    assert type(penalty) is SmallLogits
    value, gradient = value_and_gradient(penalty, network("mlp"), STEP, real, fake)
    logits = mlp_forward(weights_of("mlp"), images_of("mlp")[0])
    assert float(value) == pytest.approx(0.5 * np.mean(logits**4), rel=1e-5)
    assert float(gradient[-1]) == pytest.approx(0.5 * np.mean(4 * logits**3), rel=1e-4)
    assert not penalty.per_image
    assert all(each().per_image for each in GRADIENT_PENALTIES.values())


def test_arguments_must_be_attributes():
    class Forgetful(penalties.R1):
        def __init__(self, weight=1.0, sharpness=2.0):
            super().__init__(weight)

    with pytest.raises(NotImplementedError, match="Received: no attribute sharpness"):
        Forgetful().get_config()


# ---------------------------------------------------------------------- finding, saving, refusing


@pytest.mark.parametrize(
    "penalty",
    [
        penalties.WGANGP(5, interval=2, one_sided=True),
        penalties.R1(np.float32(0.5), interval=16),
        penalties.R2(weight=keras.optimizers.schedules.CosineDecay(2.0, 100, alpha=0.1)),
        penalties.DRAGAN(weight=0),
        penalties.WeightClipping(limit=0.1),
    ],
    ids=lambda penalty: type(penalty).__name__,
)
def test_penalties_are_saved_with_their_arguments(penalty):
    again = penalties.get(json.loads(json.dumps(keras.saving.serialize_keras_object(penalty))))
    assert type(again) is type(penalty)
    ours, theirs = vars(penalty), vars(again)
    if isinstance(penalty, penalties.R2):
        ours, theirs = (
            ours | {"weight": ours["weight"].get_config()},
            theirs | {"weight": theirs["weight"].get_config()},
        )
    assert ours == theirs
    assert vars(type(penalty).from_config(penalty.get_config())) == vars(penalty)


def test_names():
    public = {getattr(penalties, name) for name in penalties.__all__ if name[0].isupper()} - {
        penalties.Penalty,
        penalties.GeneratorPenalty,
    }
    found = penalties.get_all(["orthogonal", "path_length", "wgan_gp", "r1", "r2", "dragan", "weight_clipping"])
    assert [type(penalty).__name__ for penalty in found[2:]] == ["WGANGP", "R1", "R2", "DRAGAN", "WeightClipping"]
    assert {type(penalty) for penalty in found} == public
    assert [penalty.weight for penalty in found[2:]] == [10, 10, 10, 10, 0]
    assert found[-1].limit == 0.01


def test_get_all():
    r1 = penalties.R1()
    assert penalties.get_all(None) == ()
    assert penalties.get_all([]) == ()
    assert penalties.get_all(r1) == (r1,)
    assert penalties.get_all((r1, r1)) == (r1, r1)
    serialised = keras.saving.serialize_keras_object(penalties.R2(3.0))
    one, other = penalties.get_all(["r1", serialised])
    assert (type(one), type(other), other.weight) == (penalties.R1, penalties.R2, 3.0)
    assert type(penalties.get_all(serialised)[0]) is penalties.R2


@pytest.mark.parametrize(
    "wrong", ["r3", 3, None, keras.saving.serialize_keras_object(keras.layers.Flatten()), penalties.R1]
)
def test_get_raises_for_anything_else(wrong):
    with pytest.raises(ValueError, match=r"must be one of \['dragan', 'orthogonal', .*'wgan_gp'\].*Received: "):
        penalties.get(wrong)
    with pytest.raises(ValueError, match=r"must be one of"):
        penalties.get_all(["r1", wrong])


@pytest.mark.parametrize("penalty", [penalties.WGANGP, penalties.R1, penalties.R2, penalties.DRAGAN])
def test_arguments_are_checked(penalty):
    for weight in (-1, float("nan"), float("inf"), True, "10", None):
        with pytest.raises(ValueError, match=r"`weight` must be a finite number, at least 0.*Received: weight="):
            penalty(weight=weight)
    for interval in (0, -1, 1.5, True, None):
        with pytest.raises(ValueError, match=r"`interval` must be an integer, at least 1\. Received: interval="):
            penalty(interval=interval)


@pytest.mark.parametrize("limit", [0, -0.1, float("nan"), float("inf"), True, "0.01"])
def test_the_limit_is_checked(limit):
    with pytest.raises(ValueError, match=r"`limit` must be a finite number above 0\. Received: limit="):
        penalties.WeightClipping(limit)
