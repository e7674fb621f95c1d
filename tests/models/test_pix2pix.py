"""Pix2Pix: its equations in NumPy float64, its saved state, its errors."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

import keras_gan

SIZE = 8


def generator():
    inputs = keras.Input((None, None, 1))
    return keras.Model(inputs, layers.Conv2D(1, 1, activation="tanh", bias_initializer="ones")(inputs), name="g")


def discriminator(activation=None):
    pair = [keras.Input((None, None, 1)), keras.Input((None, None, 1))]
    logits = layers.Conv2D(1, 1, activation=activation, bias_initializer="ones")(layers.Concatenate()(pair))
    return keras.Model(pair, logits, name="d")


def compiled(rate=0.1, l1_weight=100.0, **arguments):
    model = keras_gan.Pix2Pix(generator(), discriminator(), l1_weight=l1_weight)
    model.compile(keras.optimizers.SGD(rate), keras.optimizers.SGD(rate), **arguments)
    return model


def images(n, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, (n, SIZE, SIZE, 1)).astype(np.float32)


def parameters(model):
    """Returns G's weight and bias, D's weights of x and of y, and D's bias."""
    parts = [w.numpy().ravel() for network in (model.generator, model.discriminator) for w in network.weights]
    return np.concatenate(parts).astype(np.float64)


def softplus(t):
    return np.logaddexp(0, t)


def terms(p, x, y):
    """Equation 1's two sides in their non-saturating form, and equation 3."""
    fake = np.tanh(p[0] * x + p[1])
    d = lambda image: p[2] * x + p[3] * image + p[4]  # noqa: E731
    d_loss = np.mean(softplus(-d(y))) + np.mean(softplus(d(fake)))
    return d_loss, np.mean(softplus(-d(fake))), np.mean(np.abs(fake - y))


def relativistic_terms(p, x, y):
    """The same with the relativistic loss: each pair of patches is compared."""
    fake = np.tanh(p[0] * x + p[1])
    difference = p[3] * (y - fake)
    return np.mean(softplus(-difference)), np.mean(softplus(difference)), np.mean(np.abs(fake - y))


def gradient(function, at, step=1e-6):
    result = np.zeros_like(at)
    for i in range(len(at)):
        move = step * np.eye(len(at))[i]
        result[i] = (function(at + move) - function(at - move)) / (2 * step)
    return result


@pytest.mark.parametrize(("loss", "terms"), [("non_saturating", terms), ("relativistic", relativistic_terms)])
def test_terms_and_one_update_are_the_papers(loss, terms):
    model = compiled(l1_weight=7.0, loss=loss)
    x, y = images(4, seed=1), images(4, seed=2)
    before = parameters(model)
    history = model.fit(x, y, batch_size=4, verbose=0).history
    x, y = x.astype(np.float64), y.astype(np.float64)
    expected = before.copy()
    expected[2:] -= 0.1 * gradient(lambda p: terms(p, x, y)[0], before)[2:]
    _, adversarial, l1 = terms(expected, x, y)  # G learns from the new D
    expected[:2] -= 0.1 * gradient(lambda p: terms(p, x, y)[1] + 7.0 * terms(p, x, y)[2], expected)[:2]
    np.testing.assert_allclose(parameters(model), expected, rtol=1e-5, atol=1e-6)
    assert history["d_loss"][0] == pytest.approx(terms(before, x, y)[0], rel=1e-5)
    assert history["adversarial"][0] == pytest.approx(adversarial, rel=1e-5)
    assert history["l1"][0] == pytest.approx(l1, rel=1e-5)
    assert history["g_loss"][0] == pytest.approx(adversarial + 7.0 * l1, rel=1e-5)


def test_a_penalty_is_of_the_translation_alone_and_the_average_translates():
    """D's gradient is p[3] at each of y's 64 pixels, so R1 is 32 p[3]^2. It ignores D's gradient at x."""
    model = compiled(penalties=keras_gan.penalties.R1(weight=0.01), ema_momentum=0.9)
    x, y = images(4, seed=1), images(4, seed=2)
    before = parameters(model)
    history = model.fit(x, y, batch_size=4, verbose=0).history
    factor = 0.01 * SIZE * SIZE / 2
    assert history["d_penalty"][0] == pytest.approx(factor * before[3] ** 2, rel=1e-5)
    of_d = gradient(lambda p: terms(p, x.astype(np.float64), y.astype(np.float64))[0] + factor * p[3] ** 2, before)[2:]
    after = parameters(model)
    np.testing.assert_allclose(after[2:], before[2:] - 0.1 * of_d, rtol=1e-5, atol=1e-6)
    mean = 0.1 * before[:2] + 0.9 * after[:2]  # the first update's momentum is 1 / 10
    np.testing.assert_allclose(model.translate(x), np.tanh(mean[0] * x + mean[1]), atol=1e-6)
    assert "d_penalty" not in model.evaluate(x, y, verbose=0, return_dict=True)


AVERAGED = {"penalties": "r1", "ema_momentum": 0.9, "loss": "relativistic_average"}


@pytest.mark.parametrize(("normalization", "arguments"), [("batch", {}), ("spectral", AVERAGED)])
@pytest.mark.usefixtures("eager_steps")
def test_a_resumed_training_goes_on_as_if_it_had_never_stopped(normalization, arguments, tmp_path):
    keras.utils.set_random_seed(3)

    def model():
        inputs = keras.Input((None, None, 3))
        dropped = layers.Dropout(0.5)(layers.Conv2D(4, 3, padding="same")(inputs))
        network = keras.Model(inputs, layers.Conv2D(3, 3, padding="same", activation="tanh")(dropped))
        options = {"receptive_field": 1, "filters": 4, "normalization": normalization}
        discriminator = keras_gan.networks.pix2pix.discriminator((16, 16, 3), **options)
        made = keras_gan.Pix2Pix(network, discriminator)
        made.compile(**arguments)
        return made

    pairs = [np.random.default_rng(seed).uniform(-1, 1, (8, 16, 16, 3)).astype(np.float32) for seed in (1, 2)]
    batches = tf.data.Dataset.from_tensor_slices(tuple(pairs)).batch(2, drop_remainder=True)
    first = model()
    first.fit(batches.take(2), verbose=0)
    first.save(tmp_path / "model.keras")
    rest = batches.skip(2)
    expected = first.fit(rest, verbose=0).history
    second = keras.models.load_model(tmp_path / "model.keras")
    assert isinstance(second, keras_gan.Pix2Pix)
    assert second.fit(rest, verbose=0).history == expected  # dropout's state included
    np.testing.assert_array_equal(second.translate(pairs[0]), first.translate(pairs[0]))


def test_it_learns_to_translate_pairs():
    """y = -x, which one weight and one bias can represent."""
    x = images(64)
    model = compiled(rate=0.02, l1_weight=10.0)
    x = np.tile(x, (20, 1, 1, 1))
    model.fit(x, np.tanh(-x), batch_size=8, verbose=0)
    assert np.abs(model.translate(x) - np.tanh(-x)).mean() < 0.05


def test_refusals():
    with pytest.raises(ValueError, match="l1_weight=-1"):
        keras_gan.Pix2Pix(generator(), discriminator(), l1_weight=-1)
    with pytest.raises(ValueError, match="ends in a sigmoid"):
        keras_gan.Pix2Pix(generator(), discriminator("sigmoid"), image_shape=(SIZE, SIZE, 1))
    with pytest.raises(ValueError, match="must be one of"):
        compiled().translate(images(1), generator="f")
    with pytest.raises(ValueError, match=r"must be in \[-1, 1\]"):
        compiled().fit(images(2), images(2) * 255, verbose=0)
