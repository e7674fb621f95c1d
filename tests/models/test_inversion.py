"""Inversion finds the z of generated images."""

import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan import latent
from keras_gan.networks import dcgan, stylegan2


def dcgan_of(num_classes=None):
    return keras_gan.GAN(
        dcgan.generator((12, 12, 1), 4, num_classes, filters=4, normalization=None),
        dcgan.discriminator((12, 12, 1), num_classes, filters=4),
        latent_dim=4,
        num_classes=num_classes,
        seed=0,
    )


def sharpened(gan):
    """Makes the images of an untrained generator depend on z."""
    for variable in gan.generator.weights:
        variable.assign(variable * 8)
    return gan


@pytest.mark.parametrize("feature_weight", [0.0, 1.0])
def test_the_image_of_a_z_is_found_again(feature_weight):
    gan = sharpened(dcgan_of())
    images = gan.generate(2, seed=123)
    found = keras_gan.invert(
        gan, images, steps=150, starts=3, feature_weight=feature_weight, prior_weight=0.0, learning_rate=0.1
    )
    assert images.std() > 0.1
    assert found.errors.max() < 0.05 * images.var()
    np.testing.assert_allclose(gan.generate_from_latent(found.z), found.images, atol=1e-5)
    np.testing.assert_allclose(np.square(found.images - images).mean(axis=(1, 2, 3)), found.errors, rtol=1e-4)
    assert (found.w, found.labels) == (None, None)


def test_the_class_is_found_too():
    gan = sharpened(dcgan_of(3))
    images = gan.generate(3, labels=[2, 0, 1], seed=5)
    assert keras_gan.invert(gan, images, labels=1, steps=1, starts=1, feature_weight=0.0).labels.tolist() == [1, 1, 1]
    found = keras_gan.invert(gan, images, steps=40, starts=6, feature_weight=0.0, prior_weight=0.0, learning_rate=0.1)
    np.testing.assert_allclose(gan.generate_from_latent(found.z, found.labels), found.images, atol=1e-5)
    assert found.errors.max() < images.var()


def test_w_of_stylegan2_is_closer_than_its_start():
    options = {"filters": 2, "max_filters": 4}
    gan = keras_gan.GAN(
        stylegan2.generator((8, 8, 1), 4, mapping_layers=2, **options),
        stylegan2.discriminator((8, 8, 1), **options),
        latent_dim=4,
    )
    images = np.clip(gan.generate(1, seed=9) + 0.1, -1, 1)
    short, longer = (
        keras_gan.invert(gan, images, space="w", steps=steps, starts=1, feature_weight=0.0, learning_rate=0.1)
        for steps in (1, 60)
    )
    assert longer.w.shape == (1, 4)
    assert longer.errors[0] < short.errors[0]
    np.testing.assert_array_equal(longer.z, short.z)


def test_the_prior_keeps_z_short():
    gan = sharpened(dcgan_of())
    images = np.sign(latent.sample(144, 1)).reshape(1, 12, 12, 1)  # no generator makes these
    free, held = (
        np.linalg.norm(keras_gan.invert(gan, images, steps=60, starts=1, prior_weight=weight, learning_rate=0.2).z)
        for weight in (0.0, 10.0)
    )
    assert held < 0.5 * free


def test_wrong_arguments_are_errors():
    gan = small_gan()
    with pytest.raises(ValueError, match=r"Received: shape \(1, 4, 4, 1\)"):
        keras_gan.invert(gan, np.zeros((1, 4, 4, 1)))
    with pytest.raises(ValueError, match="mapping network"):
        keras_gan.invert(gan, np.zeros((1, 8, 8, 1)), space="w")
    with pytest.raises(ValueError, match="steps=0"):
        keras_gan.invert(gan, np.zeros((1, 8, 8, 1)), steps=0)
    with pytest.raises(ValueError, match='"z" or "w"'):
        keras_gan.invert(gan, np.zeros((1, 8, 8, 1)), space="v")
    networks = (dcgan.generator((12, 12, 1), 4, num_attributes=2), dcgan.discriminator((12, 12, 1), num_attributes=2))
    with pytest.raises(ValueError, match="num_attributes=2"):
        keras_gan.invert(keras_gan.GAN(*networks, 4, num_attributes=2), np.zeros((1, 12, 12, 1)))


def test_a_discriminator_that_classifies_sees_images_alone():
    generator = dcgan.generator((12, 12, 1), 4, 3, filters=2, normalization=None)
    discriminator = dcgan.discriminator((12, 12, 1), 3, filters=2, conditioning="auxiliary_classifier")
    gan = keras_gan.GAN(generator, discriminator, latent_dim=4, num_classes=3, seed=0)
    found = keras_gan.invert(gan, np.zeros((1, 12, 12, 1), np.float32), steps=1, starts=1)
    assert found.labels.shape == (1,)
