"""Keras's own callbacks for learning rates, layers that are frozen, and Keras's image data format."""

import functools

import keras
import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan.errors import KerasGANWarning


def rates(model):
    return {name: float(getattr(model, name).learning_rate) for name in model.trained_networks}


@pytest.mark.parametrize("kind", ["gan", "cyclegan"])
def test_learning_rate_scheduler(images, kind):
    if kind == "gan":
        model, data = small_gan(), (images[:16],)
    else:
        shape, networks = (24, 24, 1), keras_gan.networks.cyclegan
        generators = [networks.generator(shape, filters=1, blocks=0) for _ in range(2)]
        discriminators = [networks.discriminator(shape, filters=1) for _ in range(2)]
        model, data = keras_gan.CycleGAN(*generators, *discriminators), (-np.ones((2, *shape), np.float32),) * 2
        model.compile(run_eagerly=True)
    before = rates(model)
    halve = keras.callbacks.LearningRateScheduler(lambda epoch, rate: rate / 2)
    history = model.fit(*data, epochs=2, verbose=0, callbacks=[halve]).history
    for name, rate in rates(model).items():
        assert rate == pytest.approx(before[name] / 4)
        np.testing.assert_allclose(history[f"learning_rate_{name}"], [before[name] / 2, before[name] / 4], rtol=1e-6)


def test_reduce_on_plateau_keeps_the_ratio_of_the_rates(images):
    gan = small_gan()
    gan.compile(keras.optimizers.Adam(4e-4), keras.optimizers.SGD(1e-4))
    plateau = keras.callbacks.ReduceLROnPlateau(monitor="d_loss", factor=0.5, patience=1, min_delta=1e9, mode="min")
    gan.fit(images[:16], epochs=3, verbose=0, callbacks=[plateau])
    assert rates(gan) == pytest.approx({"d_optimizer": 1e-4, "g_optimizer": 2.5e-5})


def test_the_optimizers_of_a_saved_model_still_load(images, tmp_path):
    gan = small_gan()
    gan.fit(images[:16], verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert [one.name for one in loaded.optimizer.optimizers] == ["d_optimizer", "g_optimizer"]
    assert int(loaded.optimizer.iterations) == 1
    gan.summary(print_fn=lambda *_, **__: None)


def test_layers_frozen_after_fit_are_warned_of(images):
    gan = small_gan()
    gan.generator.layers[-2].trainable = False
    gan.compile()
    gan.fit(images[:16], verbose=0)
    gan.generator.layers[-2].trainable = True
    with pytest.warns(KerasGANWarning, match=r"until the next `compile\(\)`.*`generator`"):
        gan.fit(images[:16], verbose=0)
    gan.compile()
    gan.fit(images[:16], verbose=0)


@pytest.mark.parametrize("build", ["dcgan", "mlp", "r3gan", "cyclegan", "pix2pix", "gan"])
def test_channels_first_is_refused_by_name(build):
    gan = small_gan()
    make = functools.partial(keras_gan.GAN, gan.generator, gan.discriminator, gan.latent_dim)
    if build != "gan":
        network = keras_gan.networks.get(build)
        latent = {"latent_dim": 4} if network.CAPABILITIES.kind == "generator" else {}
        make = functools.partial(network.generator, (32, 32, 3), **latent)
    keras.config.set_image_data_format("channels_first")
    try:
        with pytest.raises(ValueError, match=r"set_image_data_format.*'channels_first'"):
            make()
    finally:
        keras.config.set_image_data_format("channels_last")
