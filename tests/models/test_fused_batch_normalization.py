"""Batch normalisation by TensorFlow's fused operation: the paper's formula, and Keras's layer."""

from __future__ import annotations

import keras
import numpy as np
import pytest
import tensorflow as tf

import keras_gan
from keras_gan.errors import KerasGANWarning
from keras_gan.models.fused_batch_normalization import fuse_batch_normalization

SHAPE = (4, 4, 3)


def network(dtype: str = "float32", **options) -> keras.Model:
    keras.utils.set_random_seed(0)
    inputs = keras.Input(SHAPE)
    x = keras.layers.BatchNormalization(momentum=0.8, epsilon=1e-2, dtype=dtype, **options)(inputs)
    return keras.Model(inputs, x)


def images(seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).normal(1.0, 2.0, (5, *SHAPE)).astype(np.float32)


def test_it_follows_algorithm_1_of_the_paper():
    # Ioffe and Szegedy, 2015, algorithm 1, and its derivatives in section 3, in float64.
    model = network()
    gamma, beta = np.array([0.5, 1.5, -1.0]), np.array([1.0, 0.0, -2.0])
    model.set_weights([gamma, beta, np.zeros(3), np.ones(3)])
    fuse_batch_normalization(model)
    x, upstream = images().astype(np.float64), images(1).astype(np.float64)
    mean, variance = x.mean((0, 1, 2)), x.var((0, 1, 2))
    root = np.sqrt(variance + 1e-2)
    x_hat = (x - mean) / root
    with tf.GradientTape() as tape:
        tensor = tf.constant(x, tf.float32)
        tape.watch(tensor)
        y = model(tensor, training=True)
        loss = tf.reduce_sum(y * tf.constant(upstream, tf.float32))
    to_x, to_gamma, to_beta = tape.gradient(loss, [tensor, *(v.value for v in model.trainable_variables)])
    np.testing.assert_allclose(y, gamma * x_hat + beta, rtol=1e-4, atol=1e-5)
    np.testing.assert_allclose(to_gamma, (upstream * x_hat).sum((0, 1, 2)), rtol=1e-4)
    np.testing.assert_allclose(to_beta, upstream.sum((0, 1, 2)), rtol=1e-4)
    centred = upstream - upstream.mean((0, 1, 2)) - x_hat * (upstream * x_hat).mean((0, 1, 2))
    np.testing.assert_allclose(to_x, gamma / root * centred, rtol=1e-3, atol=1e-5)
    *_, moving_mean, moving_variance = model.get_weights()
    np.testing.assert_allclose(moving_mean, 0.2 * mean, rtol=1e-5)
    np.testing.assert_allclose(moving_variance, 0.8 + 0.2 * variance, rtol=1e-5)


@pytest.mark.parametrize("dtype", ["float32", "mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize("options", [{}, {"center": False, "scale": False}])
def test_it_equals_the_layer_of_keras(dtype, options):
    fused, unfused = network(dtype, **options), network(dtype, **options)
    fuse_batch_normalization(fused)
    found, expected = (one(images(), training=True) for one in (fused, unfused))
    assert found.dtype == expected.dtype
    np.testing.assert_allclose(found, expected, rtol=1e-2 if dtype != "float32" else 1e-5, atol=1e-5)
    for weight, wanted in zip(fused.get_weights(), unfused.get_weights(), strict=True):
        np.testing.assert_allclose(weight, wanted, rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(fused(images()), fused(images(), training=False))
    assert [type(layer) for layer in keras.models.clone_model(fused).layers] == [type(one) for one in fused.layers]


def is_fused(network: keras.Model) -> list[bool]:
    layers = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    return ["call" in vars(layer) for layer in layers]


def test_a_gan_uses_it_where_no_penalty_needs_a_second_derivative():
    shape = (20, 20, 1)
    dcgan = keras_gan.networks.dcgan
    gan = keras_gan.GAN(dcgan.generator(shape, 4, filters=2), dcgan.discriminator(shape, filters=2), 4, seed=0)
    gan.compile()
    graph = tf.function(gan.train_step).get_concrete_function(tf.TensorSpec((4, *shape))).graph.as_graph_def()
    assert {"FusedBatchNormV3", "FusedBatchNormGradV3"} <= {node.op for node in graph.node}
    with pytest.warns(KerasGANWarning, match="BatchNormalization"):
        gan.compile(penalties="r1")
    assert not any(is_fused(gan.generator) + is_fused(gan.discriminator))
    gan.compile(penalties=())
    assert is_fused(gan.generator) == [True, True]
    assert is_fused(gan.discriminator) == [True]
