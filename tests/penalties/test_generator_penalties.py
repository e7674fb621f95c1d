"""Penalties of the generator: their values and gradients in NumPy, and their place in training."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from conftest import eagerly, small_gan
from keras import layers

import keras_gan
from keras_gan import penalties
from keras_gan.networks import stylegan2

SEED = tf.constant([3, 5], tf.int64)
STEP = tf.constant(0, tf.int64)


def style_generator():
    return stylegan2.generator((6, 6, 1), 4, filters=2, mapping_layers=1, style_mixing=0.0)


def small_generator():
    """A dense layer, both kinds of convolutions, one of them in a wrapper, and an embedding of labels."""
    z, labels = keras.Input((3,)), keras.Input((), dtype="int32")
    embedded = layers.Dense(4, use_bias=False, name="label_embedding")(keras.ops.one_hot(labels, 2))
    x = layers.Reshape((2, 2, 2))(layers.Dense(8)(z) + layers.Dense(8)(embedded))
    x = layers.Conv2DTranspose(3, 2, strides=2)(x)
    x = keras_gan.layers.SpectralNormalization(layers.Conv2D(5, 3))(x)
    return keras.Model([z, labels], x)


def filters_of(weights):
    """Kernels as (inputs, filters), without the embedding."""
    return {
        (3, 8): lambda w: w,
        (4, 8): lambda w: w,
        (2, 2, 3, 2): lambda w: w.transpose(0, 1, 3, 2).reshape(-1, 3),
        (3, 3, 3, 5): lambda w: w.reshape(-1, 5),
    }[weights.shape](weights)


def test_orthogonal_regularisation_is_the_papers_formula():
    generator = small_generator()
    kernels = [v for v in generator.trainable_variables if len(v.shape) > 1 and v.shape != (2, 4)]
    assert len(kernels) == 4
    with tf.GradientTape() as tape:
        value = penalties.Orthogonal(weight=3.0).of_generator(generator, None, STEP, SEED)
    gradients = tape.gradient(value, [v.value for v in kernels])
    expected = 0.0
    for kernel, gradient in zip(kernels, gradients, strict=True):
        w = filters_of(kernel.numpy().astype(np.float64))
        products = (w.T @ w) * (1 - np.eye(w.shape[1]))
        expected += np.sum(products**2)
        np.testing.assert_allclose(filters_of(gradient.numpy()), 3 * 4 * w @ products, rtol=1e-4, atol=1e-5)
    assert float(value) == pytest.approx(3 * expected, rel=1e-5)


def test_orthogonal_filters_have_no_penalty():
    generator = keras.Sequential([keras.Input((4,)), layers.Dense(3, kernel_initializer="orthogonal")])
    assert float(penalties.Orthogonal().regularization(generator, None, SEED)) == pytest.approx(0, abs=1e-10)


def path_length(generator, z, average=0.0, momentum=0.99):
    """The formula with the whole Jacobian matrix."""
    half = tf.constant(z[: len(z) // 2])
    styles = keras.Model(generator.inputs, generator.get_layer("styles").output)(half)
    with tf.GradientTape(persistent=True) as tape:
        tape.watch(styles)
        images = generator.get_layer("synthesis")(styles, training=True)
        pixels = tf.unstack(tf.reshape(images, (len(half), -1)), axis=1)
    jacobian = np.stack([tape.gradient(pixel, styles).numpy().astype(np.float64) for pixel in pixels], axis=1)
    jacobian = jacobian.reshape(*images.shape, *styles.shape[1:])
    y = tf.random.stateless_normal(images.shape, SEED).numpy().astype(np.float64) / 6
    norms = np.sqrt(np.mean(np.sum(np.einsum("nhwc,nhwcsd->nsd", y, jacobian) ** 2, -1), -1))
    average = momentum * average + (1 - momentum) * norms.mean()
    return np.mean((norms - average) ** 2), average


def test_the_path_length_is_the_papers_formula():
    generator = style_generator()
    z = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    penalty, average = penalties.PathLength(weight=2.0, interval=1, momentum=0.9), 0.0
    for _ in range(2):
        expected, average = path_length(generator, z, average, momentum=0.9)
        value = penalty.of_generator(generator, tf.constant(z), STEP, SEED)
        assert float(value) == pytest.approx(2 * expected, rel=1e-4)
    assert float(penalty.layers[0].value.numpy()) == pytest.approx(average, rel=1e-4)


def test_the_path_length_has_the_right_gradient():
    generator = style_generator()
    z = np.random.default_rng(0).normal(size=(6, 4)).astype(np.float32)
    variables = generator.get_layer("synthesis").trainable_variables
    with tf.GradientTape() as tape:
        value = penalties.PathLength().regularization(generator, tf.constant(z), SEED)
    gradients = tape.gradient(value, [v.value for v in variables])
    rng = np.random.default_rng(1)
    direction = [rng.normal(size=v.shape) * (g is not None) for v, g in zip(variables, gradients, strict=True)]
    start = [v.numpy() for v in variables]

    def value_at(step):
        for variable, old, change in zip(variables, start, direction, strict=True):
            variable.assign(old + step * change)
        return float(penalties.PathLength().regularization(generator, tf.constant(z), SEED))

    along = sum(np.sum(g * d) for g, d in zip(gradients, direction, strict=True) if g is not None)
    assert along == pytest.approx((value_at(1e-3) - value_at(-1e-3)) / 2e-3, rel=1e-2)


def test_a_gan_minimises_them_saves_their_state_and_skips_updates(tmp_path):
    discriminator = stylegan2.discriminator((6, 6, 1), filters=2)
    gan = keras_gan.GAN(style_generator(), discriminator, latent_dim=4, seed=0)
    gan.compile(penalties=[penalties.PathLength(interval=2), penalties.Orthogonal(weight=0.5), "r1"])
    images = np.random.default_rng(0).uniform(-1, 1, (4, 6, 6, 1)).astype(np.float32)
    with eagerly():
        logs = gan.train_on_batch(images, return_dict=True)
        assert {"d_penalty", "g_penalty"} <= set(logs)
        (average,) = gan.penalties[0].layers
        first = float(average.value.numpy())
        gan.train_on_batch(images)  # the second update skips the path length
    assert first > 0
    assert float(average.value.numpy()) == first
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert float(loaded.penalties[0].layers[0].value.numpy()) == first
    assert loaded.get_compile_config() == gan.get_compile_config()


def test_the_penalty_changes_the_update_of_the_generator_alone():
    images = np.random.default_rng(0).uniform(-1, 1, (4, 8, 8, 1)).astype(np.float32)
    trained = []
    for given in ((), penalties.Orthogonal(weight=1.0)):
        keras.utils.set_random_seed(0)
        gan = small_gan(units=4, penalties=given)
        gan.discriminator.trainable = True
        with eagerly():
            gan.train_on_batch(images)
        trained.append(
            [[v.numpy() for v in network.trainable_variables] for network in (gan.generator, gan.discriminator)]
        )
    assert any((one != other).any() for one, other in zip(trained[0][0], trained[1][0], strict=True))
    for one, other in zip(trained[0][1], trained[1][1], strict=True):
        np.testing.assert_array_equal(one, other)


def test_a_refused_penalty_leaves_no_trace_in_the_model():
    gan = small_gan(loss="hinge")
    before = [variable.path for variable in gan.variables]
    with pytest.raises(ValueError, match="layers named 'styles' and 'synthesis'"):
        gan.compile(loss="wasserstein", penalties=["path_length", "r1"], ema_momentum=0.9)
    assert [variable.path for variable in gan.variables] == before
    assert (gan.penalties, gan.averages, type(gan.loss).__name__) == ((), {}, "Hinge")
    assert not gan.generator_penalties


def test_what_does_not_support_them_says_so():
    with pytest.raises(ValueError, match=r"layers named 'styles' and 'synthesis'.*Received: generator='mlp_generator'"):
        small_gan(penalties="path_length")
    with pytest.raises(ValueError, match=r"`momentum` must be.*Received: momentum=1"):
        penalties.PathLength(momentum=1)
    network = keras_gan.networks.pix2pix
    model = keras_gan.Pix2Pix(
        network.generator((16, 16, 1), filters=2, halvings=2),
        network.discriminator((16, 16, 1), filters=2, receptive_field=16),
        image_shape=(16, 16, 1),
    )
    with pytest.raises(ValueError, match=r"not supported by Pix2Pix.*Received: penalties=Orthogonal"):
        model.compile(penalties="orthogonal")
