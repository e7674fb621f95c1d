"""A training warns if batch normalisation makes other images in use than in training."""

import warnings

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan
from keras_gan.errors import KerasGANWarning
from keras_gan.models import batch_statistics
from keras_gan.models.batch_statistics import mode_gap


def generator(normalization=True, dropout=0.0):
    z = keras.Input((6,))
    x = keras.layers.Dense(64)(z)
    x = keras.layers.BatchNormalization()(x) if normalization else x
    x = keras.layers.Dropout(dropout, seed=1)(x)
    return keras.Model(z, keras.layers.Reshape((8, 8, 1))(keras.layers.Activation("tanh")(x)))


def spoiled(network):
    """The network with moving averages that are far from the statistics of a batch."""
    for layer in batch_statistics.batch_normalizations(network):
        layer.moving_variance.assign(100 * np.ones(layer.moving_variance.shape))
    return network


def z(n=16):
    return np.random.default_rng(0).normal(size=(n, 6)).astype(np.float32)


def test_the_gap_is_that_of_numpy_and_nothing_changes():
    network = spoiled(generator())
    before = [variable.numpy() for variable in network.variables]
    found = mode_gap(network, z())
    for variable, value in zip(network.variables, before, strict=True):
        np.testing.assert_array_equal(variable, value)
    used, trained = (np.asarray(network(z(), training=training)) for training in (False, True))
    assert found.gap == pytest.approx(np.abs(used - trained).mean(), rel=1e-4)
    assert found.deviation == pytest.approx(trained.std(), rel=1e-4)
    assert found.chance == pytest.approx(0, abs=1e-6)
    assert found.is_large


def test_dropout_is_chance():
    found = mode_gap(generator(normalization=False, dropout=0.5), z())
    assert found.gap > 0.05
    assert not found.is_large


def test_an_average_is_compared_with_itself_and_stays_frozen():
    average = spoiled(generator())
    average.trainable = False
    assert mode_gap(average, z()).is_large
    assert not average.trainable
    assert average.trainable_variables == []


@pytest.fixture
def early(monkeypatch):
    monkeypatch.setattr("keras_gan.models.trainer.LEAST_UPDATES", 1)


@pytest.mark.usefixtures("early", "eager_steps")
@pytest.mark.parametrize("ema", [None, 0.9])
def test_fit_warns_with_numbers_and_what_to_do(images, ema):
    gan = keras_gan.GAN(spoiled(generator()), keras_gan.networks.mlp.discriminator((8, 8, 1), units=4), latent_dim=6)
    gan.compile(ema_momentum=ema)
    data = tf.data.Dataset.from_tensor_slices(images).batch(4)
    says = (
        r"`generator` makes other images in use.*differ by 0\.\d+ on average.*--batch-size 16.*Received: batches of 4"
    )
    with pytest.warns(KerasGANWarning, match=says):
        gan.fit(data.take(1), verbose=0)


@pytest.mark.usefixtures("eager_steps")
def test_a_short_training_and_a_network_without_batch_normalisation_are_not_compared(images, monkeypatch):
    monkeypatch.setattr(batch_statistics, "mode_gap", lambda *_: pytest.fail("compared"))
    discriminator = keras_gan.networks.mlp.discriminator((8, 8, 1), units=4)
    gan = keras_gan.GAN(spoiled(generator()), discriminator, latent_dim=6)
    gan.compile()
    gan.fit(images[:4], verbose=0)
    monkeypatch.setattr("keras_gan.models.trainer.LEAST_UPDATES", 1)
    gan = keras_gan.GAN(generator(normalization=False), discriminator, latent_dim=6)
    gan.compile()
    gan.fit(images[:4], verbose=0)


@pytest.mark.usefixtures("early", "eager_steps")
@pytest.mark.parametrize("given", ["arrays", "dataset"])
def test_pix2pix_warns_with_batch_normalisation_only(given):
    x = np.random.default_rng(0).uniform(-1, 1, (2, 32, 32, 1)).astype(np.float32)
    network, found = keras_gan.networks.pix2pix, {}
    for normalization in ("batch", "instance"):
        generator = spoiled(network.generator((32, 32, 1), filters=2, normalization=normalization))
        model = keras_gan.Pix2Pix(generator, network.discriminator((32, 32, 1), filters=2, receptive_field=16))
        model.compile()
        arguments = (x, -x) if given == "arrays" else (tf.data.Dataset.from_tensor_slices((x, -x)).batch(1),)
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            model.fit(*arguments, **({"batch_size": 1} if given == "arrays" else {}), verbose=0)
        found[normalization] = [str(one.message) for one in caught if issubclass(one.category, KerasGANWarning)]
    assert found["instance"] == []
    (message,) = found["batch"]
    assert "Received: batches of 1" in message
    assert "--set generator.normalization=instance" in message
