"""CycleGAN: its equations in NumPy float64, its pool, its saved state, its errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from hypothesis import given, settings
from hypothesis import strategies as st
from keras import layers

import keras_gan
from keras_gan import schedules
from keras_gan.models.image_pool import ImagePool

RNG = np.random.default_rng(0)
SIZE = 8


def pixelwise(name, activation, seed, channels=1, out=1, bias=0.1):
    """A network of one weight and one bias, so that the reference is simple arithmetic."""
    inputs = keras.Input((None, None, channels))
    x = layers.Conv2D(
        out,
        1,
        activation=activation,
        kernel_initializer=keras.initializers.RandomNormal(0.5, 0.3, seed=seed),
        bias_initializer=keras.initializers.Constant(bias),
    )(inputs)
    return keras.Model(inputs, x, name=name)


def small_cyclegan(channels=1, **kwargs):
    return keras_gan.CycleGAN(
        pixelwise("g", "tanh", 1, channels, channels),
        pixelwise("f", "tanh", 2, channels, channels),
        pixelwise("d_x", None, 3, channels),
        pixelwise("d_y", None, 4, channels),
        **{"seed": 0, **kwargs},
    )


def compiled(optimizer=keras.optimizers.SGD, rate=0.1, **kwargs):
    names = ("loss", "jit_compile", "penalties", "ema_momentum")
    arguments = {key: kwargs.pop(key) for key in names if key in kwargs}
    model = small_cyclegan(**kwargs)
    model.compile(*(optimizer(rate) for _ in range(4)), **arguments)
    return model


def images(n, channels=1, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, SIZE, SIZE, channels)).astype(np.float32)


def parameters(model):
    """(weight, bias) of each network as float64, in the order g, f, d_x, d_y."""
    networks = (model.generator_g, model.generator_f, model.discriminator_x, model.discriminator_y)
    return np.array([[float(w.numpy().ravel()[0]) for w in n.weights] for n in networks], np.float64)


class Reference:
    """One update after the paper's equations, with gradients by central differences in float64."""

    terms = ("adversarial_g", "adversarial_f", "cycle_x", "cycle_y", "identity_x", "identity_y")

    def __init__(self, loss, cycle_weight, identity_weight):
        self.cycle_weight, self.identity_weight = cycle_weight, identity_weight
        softplus = lambda t: np.logaddexp(0, t)  # noqa: E731
        self.g_of, self.d_of = {
            "least_squares": (
                lambda fake: np.mean((fake - 1) ** 2),
                lambda real, fake: np.mean((real - 1) ** 2) / 2 + np.mean(fake**2) / 2,
            ),
            "non_saturating": (
                lambda fake: np.mean(softplus(-fake)),
                lambda real, fake: np.mean(softplus(-real)) + np.mean(softplus(fake)),
            ),
        }[loss]

    def generator_terms(self, p, x, y):
        g, f = (lambda t, w=w: np.tanh(w[0] * t + w[1]) for w in p[:2])
        d_x, d_y = (lambda t, w=w: w[0] * t + w[1] for w in p[2:])
        l1 = lambda a, b: np.mean(np.abs(a - b))  # noqa: E731
        values = (self.g_of(d_y(g(x))), self.g_of(d_x(f(y))), l1(f(g(x)), x), l1(g(f(y)), y), l1(f(x), x), l1(g(y), y))
        return dict(zip(self.terms, values, strict=True))

    def objective(self, p, x, y):
        t = self.generator_terms(p, x, y)
        cycle, identity = t["cycle_x"] + t["cycle_y"], t["identity_x"] + t["identity_y"]
        return t["adversarial_g"] + t["adversarial_f"] + self.cycle_weight * (cycle + self.identity_weight * identity)

    def update(self, p, x, y, rate):
        x, y = x.astype(np.float64), y.astype(np.float64)
        fake_y, fake_x = np.tanh(p[0][0] * x + p[0][1]), np.tanh(p[1][0] * y + p[1][1])
        new = p.copy()
        new[:2] -= rate * gradient(lambda q: self.objective(np.vstack([q, p[2:]]), x, y), p[:2])
        for row, real, fake in ((2, x, fake_x), (3, y, fake_y)):
            of = lambda q, real=real, fake=fake: self.d_of(q[0] * real + q[1], q[0] * fake + q[1])  # noqa: E731
            new[row] -= rate * gradient(of, p[row])
        return new


def gradient(function, at, step=1e-6):
    result = np.zeros_like(at)
    for index in np.ndindex(at.shape):
        above, below = at.copy(), at.copy()
        above[index] += step
        below[index] -= step
        result[index] = (function(above) - function(below)) / (2 * step)
    return result


@pytest.mark.parametrize(
    ("loss", "cycle_weight", "identity_weight", "jit_compile"),
    [
        ("least_squares", 10.0, 0.5, False),
        ("least_squares", 10.0, 0.5, True),
        ("least_squares", 3.0, 0.0, False),
        ("non_saturating", 10.0, 0.5, False),
    ],
)
def test_terms_and_one_update_are_the_papers(loss, cycle_weight, identity_weight, jit_compile):
    model = compiled(loss=loss, cycle_weight=cycle_weight, identity_weight=identity_weight, jit_compile=jit_compile)
    reference = Reference(loss, cycle_weight, identity_weight)
    x, y = images(4, seed=1), images(4, seed=2)
    for _ in range(2):  # the pool is not full, so D learns from the new images
        before = parameters(model)
        history = model.fit(x, y, batch_size=4, epochs=1, verbose=0).history
        terms = reference.generator_terms(before, x.astype(np.float64), y.astype(np.float64))
        for name, expected in terms.items():
            if name in history:
                assert history[name][0] == pytest.approx(expected, rel=1e-5)
        assert history["g_loss"][0] == pytest.approx(reference.objective(before, x, y), rel=1e-5)
        np.testing.assert_allclose(parameters(model), reference.update(before, x, y, 0.1), rtol=1e-5, atol=1e-6)
    assert ("identity_x" in history) == (identity_weight > 0)


def test_by_name_least_squares_is_the_papers_and_as_an_object_what_was_given():
    assert compiled(loss="least_squares").loss.generator_weight == 1.0
    assert compiled(loss=keras_gan.losses.LeastSquares()).loss.generator_weight == 0.5


def test_a_penalty_is_part_of_both_discriminators_objectives():
    """A discriminator w x + b has the gradient w at each of 64 pixels, so R1 is 32 w^2."""
    penalties, factor = keras_gan.penalties.R1(weight=0.01), 0.01 * SIZE * SIZE / 2
    model = compiled(penalties=penalties, ema_momentum=0.9)
    reference = Reference("least_squares", 10.0, 0.5)
    x, y = images(4, seed=1), images(4, seed=2)
    average = parameters(model)[:2]
    for step in range(2):
        before = parameters(model)
        history = model.fit(x, y, batch_size=4, epochs=1, verbose=0).history
        assert history["d_penalty"][0] == pytest.approx(factor * np.mean(before[2:, 0] ** 2), rel=1e-5)
        expected = reference.update(before, x, y, 0.1)
        expected[2:, 0] -= 0.1 * 2 * factor * before[2:, 0]
        np.testing.assert_allclose(parameters(model), expected, rtol=1e-5, atol=1e-6)
        momentum = (1 + step) / (10 + step)  # less than 0.9
        average = momentum * average + (1 - momentum) * expected[:2]
    for network, mean in zip(model.averages.values(), average, strict=True):
        np.testing.assert_allclose([float(w.numpy().ravel()[0]) for w in network.weights], mean, rtol=1e-5)
    assert "d_penalty" not in model.evaluate(x, y, verbose=0, return_dict=True)


@pytest.mark.usefixtures("eager_steps")
def test_a_relativistic_loss_compares_with_the_images_of_the_domain_drawn():
    model = compiled(loss="relativistic", rate=0.01)
    x, y = images(4, seed=1), images(4, seed=2)
    p = parameters(model)
    fake_y, fake_x = np.tanh(p[0][0] * x + p[0][1]), np.tanh(p[1][0] * y + p[1][1])
    history = model.fit(x, y, epochs=3, batch_size=4, shuffle=False, verbose=0).history
    for name, row, real, fake in (("adversarial_g", 3, y, fake_y), ("adversarial_f", 2, x, fake_x)):
        assert history[name][0] == pytest.approx(np.mean(np.logaddexp(0, p[row][0] * (real - fake))), rel=1e-5)
        d_loss = np.mean(np.logaddexp(0, p[row][0] * (fake - real)))
        assert history["d_y_loss" if row == 3 else "d_x_loss"][0] == pytest.approx(d_loss, rel=1e-5)
    assert np.isfinite(history["g_loss"]).all()
    assert (parameters(model) != p)[:, 0].all()  # a difference of logits does not depend on the discriminators' biases


@pytest.mark.usefixtures("eager_steps")
def test_evaluate_reports_the_same_terms_and_changes_nothing():
    model = compiled()
    x, y = images(4, seed=1), images(4, seed=2)
    before = parameters(model)
    values = model.evaluate(x, y, batch_size=4, verbose=0, return_dict=True)
    expected = Reference("least_squares", 10.0, 0.5).objective(before, x, y)
    assert values["g_loss"] == pytest.approx(expected, rel=1e-5)
    np.testing.assert_array_equal(parameters(model), before)
    assert not model.pool_x.built


# ---------------------------------------------------------------------- the pool


def labelled(first, n):
    """Images that each show a different number."""
    return tf.reshape(tf.range(first, first + n, dtype=tf.float32), (n, 1, 1, 1))


@given(
    size=st.integers(0, 6), batches=st.lists(st.integers(1, 9), min_size=1, max_size=12), seed=st.integers(0, 2**31 - 1)
)
@settings(max_examples=40, deadline=None)
def test_the_pool_is_the_papers_rule(size, batches, seed):
    pool = ImagePool(size)
    pool.build((1, 1, 1))
    held, first = [], 1
    for step, n in enumerate(batches):
        offered = labelled(first, n)
        full = len(held) == size
        returned = pool.swap(offered, seed=[seed, step]).numpy().ravel().tolist()
        offered = offered.numpy().ravel().tolist()
        first += n
        now = pool.images.numpy().ravel().tolist() if size else []
        assert len(returned) == n
        if size == 0 or not full:
            assert returned == offered
            held += offered[: size - len(held)]
        else:
            older = [image for image in returned if image not in offered]
            assert len(set(older)) == len(older)
            assert set(older) <= set(held)
            # An exchange: the new image is now at the place of the returned one.
            for image, answer in zip(offered, returned, strict=True):
                if answer != image:
                    held[held.index(answer)] = image
        assert now[: len(held)] == held
        assert int(pool.count) == len(held)


def test_half_of_what_a_full_pool_returns_is_from_earlier():
    pool = ImagePool(50)
    pool.build((1, 1, 1))
    swap = tf.function(pool.swap, jit_compile=True)
    older = sum(float(swap(labelled(i, 1), tf.constant([7, i]))[0, 0, 0, 0]) != i for i in range(1, 1051))
    assert 440 < older < 560  # 1,000 fair coins: 500, with a standard deviation of 16


# ---------------------------------------------------------------------- state


def dataset(steps, batch=2, seed=0):
    return tf.data.Dataset.from_tensor_slices((images(steps * batch, seed=seed), images(steps * batch, seed=seed + 1)))


@pytest.mark.usefixtures("eager_steps")
def test_a_resumed_training_goes_on_as_if_it_had_never_stopped(tmp_path):
    def model():
        rate = schedules.LinearDecay(0.01, steps=6)
        made = small_cyclegan(pool_size=3)
        made.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for _ in range(4)))
        return made

    batches = dataset(6).batch(2, drop_remainder=True)
    whole = model()
    whole.fit(batches, verbose=0)
    first = model()
    first.fit(batches.take(3), verbose=0)
    first.save(tmp_path / "model.keras")
    second = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(second, keras_gan.CycleGAN)
    assert second.image_shape == (SIZE, SIZE, 1)
    second.fit(batches.skip(3), verbose=0)
    np.testing.assert_array_equal(parameters(second), parameters(whole))
    np.testing.assert_array_equal(second.pool_x.images.numpy(), whole.pool_x.images.numpy())
    for name in whole.trained_networks:
        assert int(getattr(second, name).iterations) == 6
        assert float(getattr(second, name).learning_rate) == pytest.approx(0)


@pytest.mark.usefixtures("eager_steps")
def test_penalties_and_averages_go_on_too(tmp_path):
    batches = dataset(8).batch(2, drop_remainder=True)
    first = small_cyclegan(pool_size=3)
    first.compile(penalties=[keras_gan.penalties.R1(interval=2), "wgan_gp"], ema_momentum=0.9, loss="relativistic")
    first.fit(batches.take(3), verbose=0)
    first.save(tmp_path / "model.keras")
    second = keras.models.load_model(tmp_path / "model.keras")
    for epochs in (1, 3):
        rest = batches.skip(3).take(epochs)
        assert second.fit(rest, verbose=0).history == first.fit(rest, verbose=0).history
    x = images(2, seed=5)
    np.testing.assert_array_equal(second.translate(x), first.translate(x))
    assert np.abs(first.translate(x) - first.generator_g.predict(x, verbose=0)).max() > 1e-5


@pytest.mark.usefixtures("eager_steps")
def test_all_networks_learn_by_their_own_optimizer():
    model = compiled()
    for name in model.trained_networks:
        getattr(model, name).learning_rate = 0.0
    model.g_optimizer.learning_rate = 0.1
    before = parameters(model)
    model.fit(images(2), images(2, seed=3), verbose=0)
    changed = (parameters(model) != before).all(axis=1)
    np.testing.assert_array_equal(changed, [True, False, False, False])


def test_mixed_float16_scales_each_loss_and_still_follows_float32():
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        half = compiled(lambda rate: keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(rate), 256.0), rate=0.01)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    full = compiled(rate=0.01)
    for a, b in zip(half.weights, full.weights, strict=False):
        if a.shape == b.shape:
            a.assign(b)
    for optimizer in half.trained_networks:
        assert isinstance(getattr(half, optimizer), keras.optimizers.LossScaleOptimizer)
    half.f_optimizer.dynamic_scale.assign(half.g_optimizer.dynamic_scale / 4)  # the two scales may differ
    start = parameters(full)
    for model in (half, full):
        model.fit(images(4), images(4, seed=3), verbose=0)
    moved = np.abs(parameters(full) - start)
    assert (np.abs(parameters(half) - parameters(full)) < 0.05 * moved + 1e-5).all()


# ---------------------------------------------------------------------- translating, errors


def test_translate_floats_and_bytes():
    model = small_cyclegan(channels=3)
    x = images(5, channels=3)
    y = model.translate(x, batch_size=2)
    assert y.shape == x.shape
    assert y.dtype == np.float32
    np.testing.assert_allclose(y, model.generator_g(x), atol=1e-6)
    np.testing.assert_allclose(model.translate(x, generator="f"), model.generator_f(x), atol=1e-6)
    as_bytes = keras_gan.images.to_uint8(x)
    expected = keras_gan.images.to_uint8(model.translate(as_bytes / np.float32(127.5) - 1))
    np.testing.assert_array_equal(model.translate(as_bytes), expected)
    assert model.translate(x[:0]).shape == (0, SIZE, SIZE, 3)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"cycle_weight": -1.0}, "cycle_weight=-1.0"),
        ({"pool_size": -1}, "pool_size=-1"),
    ],
)
def test_arguments_out_of_range_are_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        small_cyclegan(**arguments)


def test_data_that_it_cannot_learn_from_are_refused_before_a_weight_changes():
    model = compiled()
    before = parameters(model)
    for data, message in [
        ((images(2), images(3)), "Received: 2 and 3"),
        ((images(2) * 200, images(2)), r"must be in \[-1, 1\]"),
        ((images(2), images(2) * np.nan), "finite"),
        ((images(2), images(2, channels=3)), "Received: shape"),
        ((images(2), None), "load_unpaired"),
    ]:
        with pytest.raises(ValueError, match=message):
            model.fit(*data, verbose=0)
    bad = images(4)
    bad[3] = np.nan
    with pytest.raises(ValueError, match="finite"):
        model.fit(tf.data.Dataset.from_tensor_slices((images(4), bad)).batch(4), verbose=0)
    np.testing.assert_array_equal(parameters(model), before)


def test_networks_that_do_not_fit_are_refused():
    networks = [
        pixelwise("g", "tanh", 1),
        pixelwise("f", "tanh", 1),
        pixelwise("d_x", None, 1),
        pixelwise("d_y", None, 1),
    ]
    for place, network, message in [
        (0, pixelwise("g", "sigmoid", 1), "generator_g"),
        (1, pixelwise("f", "tanh", 1, channels=3), "generator_f"),
        (3, pixelwise("d_y", "sigmoid", 1), "discriminator_y"),
        (2, pixelwise("d_x", None, 1, channels=3), "discriminator_x"),
    ]:
        changed = [*networks]
        changed[place] = network
        with pytest.raises(ValueError, match=message):
            keras_gan.CycleGAN(*changed, image_shape=(SIZE, SIZE, 1))
    with pytest.raises(ValueError, match="identity_weight=0"):
        keras_gan.CycleGAN(
            pixelwise("g", "tanh", 1, 1, 3),
            pixelwise("f", "tanh", 1, 3, 1),
            pixelwise("d_x", None, 1, 1),
            pixelwise("d_y", None, 1, 3),
            image_shape=(SIZE, SIZE, 1),
        )


def test_another_size_on_going_on_is_refused():
    model = compiled()
    model.fit(images(2), images(2), verbose=0)
    with pytest.raises(ValueError, match="trained on images"):
        model.fit(images(2)[:, :4], images(2)[:, :4], verbose=0)


def test_a_size_that_the_generator_does_not_keep_is_refused():
    inputs = keras.Input((None, None, 1))
    down = layers.Conv2D(2, 3, strides=2, padding="same")(inputs)
    halving = keras.Model(inputs, layers.Conv2DTranspose(1, 3, strides=2, padding="same", activation="tanh")(down))
    model = keras_gan.CycleGAN(halving, pixelwise("f", "tanh", 1), pixelwise("x", None, 1), pixelwise("y", None, 1))
    assert model.size_multiples == {"g": 2, "f": 1}
    assert model.size_multiple == 2
    with pytest.raises(ValueError, match=r"divisible by 2.*Received: 7 x 8"):
        model.translate(np.zeros((1, 7, 8, 1), np.float32))
    with pytest.raises(ValueError, match=r"in \[-1, 1\], or uint8\. Received: float32 from 0 to 255"):
        model.translate(np.linspace(0, 255, 64, dtype=np.float32).reshape(1, 8, 8, 1))


def test_networks_of_unknown_inputs_or_given_twice_are_refused():
    class Subclassed(keras.Model):
        def call(self, inputs):
            return inputs

    g, d = pixelwise("g", "tanh", 1), pixelwise("d", None, 1)
    with pytest.raises(ValueError, match=r"`generator_f` must be a functional model.*Received: .*Subclassed"):
        keras_gan.CycleGAN(g, Subclassed(), d, pixelwise("d_y", None, 1))
    with pytest.raises(ValueError, match="`generator_g` and `generator_f` must be two"):
        keras_gan.CycleGAN(g, g, d, pixelwise("d_y", None, 1))


@pytest.mark.usefixtures("eager_steps")
def test_one_batch_and_a_generator_of_batches_train_as_a_data_set_does():
    x, y = images(8), images(8, seed=3)
    models = [compiled() for _ in range(3)]
    for model in models[1:]:
        for mine, first in zip(model.weights, models[0].weights, strict=False):
            if mine.shape == first.shape:
                mine.assign(first)
    models[0].fit(tf.data.Dataset.from_tensor_slices((x, y)).batch(4), verbose=0)
    models[1].fit(((x[i : i + 4], y[i : i + 4]) for i in (0, 4)), verbose=0)
    for i in (0, 4):
        models[2].train_on_batch(x[i : i + 4], y[i : i + 4])
    np.testing.assert_allclose(parameters(models[1]), parameters(models[0]), atol=1e-6)
    np.testing.assert_allclose(parameters(models[2]), parameters(models[0]), atol=1e-6)
    with pytest.raises(ValueError, match="finite"):
        models[2].train_on_batch(x * np.nan, y)


@pytest.mark.usefixtures("eager_steps")
def test_evaluating_at_a_size_does_not_fix_it():
    model = compiled()
    model.evaluate(images(2)[:, :4], images(2)[:, :4], verbose=0)
    model.fit(images(2), images(2, seed=3), verbose=0)
    assert model.image_shape == (SIZE, SIZE, 1)


@pytest.mark.usefixtures("eager_steps")
def test_weights_bring_the_pools_with_them(tmp_path):
    model = compiled()
    model.fit(images(2), images(2, seed=3), verbose=0)
    model.save_weights(tmp_path / "a.weights.h5")
    for again in (compiled(image_shape=(SIZE, SIZE, 1)), compiled()):
        again.load_weights(tmp_path / "a.weights.h5")
        assert int(again.pool_x.count) == 2
        np.testing.assert_array_equal(again.pool_y.images.numpy(), model.pool_y.images.numpy())
        again.set_image_shape((SIZE, SIZE, 1))
        with pytest.raises(ValueError, match="trained on images of shape"):
            again.set_image_shape((2 * SIZE, SIZE, 1))


def test_a_generator_that_overflows_float16_finds_its_scale_and_learns():
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        inputs = keras.Input((None, None, 1))
        steep = layers.Conv2D(1, 1, activation="tanh", dtype="float32")(
            layers.Rescaling(200.0)(layers.Conv2D(1, 1, kernel_initializer="zeros")(inputs))
        )
        networks = [pixelwise("g", "tanh", 1), keras.Model(inputs, steep)]
        model = keras_gan.CycleGAN(*networks, pixelwise("x", None, 1), pixelwise("y", None, 1), seed=0)
    finally:
        keras.mixed_precision.set_global_policy("float32")
    model.compile(*(keras.optimizers.SGD(1e-6) for _ in range(4)))
    model.fit(images(64), images(64, seed=3), batch_size=2, verbose=0)
    assert int(model.f_optimizer.inner_optimizer.iterations) > 10
    assert int(model.g_optimizer.inner_optimizer.iterations) > 10


def test_a_generator_of_unknown_image_size_is_an_error():
    with pytest.raises(ValueError, match="size of the images is not known: call `fit` first"):
        compiled().evaluate((images(2), images(2)) for _ in range(1))


def test_a_float16_scale_that_no_overflow_halves_stays_finite():
    """The smaller of two scales is used. Without a limit the other one would double for ever."""
    keras.mixed_precision.set_global_policy("mixed_float16")
    try:
        networks = [pixelwise(name, "tanh" if name in "gf" else None, 1) for name in "gfxy"]
    finally:
        keras.mixed_precision.set_global_policy("float32")
    model = keras_gan.CycleGAN(*networks, seed=0)
    optimizers = [
        keras.optimizers.LossScaleOptimizer(keras.optimizers.SGD(1e-6), initial_scale=scale, dynamic_growth_steps=1)
        for scale in (2.0**120, 2.0**10, 2.0**10, 2.0**10)
    ]
    model.compile(*optimizers)
    model.fit(images(40), images(40, seed=3), batch_size=2, verbose=0)
    assert float(model.g_optimizer.dynamic_scale.numpy()) <= 2.0**24
    for name in ("g_optimizer", "f_optimizer"):
        assert int(getattr(model, name).inner_optimizer.iterations) > 10


def test_learning_rate_decay():
    rate = schedules.LinearDecay(2e-4, steps=100)
    np.testing.assert_allclose([rate(s) for s in (0, 50, 75, 100, 200)], [2e-4, 2e-4, 1e-4, 0, 0], atol=1e-10)
    again = schedules.LinearDecay.from_config(rate.get_config())
    assert again.get_config() == rate.get_config() == {"learning_rate": 2e-4, "steps": 100, "start": 50}
    with pytest.raises(ValueError, match="start=100, steps=100"):
        schedules.LinearDecay(1.0, 100, start=100)


# ---------------------------------------------------------------------- learning


def coloured(digits):
    """The translation that G should learn: white ink on black becomes red ink on a pale ground."""
    ink = (digits + 1) / 2
    return (ink * np.array([0.6, -0.6, -0.8]) + (1 - ink) * np.array([0.7, 0.8, 0.9])).astype(np.float32)


@pytest.mark.slow
def test_it_finds_out_how_the_domains_correspond_without_a_pair():
    """X are digits, Y other digits in colours. G comes near the true translation of held-out digits."""
    keras.utils.set_random_seed(0)
    digits = np.concatenate(list(keras_gan.datasets.load("digits", channels=3, batch_size=100).as_numpy_iterator()))
    x, y, held_out = digits[:2000], coloured(digits[2000:4000]), digits[4000:4200]
    network, shape = keras_gan.networks.cyclegan, (28, 28, 3)
    model = keras_gan.CycleGAN(
        *(network.generator(shape, blocks=1, filters=8) for _ in range(2)),
        *(network.discriminator(shape, receptive_field=16, filters=8) for _ in range(2)),
        seed=0,
    )
    rate = schedules.LinearDecay(1e-3, steps=500)
    model.compile(*(keras.optimizers.Adam(rate, beta_1=0.5) for _ in range(4)))
    model.fit(x, y, batch_size=8, epochs=2, verbose=0)
    error = np.abs(model.translate(held_out) - coloured(held_out)).mean()
    back = np.abs(model.translate(model.translate(held_out), "f") - held_out).mean()
    assert np.abs(held_out - coloured(held_out)).mean() > 1.4
    assert error < 0.2, error
    assert back < 0.2, back
