"""`train_step` against Algorithm 1 of the GAN paper, written out in NumPy float64 by hand."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import small_gan

import keras_gan

LATENT, HIDDEN, M, SEED, RATE = 5, 7, 6, 11, 0.3


def networks():
    generator = keras.Sequential(
        [
            keras.Input((LATENT,)),
            keras.layers.Dense(HIDDEN, activation="tanh"),
            keras.layers.Dense(12, activation="tanh"),
            keras.layers.Reshape((2, 2, 3)),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((2, 2, 3)),
            keras.layers.Flatten(),
            keras.layers.Dense(HIDDEN, activation="tanh"),
            keras.layers.Dense(1),
        ]
    )
    return generator, discriminator


class TwoLayers:
    """x -> tanh(x W1 + b1) W2 + b2, with its backward pass."""

    def __init__(self, weights, rate=RATE):
        self.weights = [w.astype(np.float64) for w in weights]
        self.rate = rate

    def forward(self, x):
        w1, b1, w2, b2 = self.weights
        hidden = np.tanh(x @ w1 + b1)
        return hidden @ w2 + b2, (x, hidden)

    def backward(self, grad, cache):
        """The gradients of the weights, and of the input."""
        w1, _, w2, _ = self.weights
        x, hidden = cache
        grad_hidden = (grad @ w2.T) * (1 - hidden**2)
        return [x.T @ grad_hidden, grad_hidden.sum(0), hidden.T @ grad, grad.sum(0)], grad_hidden @ w1.T

    def descend(self, gradients):
        self.weights = [w - self.rate * g for w, g in zip(self.weights, gradients, strict=True)]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def algorithm_1(generator, discriminator, real_batches, noise, objective):
    """One iteration. D ascends mean log D(x) + mean log(1 - D(G(z))); G descends its objective through the new D."""
    for real, z in zip(real_batches, noise, strict=True):
        fake = np.tanh(generator.forward(z)[0])
        real_logits, real_cache = discriminator.forward(real)
        fake_logits, fake_cache = discriminator.forward(fake)
        real_gradients, _ = discriminator.backward((sigmoid(real_logits) - 1) / M, real_cache)
        fake_gradients, _ = discriminator.backward(sigmoid(fake_logits) / M, fake_cache)
        d_loss = -np.log(sigmoid(real_logits)).mean() - np.log(1 - sigmoid(fake_logits)).mean()
        discriminator.descend([a + b for a, b in zip(real_gradients, fake_gradients, strict=True)])
    g_loss, norm = generator_update(generator, discriminator, z, objective)
    return d_loss, sigmoid(real_logits).mean(), sigmoid(fake_logits).mean(), g_loss, norm


def generator_update(generator, discriminator, z, objective):
    """Its loss and the norm of its gradient."""
    raw, cache = generator.forward(z)
    fake = np.tanh(raw)
    logits, d_cache = discriminator.forward(fake)
    slope = -sigmoid(logits) if objective == "minimax" else sigmoid(logits) - 1
    _, grad_fake = discriminator.backward(slope / M, d_cache)
    gradients, _ = generator.backward(grad_fake * (1 - fake**2), cache)
    generator.descend(gradients)
    norm = np.sqrt(sum((g**2).sum() for g in gradients))
    g_loss = np.log(1 - sigmoid(logits)).mean() if objective == "minimax" else -np.log(sigmoid(logits)).mean()
    return g_loss, norm


def random_numbers(function, shape, seed, jit_compile=False):
    """Returns the random numbers of a step. XLA's differ from those of a graph."""
    draw = tf.function(lambda: function(shape, seed=tf.constant(seed, tf.int64)), jit_compile=jit_compile)
    return draw().numpy().astype(np.float64)


@pytest.mark.parametrize(
    ("objective", "k", "jit_compile"),
    [
        ("minimax", 1, False),
        ("minimax", 3, False),
        ("non_saturating", 1, False),
        ("non_saturating", 3, False),
        ("minimax", 1, True),
    ],
)
def test_three_steps_equal_the_numpy_reference(objective, k, jit_compile):
    generator, discriminator = networks()
    gan = keras_gan.GAN(generator, discriminator, latent_dim=LATENT, seed=SEED)
    gan.compile(
        keras.optimizers.SGD(RATE), keras.optimizers.SGD(RATE), loss=objective, d_steps=k, jit_compile=jit_compile
    )
    reference_g, reference_d = TwoLayers(generator.get_weights()), TwoLayers(discriminator.get_weights())
    normal = tf.random.stateless_normal
    rng = np.random.default_rng(0)
    for step in range(3):
        real = rng.uniform(-1, 1, (k * M, 2, 2, 3)).astype(np.float32)
        noise = [random_numbers(normal, (M, LATENT), [SEED, step * k + i], jit_compile) for i in range(k)]
        logs = gan.train_on_batch(real, return_dict=True)
        gan.reset_metrics()
        batches = np.split(real.reshape(k * M, -1).astype(np.float64), k)
        d_loss, d_real, d_fake, g_loss, norm = algorithm_1(reference_g, reference_d, batches, noise, objective)
        assert float(logs["g_loss"]) == pytest.approx(g_loss, abs=1e-5)
        assert float(logs["g_grad_norm"]) == pytest.approx(norm, abs=1e-5)
        if k == 1:  # for k > 1 `fit` reports the mean over the k updates
            assert float(logs["d_loss"]) == pytest.approx(d_loss, abs=1e-5)
            assert float(logs["d_real"]) == pytest.approx(d_real, abs=1e-5)
            assert float(logs["d_fake"]) == pytest.approx(d_fake, abs=1e-5)
    for mine, reference in ((generator, reference_g), (discriminator, reference_d)):
        for weight, expected in zip(mine.get_weights(), reference.weights, strict=True):
            np.testing.assert_allclose(weight, expected, atol=1e-5)
    assert int(gan.d_optimizer.iterations) == 3 * k
    assert int(gan.g_optimizer.iterations) == 3


@pytest.mark.parametrize("jit_compile", [False, pytest.param(True, marks=pytest.mark.slow)])
def test_two_updates_of_either_network_at_different_rates(jit_compile):
    """Each generator update has its own noise and goes through the same D."""
    generator, discriminator = networks()
    gan = keras_gan.GAN(generator, discriminator, latent_dim=LATENT, seed=SEED)
    rates = {"d_optimizer": keras.optimizers.SGD(0.4), "g_optimizer": keras.optimizers.SGD(0.1)}
    gan.compile(**rates, d_steps=2, g_steps=2, jit_compile=jit_compile)
    reference_g, reference_d = TwoLayers(generator.get_weights(), 0.1), TwoLayers(discriminator.get_weights(), 0.4)
    rng = np.random.default_rng(0)
    for step in range(3):
        real = rng.uniform(-1, 1, (2 * M, 2, 2, 3)).astype(np.float32)
        seeds = [[SEED, 2 * step], [SEED, 2 * step + 1], [SEED - 2**32, 2 * step + 2]]
        *noise, more = (random_numbers(tf.random.stateless_normal, (M, LATENT), seed, jit_compile) for seed in seeds)
        assert np.abs(noise[1] - more).max() > 0.1
        logs = gan.train_on_batch(real, return_dict=True)
        gan.reset_metrics()
        batches = np.split(real.reshape(2 * M, -1).astype(np.float64), 2)
        *_, g_loss, norm = algorithm_1(reference_g, reference_d, batches, noise, "non_saturating")
        g_loss_2, norm_2 = generator_update(reference_g, reference_d, more, "non_saturating")
        assert float(logs["g_loss"]) == pytest.approx((g_loss + g_loss_2) / 2, abs=1e-5)
        assert float(logs["g_grad_norm"]) == pytest.approx((norm + norm_2) / 2, abs=1e-5)
    for mine, reference in ((generator, reference_g), (discriminator, reference_d)):
        for weight, expected in zip(mine.get_weights(), reference.weights, strict=True):
            np.testing.assert_allclose(weight, expected, atol=1e-5)
    assert int(gan.d_optimizer.iterations) == 6
    assert int(gan.g_optimizer.iterations) == 6


def squared_norms(discriminator, images):
    """Returns the norm of the gradient of each image's logit with respect to its pixels."""
    logits, cache = discriminator.forward(images)
    _, gradient = discriminator.backward(np.ones_like(logits), cache)
    return (gradient**2).sum(1)


def objective_with_penalties(weights, real, fake, share, factors):
    """D's loss, and the penalties' sum: equations 9 and 10 of Mescheder et al., 3 of Gulrajani et al."""
    discriminator = TwoLayers(weights)
    loss = (
        np.logaddexp(0, -discriminator.forward(real)[0]).mean() + np.logaddexp(0, discriminator.forward(fake)[0]).mean()
    )
    between = np.sqrt(squared_norms(discriminator, share * real + (1 - share) * fake))
    penalties = {
        "r1": squared_norms(discriminator, real).mean() / 2,
        "r2": squared_norms(discriminator, fake).mean() / 2,
        "wgan_gp": ((between - 1) ** 2).mean(),
    }
    return loss, sum(factor * penalties[name] for name, factor in factors.items())


def numeric_gradients(function, weights, step=1e-6):
    """Central differences in float64."""
    gradients = [np.zeros_like(weight) for weight in weights]
    for place, gradient in enumerate(gradients):
        for index in np.ndindex(gradient.shape):
            values = []
            for move in (step, -step):
                moved = [weight.copy() for weight in weights]
                moved[place][index] += move
                values.append(function(moved))
            gradient[index] = (values[0] - values[1]) / (2 * step)
    return gradients


EVERY = {"r1": 2.0, "r2": 1.0, "wgan_gp": 0.5}


@pytest.mark.parametrize(
    ("factors", "jit_compile"),
    [
        ({"r1": 3.0}, False),
        ({"wgan_gp": 5.0}, False),
        (EVERY, False),
        pytest.param(EVERY, True, marks=pytest.mark.slow),
    ],
)
def test_penalties_are_part_of_the_discriminators_objective(factors, jit_compile):
    generator, discriminator = networks()
    gan = keras_gan.GAN(generator, discriminator, latent_dim=LATENT, seed=SEED)
    penalties = [keras_gan.penalties.get(name, weight=factor) for name, factor in factors.items()]
    # G does not change, so that only D's updates are compared.
    gan.compile(keras.optimizers.SGD(RATE), keras.optimizers.SGD(0.0), penalties=penalties, jit_compile=jit_compile)
    of_g, weights = TwoLayers(generator.get_weights()), [w.astype(np.float64) for w in discriminator.get_weights()]
    rng = np.random.default_rng(0)
    for step in range(2):
        real = rng.uniform(-1, 1, (M, 2, 2, 3)).astype(np.float32)
        z = random_numbers(tf.random.stateless_normal, (M, LATENT), [SEED, step], jit_compile)
        share = random_numbers(tf.random.stateless_uniform, (M, 1, 1, 1), [SEED + 2**32, step], jit_compile)
        given = real.reshape(M, -1).astype(np.float64), np.tanh(of_g.forward(z)[0]), share.reshape(M, 1), factors
        loss, penalty = objective_with_penalties(weights, *given)
        gradients = numeric_gradients(lambda moved: sum(objective_with_penalties(moved, *given)), weights)  # noqa: B023
        weights = [w - RATE * g for w, g in zip(weights, gradients, strict=True)]
        logs = gan.train_on_batch(real, return_dict=True)
        gan.reset_metrics()
        assert penalty > 0.01
        assert float(logs["d_loss"]) == pytest.approx(loss, abs=1e-5)  # without the penalties
        assert float(logs["d_penalty"]) == pytest.approx(penalty, rel=1e-4)
    for weight, expected in zip(discriminator.get_weights(), weights, strict=True):
        np.testing.assert_allclose(weight, expected, atol=1e-5)


@pytest.mark.filterwarnings("ignore:The model was made without `num_classes`")
@pytest.mark.parametrize(("static", "with_labels"), [(True, False), (False, True)])
def test_each_discriminator_update_has_fresh_images_and_fresh_noise(static, with_labels, monkeypatch):
    """With k = 3, a step takes three batches of the data set, in order, and three different noises."""
    gan = small_gan(d_steps=3, run_eagerly=True)
    seen = []
    update = type(gan)._discriminator_step

    def spy(self, real, fake, *others):
        seen.append((real.numpy(), fake.numpy()))
        update(self, real, fake, *others)

    monkeypatch.setattr(type(gan), "_discriminator_step", spy)
    values = np.repeat(np.arange(28, dtype=np.float32)[:, None, None, None] / 28 - 1, 8, 1).repeat(8, 2)
    elements = (values, np.zeros(28, np.int32)) if with_labels else values
    data = tf.data.Dataset.from_tensor_slices(elements).batch(4, drop_remainder=static)
    gan.fit(data, epochs=1, verbose=0)
    reals = np.concatenate([real for real, _ in seen])
    np.testing.assert_array_equal(reals, values[:24])  # the seventh batch does not fill a group of three
    assert len(seen) == 6
    fakes = [fake for _, fake in seen]
    assert all(np.abs(a - b).max() > 1e-3 for i, a in enumerate(fakes) for b in fakes[:i])
