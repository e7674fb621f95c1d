"""Ways to use labels, against their papers' formulas in NumPy float64."""

import keras
import numpy as np
import pytest
from keras import layers

from keras_gan.networks import biggan, resnet, stylegan2
from keras_gan.networks.conditioning import conditional_batch_norm, label_input, projection

RNG = np.random.default_rng(0)


def test_conditional_batch_normalisation_scales_and_shifts_each_class():
    x, (labels, classes) = keras.Input((3, 4, 5)), label_input(6)
    made = []

    def dense(units):
        made.append(layers.Dense(units, use_bias=False, kernel_initializer="random_normal"))
        return made[-1]

    model = keras.Model([x, labels], conditional_batch_norm(x, classes, dense))
    images, given = RNG.normal(2, 3, (8, 3, 4, 5)), np.arange(8) % 6
    normalised = (images - images.mean((0, 1, 2))) / np.sqrt(images.var((0, 1, 2)) + 1e-5)
    scale, shift = (layer.kernel.numpy()[given][:, None, None] for layer in made)
    np.testing.assert_allclose(model([images, given], training=True), normalised * (1 + scale) + shift, atol=1e-5)


def test_projection_adds_an_inner_product_to_the_logit():
    x, (labels, classes) = keras.Input((5,)), label_input(3)
    embedding = layers.Dense(5, use_bias=False)
    first = layers.Dense(1)
    model = keras.Model([x, labels], projection(first(x), x, classes, lambda units: embedding))
    features, given = RNG.normal(size=(4, 5)), np.array([0, 2, 1, 2])
    kernel, bias = first.get_weights()
    expected = features @ kernel + bias + (features * embedding.kernel.numpy()[given]).sum(-1, keepdims=True)
    np.testing.assert_allclose(model([features, given]), expected, atol=1e-5)


def test_each_block_of_biggan_has_a_part_of_z():
    generator = biggan.generator((12, 12, 1), 8, filters=2)  # 4 numbers for the first layer, then 2 for each block
    for weight in generator.trainable_variables:
        weight.assign(RNG.normal(0, 0.5, weight.shape))
    z = RNG.normal(size=(1, 8)).astype(np.float32)
    image = generator(z)
    for part in (slice(0, 4), slice(4, 6), slice(6, 8)):
        other = z.copy()
        other[:, part] += 1
        assert np.abs(generator(other) - image).max() > 1e-4
    with pytest.raises(ValueError, match=r"`latent_dim` must be at least 3.*Received: latent_dim=2"):
        biggan.generator((12, 12, 1), 2, filters=2)


def test_halvings_of_the_resnet_discriminator():
    maps = [layer for layer in resnet.discriminator((32, 32, 3), filters=2, halvings=2).layers if "add" in layer.name]
    assert [layer.output.shape[1] for layer in maps] == [16, 8, 8, 8]
    with pytest.raises(ValueError, match=r"`halvings` must be from 1 to 3. Received: halvings=4"):
        resnet.discriminator((32, 32, 3), filters=2, halvings=4)


def test_truncation_of_stylegan2_is_that_of_its_latent_vectors():
    generator = stylegan2.generator((6, 6, 1), 4, filters=2, mapping_layers=1, truncation=0.0)
    z = RNG.normal(size=(3, 4)).astype(np.float32)
    images = np.asarray(generator(z))
    np.testing.assert_allclose(images, np.repeat(images[:1], 3, axis=0), atol=1e-6)
    generator.get_layer("truncation").psi = 1.0
    assert np.abs(np.diff(generator(z), axis=0)).max() > 1e-3
