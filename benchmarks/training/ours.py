"""The steps of keras_gan."""

from __future__ import annotations

import keras_gan
from keras_gan import networks

import keras
import numpy as np
import tensorflow as tf
from cases import HALF_LIFE, R1_WEIGHT, R3GAN_FILTERS, RESNET_FILTERS, RESNET_WIDEST, Case


def adam(rate: float = 2e-4, beta_1: float = 0.5, beta_2: float = 0.999) -> keras.optimizers.Optimizer:
    return keras.optimizers.Adam(rate, beta_1=beta_1, beta_2=beta_2)


def build(case: Case, jit_compile: bool) -> keras.Model:
    """The compiled model of a case."""
    keras.utils.set_random_seed(0)
    if case.network == "cyclegan":
        module = networks.cyclegan
        pairs = [module.generator(case.shape), module.generator(case.shape)]
        pairs += [module.discriminator(case.shape), module.discriminator(case.shape)]
        model = keras_gan.CycleGAN(*pairs, image_shape=case.shape, seed=0)
        model.compile(adam(), adam(), adam(), adam(), jit_compile=jit_compile)
        return model
    if case.network == "r3gan":
        options = {"filters": R3GAN_FILTERS}
        settings = {
            "loss": "relativistic",
            "penalties": [keras_gan.penalties.R1(R1_WEIGHT), keras_gan.penalties.R2(R1_WEIGHT)],
            "ema_momentum": keras_gan.schedules.HalfLife(HALF_LIFE),
        }
        optimizers = [adam(beta_1=0.0, beta_2=0.99) for _ in range(2)]
    elif case.network == "resnet":
        options, settings = {"filters": RESNET_FILTERS, "max_filters": RESNET_WIDEST}, {}
        optimizers = [adam(), adam()]
    elif case.d_steps > 1:
        options = {"normalization": None}
        settings = {"loss": "wasserstein", "penalties": "wgan_gp", "d_steps": case.d_steps}
        optimizers = [adam(1e-4, 0.0, 0.9) for _ in range(2)]
    else:
        options, settings, optimizers = {}, {}, [adam(), adam()]
    module = getattr(networks, case.network)
    g_options = options if case.network in ("r3gan", "resnet") else {}
    if case.network == "resnet":
        options = {**options, "normalization": None}
    generator = module.generator(case.shape, case.latent, **g_options)
    discriminator = module.discriminator(case.shape, **options)
    model = keras_gan.GAN(generator, discriminator, latent_dim=case.latent, seed=0)
    model.compile(*optimizers, **settings, jit_compile=jit_compile)
    return model


def networks_of(model: keras.Model) -> list[keras.Model]:
    """The networks of a model, in the order of the weights file."""
    return [getattr(model, name) for name in sorted(model.trained_networks.values())]


def first_losses(model: keras.Model, case: Case, given: dict[str, np.ndarray]) -> dict[str, float]:
    """The losses of one step with given z and interpolation, run eagerly."""
    if case.network == "cyclegan":
        results = model.train_step((tf.constant(given["x"]), tf.constant(given["y"])))
        return {name: float(value) for name, value in results.items()}
    zs = iter(given["z"])
    model.sample_latent = lambda *_: tf.constant(next(zs))
    uniform = tf.random.stateless_uniform
    shares = iter(given["share"])
    tf.random.stateless_uniform = lambda *_, **__: tf.constant(next(shares))
    try:
        results = model.train_step(tf.constant(given["x"]))
    finally:
        tf.random.stateless_uniform = uniform
        del model.sample_latent
    names = ("d_loss", "g_loss", "d_penalty")
    return {name: float(results[name]) for name in names if name in results}
