"""The averaged generator: its formula, its use, and its place in saved files."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import small_gan

import keras_gan
from keras_gan.models import ema
from keras_gan.schedules import CosineBurnIn, HalfLife


def with_batch_normalization(**compile_arguments):
    z = keras.Input((6,))
    x = keras.layers.BatchNormalization()(keras.layers.Dense(16)(z))
    x = keras.layers.Dense(64, activation="tanh")(x)
    generator = keras.Model(z, keras.layers.Reshape((8, 8, 1))(x))
    gan = keras_gan.GAN(generator, keras_gan.networks.mlp.discriminator((8, 8, 1), units=4), latent_dim=6, seed=1)
    gan.compile(**compile_arguments)
    return gan


@pytest.mark.usefixtures("eager_steps")
def test_the_average_is_the_recurrence_in_float64(images):
    gan = with_batch_normalization(ema_momentum=0.3)
    expected = [w.value.numpy().astype(np.float64) for w in gan.generator.trainable_variables]
    for step in range(5):
        gan.train_on_batch(images[step * 8 : step * 8 + 8])
        momentum = min(0.3, (1 + step) / (10 + step))
        weights = [w.value.numpy() for w in gan.generator.trainable_variables]
        expected = [momentum * m + (1 - momentum) * w for m, w in zip(expected, weights, strict=True)]
    average = gan.ema_generator
    assert not average.trainable_variables
    means = dict(zip((w.path for w in average.variables), average.get_weights(), strict=True))
    for variable, value in zip(gan.generator.trainable_variables, expected, strict=True):
        np.testing.assert_allclose(means.pop(variable.path), value, rtol=1e-5, atol=1e-6)
    assert [path.rsplit("/")[-1] for path in means] == ["moving_mean", "moving_variance"]
    for variable in gan.generator.non_trainable_variables:  # the averaged generator copies statistics
        np.testing.assert_array_equal(means[variable.path], variable.value.numpy())


def test_an_average_of_spectrally_normalised_weights_is_normalised(images):
    z = keras.Input((6,))
    dense = [keras_gan.layers.SpectralNormalization(keras.layers.Dense(width)) for width in (16, 64)]
    x = keras.layers.Reshape((8, 8, 1))(dense[1](keras.layers.LeakyReLU()(dense[0](z))))
    gan = keras_gan.GAN(keras.Model(z, x), keras_gan.networks.mlp.discriminator((8, 8, 1)), latent_dim=6, seed=0)
    gan.compile(ema_momentum=0.99)
    gan.fit(np.tile(images, (15, 1, 1, 1)), verbose=0)
    assert int(gan.averaged_updates.numpy()) == 30
    for layer in gan.ema_generator.layers:
        if isinstance(layer, keras_gan.layers.SpectralNormalization):
            largest = np.linalg.svd(layer.normalized_kernel().numpy(), compute_uv=False)[0]
            assert largest == pytest.approx(1.0, abs=0.15)


@pytest.mark.usefixtures("eager_steps")
def test_it_begins_with_the_weights_that_training_begins_with(images):
    gan = small_gan(ema_momentum=0.999)
    gan.generator.set_weights([w + 1 for w in gan.generator.get_weights()])
    gan.fit(images[:8], batch_size=8, verbose=0)
    for mean, weight in zip(gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True):
        np.testing.assert_allclose(mean, weight, atol=1e-3)


@pytest.mark.usefixtures("eager_steps")
def test_the_average_draws_and_the_generator_learns(images):
    gan = small_gan(ema_momentum=0.5)
    gan.fit(images, epochs=2, verbose=0)
    z = keras_gan.latent.sample(4, 6, 0)
    of_average = gan.ema_generator.predict(z, verbose=0)
    np.testing.assert_allclose(gan.generate(4), of_average, atol=1e-6)
    np.testing.assert_allclose(gan(z), of_average, atol=1e-6)
    assert np.abs(of_average - gan.generator.predict(z, verbose=0)).max() > 1e-4
    np.testing.assert_allclose(gan(z, training=True), gan.generator(z, training=True), atol=1e-6)


def test_momentum_zero_is_the_generator_itself(images):
    gan = small_gan(ema_momentum=0.0)
    gan.fit(images, verbose=0)
    for mean, weight in zip(gan.ema_generator.get_weights(), gan.generator.get_weights(), strict=True):
        np.testing.assert_array_equal(mean, weight)


@pytest.mark.parametrize("momentum", [0.9, HalfLife(images=100, ramp_up=0.5)], ids=["number", "half-life"])
@pytest.mark.usefixtures("eager_steps")
def test_a_saved_model_has_it_compiled_or_not_and_goes_on(images, tmp_path, momentum):
    gan = small_gan(ema_momentum=momentum)
    gan.fit(images, shuffle=False, verbose=0)
    gan.save(tmp_path / "gan.keras")
    drawn = gan.generate(4)
    for compiled in (True, False):
        loaded = keras.models.load_model(tmp_path / "gan.keras", compile=compiled)
        np.testing.assert_array_equal(loaded.generate(4), drawn)
    resumed = keras.models.load_model(tmp_path / "gan.keras")
    for model in (gan, resumed):
        model.fit(images, shuffle=False, verbose=0)
    np.testing.assert_array_equal(resumed.generate(4), gan.generate(4))


@pytest.mark.usefixtures("eager_steps")
def test_weights_alone_are_restored(images, tmp_path):
    gan = small_gan(ema_momentum=0.9)
    gan.fit(images, verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = small_gan(ema_momentum=0.9)
    other.load_weights(tmp_path / "gan.weights.h5")
    np.testing.assert_array_equal(other.generate(4), gan.generate(4))


@pytest.mark.parametrize("momentum", [0.99, HalfLife(images=100_000)], ids=["number", "half-life"])
@pytest.mark.usefixtures("eager_steps")
def test_compiled_anew_the_average_stays_and_goes_on_and_without_it_goes(images, momentum):
    gan = small_gan(ema_momentum=momentum)
    gan.fit(images, batch_size=8, verbose=0)
    drawn, updates = gan.generate(4), int(gan.averaged_updates.numpy())
    gan.compile(ema_momentum=momentum)
    np.testing.assert_array_equal(gan.generate(4), drawn)
    gan.fit(images[:8], batch_size=8, verbose=0)
    assert int(gan.averaged_updates.numpy()) == updates + 1
    far = np.abs(gan.ema_generator.get_weights()[0] - gan.generator.get_weights()[0]).max()
    assert far > 1e-5  # the average did not start again
    gan.compile()
    assert gan.ema_generator is None
    np.testing.assert_allclose(
        gan.generate(4), gan.generator.predict(keras_gan.latent.sample(4, 6, 0), verbose=0), atol=1e-6
    )


@pytest.mark.usefixtures("eager_steps", "without_seeds")
def test_it_is_what_is_exported(images, tmp_path):
    gan = small_gan(ema_momentum=0.9)
    gan.fit(images, epochs=2, verbose=0)
    report = keras_gan.export.export_generator(gan, tmp_path, formats=("onnx",), name="gan")
    artifact = keras_gan.export.load(report.path)
    np.testing.assert_allclose(artifact.generate(4, seed=0), gan.generate(4, seed=0), atol=1e-5)
    assert (
        np.abs(artifact.generate(4, seed=0) - gan.generator.predict(keras_gan.latent.sample(4, 6, 0), verbose=0)).max()
        > 1e-4
    )


@pytest.mark.usefixtures("eager_steps")
def test_both_generators_of_a_cyclegan_are_averaged(images, tmp_path):
    def conv(activation):
        inputs = keras.Input((None, None, 1))
        return keras.Model(inputs, keras.layers.Conv2D(1, 3, padding="same", activation=activation)(inputs))

    cyclegan = keras_gan.CycleGAN(conv("tanh"), conv("tanh"), conv(None), conv(None), seed=0)
    cyclegan.compile(ema_momentum=0.9)
    cyclegan.fit(images, -images, verbose=0)
    for name, network in (("g", cyclegan.generator_g), ("f", cyclegan.generator_f)):
        average = cyclegan.translators[name].predict(images, verbose=0)
        np.testing.assert_allclose(cyclegan.translate(images, name), average, atol=1e-6)
        assert np.abs(average - network.predict(images, verbose=0)).max() > 1e-6
    cyclegan.save(tmp_path / "c.keras")
    loaded = keras.models.load_model(tmp_path / "c.keras", compile=False)
    np.testing.assert_array_equal(loaded.translate(images), cyclegan.translate(images))


def test_half_life_is_the_share_that_is_left():
    half_life = HalfLife(images=1000, ramp_up=None)
    assert float(half_life(0, 10)) ** 100 == pytest.approx(0.5, rel=1e-4)
    assert float(half_life(0, 1000)) == pytest.approx(0.5)
    ramped = HalfLife(images=1000, ramp_up=0.05)
    assert float(ramped(0, 10)) == 0.0
    assert float(ramped(100, 10)) == pytest.approx(0.5 ** (10 / 50))
    assert float(ramped(10_000, 10)) == pytest.approx(0.5 ** (10 / 1000))
    eased = HalfLife(images=CosineBurnIn(0.0, 1000.0, 100), ramp_up=None)
    assert float(eased(tf.constant(50), 10)) == pytest.approx(0.5 ** (10 / 500), rel=1e-5)
    assert float(eased(tf.constant(1000), 10)) == pytest.approx(0.5 ** (10 / 1000), rel=1e-5)


def test_burn_in_is_half_a_cosine():
    schedule = CosineBurnIn(2.0, 0.2, 100)
    steps = np.array([0, 25, 50, 100, 1000])
    expected = 0.2 + 0.9 * (1 + np.cos(np.pi * np.minimum(steps / 100, 1)))
    np.testing.assert_allclose([float(schedule(step)) for step in steps], expected, rtol=1e-5)
    again = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(schedule))
    assert again.get_config() == schedule.get_config()


@pytest.mark.parametrize("momentum", [1.0, -0.1, 2, "often", True])
def test_bad_momentum(momentum):
    with pytest.raises(ValueError, match=r"`ema_momentum` must be from 0 to below 1.*Received: ema_momentum="):
        small_gan(ema_momentum=momentum)


@pytest.mark.parametrize(("arguments", "name"), [({"images": 0}, "images"), ({"ramp_up": 0}, "ramp_up")])
def test_bad_half_life(arguments, name):
    with pytest.raises(ValueError, match=f"`{name}` must be positive"):
        HalfLife(**arguments)


@pytest.mark.parametrize("arguments", [(1.0, 0.1, 0), (-1.0, 0.1, 5), (1.0, float("nan"), 5)])
def test_bad_burn_in(arguments):
    with pytest.raises(ValueError, match="Received"):
        CosineBurnIn(*arguments)


def test_a_generator_that_cannot_be_copied_is_named():
    class Mute(keras.Model):
        def __init__(self):
            super().__init__(name="mute")
            self.dense = keras.layers.Dense(4)

        def call(self, z, training=False):
            return keras.ops.reshape(self.dense(z), (-1, 2, 2, 1))

        def get_config(self):
            return {}

        @classmethod
        def from_config(cls, config):
            return keras.Sequential([keras.Input((6,)), keras.layers.Dense(3)])

    mute = Mute()
    mute(np.zeros((1, 6), np.float32))
    with pytest.raises(ValueError, match="needs a generator that Keras can copy"):
        ema.copy_network(mute)
