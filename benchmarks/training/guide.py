"""GANs in the way of the scripts on keras.io: networks of Keras layers, and their own `train_step`.

They follow "DCGAN to generate face images", "WGAN-GP overriding Model.train_step" and "CycleGAN". The networks are
those of keras_gan, so that the work is the same. Two things differ from the scripts: labels get no noise, and the
discriminator sees real and generated images in two calls, as its batch normalisation would give other losses.
"""

from __future__ import annotations

import keras
import numpy as np
import tensorflow as tf
from cases import Case
from keras import layers

SMALL = keras.initializers.RandomNormal(0.0, 0.02)


def dcgan_generator(case: Case) -> keras.Model:
    start, doublings = (7, 2) if case.shape[0] == 28 else (4, (case.shape[0] // 4).bit_length() - 1)
    width = 64 * 2 ** (doublings - 1)
    model = keras.Sequential([keras.Input((case.latent,))])
    model.add(layers.Dense(start * start * width, use_bias=False, kernel_initializer=SMALL))
    model.add(layers.Reshape((start, start, width)))
    for stage in range(doublings - 1, -1, -1):
        model.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        model.add(layers.ReLU())
        filters = 64 * 2 ** (stage - 1) if stage else case.shape[-1]
        model.add(layers.Conv2DTranspose(filters, 4, 2, "same", use_bias=False, kernel_initializer=SMALL))
    model.add(layers.Activation("tanh"))
    return model


def dcgan_discriminator(case: Case) -> keras.Model:
    halvings = 2 if case.shape[0] == 28 else (case.shape[0] // 4).bit_length() - 1
    biased = not case.batch_norm
    model = keras.Sequential([keras.Input(case.shape)])
    for stage in range(halvings):
        filters = 64 * 2**stage
        model.add(layers.Conv2D(filters, 4, 2, "same", use_bias=biased, kernel_initializer=SMALL))
        if stage and case.batch_norm:
            model.add(layers.BatchNormalization(momentum=0.9, epsilon=1e-5))
        model.add(layers.LeakyReLU(negative_slope=0.2))
    model.add(layers.Flatten())
    model.add(layers.Dense(1, use_bias=biased, kernel_initializer=SMALL))
    return model


class ReflectionPadding2D(layers.Layer):
    def __init__(self, padding: int, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().__init__(**kwargs)
        self.padding = padding

    def call(self, x):  # type: ignore[no-untyped-def]
        p = self.padding
        return tf.pad(x, [[0, 0], [p, p], [p, p], [0, 0]], mode="REFLECT")


def normalized(x):  # type: ignore[no-untyped-def]
    return layers.GroupNormalization(groups=-1, epsilon=1e-5, center=False, scale=False)(x)


def cyclegan_generator(case: Case) -> keras.Model:
    def convolution(filters: int, size: int, strides: int = 1) -> layers.Layer:
        return layers.Conv2D(filters, size, strides, kernel_initializer=SMALL)

    inputs = keras.Input(case.shape)
    x = layers.ReLU()(normalized(convolution(64, 7)(ReflectionPadding2D(3)(inputs))))
    for filters in (128, 256):
        x = layers.ReLU()(normalized(convolution(filters, 3, 2)(layers.ZeroPadding2D(1)(x))))
    for _ in range(6):
        y = layers.ReLU()(normalized(convolution(256, 3)(ReflectionPadding2D(1)(x))))
        x = layers.Add()([x, normalized(convolution(256, 3)(ReflectionPadding2D(1)(y)))])
    for filters in (128, 64):
        x = layers.Conv2DTranspose(filters, 3, 2, kernel_initializer=SMALL)(x)
        x = layers.ReLU()(normalized(layers.Cropping2D(((1, 0), (1, 0)))(x)))
    x = convolution(case.shape[-1], 7)(ReflectionPadding2D(3)(x))
    return keras.Model(inputs, layers.Activation("tanh")(x))


def cyclegan_discriminator(case: Case) -> keras.Model:
    inputs = x = keras.Input(case.shape)
    for layer, (filters, strides) in enumerate(((64, 2), (128, 2), (256, 2), (512, 1))):
        x = layers.Conv2D(filters, 4, strides, kernel_initializer=SMALL)(layers.ZeroPadding2D(1)(x))
        x = layers.LeakyReLU(negative_slope=0.2)(normalized(x) if layer else x)
    return keras.Model(inputs, layers.Conv2D(1, 4, kernel_initializer=SMALL)(layers.ZeroPadding2D(1)(x)))


class Guide(keras.Model):
    """Base class of the three scripts."""

    def __init__(self, names: tuple[str, ...]) -> None:
        super().__init__()
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}
        self.built = True

    @property
    def metrics(self):  # type: ignore[no-untyped-def]
        return list(self.trackers.values())

    def report(self, **values):  # type: ignore[no-untyped-def]
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {name: tracker.result() for name, tracker in self.trackers.items()}


class GuideGAN(Guide):
    def __init__(self, case: Case) -> None:
        super().__init__(("d_loss", "g_loss"))
        self.latent = case.latent
        self.generator = dcgan_generator(case)
        self.discriminator = dcgan_discriminator(case)
        self.seeds = keras.random.SeedGenerator(0)
        self.loss_fn = keras.losses.BinaryCrossentropy(from_logits=True)

    def compile(self, d_optimizer, g_optimizer, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().compile(**kwargs)
        self.d_optimizer, self.g_optimizer = d_optimizer, g_optimizer

    def sample(self, n):  # type: ignore[no-untyped-def]
        return keras.random.normal((n, self.latent), seed=self.seeds)

    def train_step(self, real):  # type: ignore[no-untyped-def]
        n = tf.shape(real)[0]
        fake = self.generator(self.sample(n), training=True)
        with tf.GradientTape() as tape:
            on_real = self.loss_fn(tf.ones((n, 1)), self.discriminator(real, training=True))
            on_fake = self.loss_fn(tf.zeros((n, 1)), self.discriminator(fake, training=True))
            d_loss = on_real + on_fake
        weights = self.discriminator.trainable_weights
        self.d_optimizer.apply_gradients(zip(tape.gradient(d_loss, weights), weights, strict=True))
        with tf.GradientTape() as tape:
            logits = self.discriminator(self.generator(self.sample(n), training=True), training=True)
            g_loss = self.loss_fn(tf.ones((n, 1)), logits)
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        return self.report(d_loss=d_loss, g_loss=g_loss)


class GuideWGANGP(GuideGAN):
    def __init__(self, case: Case) -> None:
        super().__init__(case)
        self.trackers["d_penalty"] = keras.metrics.Mean(name="d_penalty")
        self.d_steps = case.d_steps

    def share(self, n):  # type: ignore[no-untyped-def]
        return keras.random.uniform((n, 1, 1, 1), seed=self.seeds)

    def gradient_penalty(self, real, fake):  # type: ignore[no-untyped-def]
        share = self.share(tf.shape(real)[0])
        between = share * real + (1 - share) * fake
        with tf.GradientTape() as tape:
            tape.watch(between)
            logits = self.discriminator(between, training=True)
        gradient = tape.gradient(logits, between)
        norm = tf.sqrt(tf.reduce_sum(tf.square(gradient), axis=[1, 2, 3]))
        return tf.reduce_mean((norm - 1.0) ** 2)

    def train_step(self, images):  # type: ignore[no-untyped-def]
        parts = tf.split(images, self.d_steps)
        n = tf.shape(parts[0])[0]
        for real in parts:
            with tf.GradientTape() as tape:
                fake = self.generator(self.sample(n), training=True)
                fake_logits = self.discriminator(fake, training=True)
                real_logits = self.discriminator(real, training=True)
                d_loss = tf.reduce_mean(fake_logits) - tf.reduce_mean(real_logits)
                penalty = 10.0 * self.gradient_penalty(real, fake)
                total = d_loss + penalty
            weights = self.discriminator.trainable_weights
            self.d_optimizer.apply_gradients(zip(tape.gradient(total, weights), weights, strict=True))
            self.trackers["d_loss"].update_state(d_loss)
            self.trackers["d_penalty"].update_state(penalty)
        with tf.GradientTape() as tape:
            fake = self.generator(self.sample(n), training=True)
            g_loss = -tf.reduce_mean(self.discriminator(fake, training=True))
        weights = self.generator.trainable_weights
        self.g_optimizer.apply_gradients(zip(tape.gradient(g_loss, weights), weights, strict=True))
        return self.report(g_loss=g_loss)


class GuideCycleGAN(Guide):
    """The script has no pool of earlier images."""

    def __init__(self, case: Case) -> None:
        super().__init__(("g_loss", "d_x_loss", "d_y_loss"))
        self.generator_g, self.generator_f = cyclegan_generator(case), cyclegan_generator(case)
        self.discriminator_x, self.discriminator_y = cyclegan_discriminator(case), cyclegan_discriminator(case)

    def compile(self, optimizers, **kwargs) -> None:  # type: ignore[no-untyped-def]
        super().compile(**kwargs)
        self.g_optimizer, self.f_optimizer, self.d_x_optimizer, self.d_y_optimizer = optimizers

    def train_step(self, data):  # type: ignore[no-untyped-def]
        x, y = data
        with tf.GradientTape(persistent=True) as tape:
            fake_y, fake_x = self.generator_g(x, training=True), self.generator_f(y, training=True)
            cycled_x, cycled_y = self.generator_f(fake_y, training=True), self.generator_g(fake_x, training=True)
            same_x, same_y = self.generator_f(x, training=True), self.generator_g(y, training=True)
            real_x, fake_x_logits = self.discriminator_x(x, training=True), self.discriminator_x(fake_x, training=True)
            real_y, fake_y_logits = self.discriminator_y(y, training=True), self.discriminator_y(fake_y, training=True)
            cycle = 10.0 * (distance(cycled_x, x) + distance(cycled_y, y))
            identity = 5.0 * (distance(same_x, x) + distance(same_y, y))
            g_loss = squares(fake_y_logits, 1.0) + squares(fake_x_logits, 1.0) + cycle + identity
            d_x_loss = 0.5 * (squares(real_x, 1.0) + squares(fake_x_logits, 0.0))
            d_y_loss = 0.5 * (squares(real_y, 1.0) + squares(fake_y_logits, 0.0))
        updates = (
            (g_loss, self.generator_g, self.g_optimizer),
            (g_loss, self.generator_f, self.f_optimizer),
            (d_x_loss, self.discriminator_x, self.d_x_optimizer),
            (d_y_loss, self.discriminator_y, self.d_y_optimizer),
        )
        for loss, network, optimizer in updates:
            weights = network.trainable_weights
            optimizer.apply_gradients(zip(tape.gradient(loss, weights), weights, strict=True))
        return self.report(g_loss=g_loss, d_x_loss=d_x_loss, d_y_loss=d_y_loss)


def distance(a, b):  # type: ignore[no-untyped-def]
    return tf.reduce_mean(tf.abs(a - b))


def squares(logits, target: float):  # type: ignore[no-untyped-def]
    return tf.reduce_mean(tf.square(logits - target))


def build(case: Case, jit_compile: bool) -> Guide:
    """The compiled model of a case."""
    adam = keras.optimizers.Adam
    if case.network == "cyclegan":
        model = GuideCycleGAN(case)
        model.compile([adam(2e-4, beta_1=0.5) for _ in range(4)], jit_compile=jit_compile)
    elif case.d_steps > 1:
        model = GuideWGANGP(case)
        model.compile(*(adam(1e-4, beta_1=0.0, beta_2=0.9) for _ in range(2)), jit_compile=jit_compile)
    else:
        model = GuideGAN(case)
        model.compile(adam(2e-4, beta_1=0.5), adam(2e-4, beta_1=0.5), jit_compile=jit_compile)
    return model


def networks_of(model: Guide) -> list[keras.Model]:
    """The networks of a model, in the order of the weights file."""
    if isinstance(model, GuideCycleGAN):
        return [model.discriminator_x, model.discriminator_y, model.generator_f, model.generator_g]
    return [model.discriminator, model.generator]


def first_losses(model: Guide, case: Case, given: dict[str, np.ndarray]) -> dict[str, float]:
    """The losses of one step with given z and interpolation, run eagerly."""
    if case.network == "cyclegan":
        results = model.train_step((tf.constant(given["x"]), tf.constant(given["y"])))
    else:
        zs, shares = iter([*given["z"], given["z"][-1]]), iter(given["share"])
        model.sample, model.share = (lambda _: tf.constant(next(zs))), (lambda _: tf.constant(next(shares)))
        results = model.train_step(tf.constant(given["x"]))
        del model.sample, model.share
    return {name: float(value) for name, value in results.items()}
