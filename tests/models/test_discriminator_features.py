"""Features of the discriminator: maps of each size, pooled, whatever the batch."""

import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan.models.discriminator_features import feature_maps, max_pooled
from keras_gan.networks import dcgan, mlp, resnet


def gan_of(size, num_classes=None):
    return keras_gan.GAN(
        dcgan.generator((size, size, 1), 4, num_classes, filters=2),
        dcgan.discriminator((size, size, 1), num_classes, filters=3),
        latent_dim=4,
        num_classes=num_classes,
    )


@pytest.mark.parametrize("length", [3, 4, 7, 14, 16])
def test_pooling_takes_the_largest_value_of_each_region(length):
    maps = np.random.default_rng(0).normal(size=(2, length, length, 3)).astype(np.float32)
    pooled = max_pooled(maps, 4).reshape(2, 4, 4, 3)
    for row in range(4):
        for column in range(4):
            top, left = row * length // 4, column * length // 4
            bottom, right = int(np.ceil((row + 1) * length / 4)), int(np.ceil((column + 1) * length / 4))
            region = maps[:, top:bottom, left:right]
            np.testing.assert_array_equal(pooled[:, row, column], region.max(axis=(1, 2)))


def test_they_are_the_activations_of_all_layers():
    gan = gan_of(28)
    images = np.random.default_rng(0).uniform(-1, 1, (5, 28, 28, 1)).astype(np.float32)
    features = keras_gan.discriminator_features(gan, images)
    assert features.shape == (5, 16 * (3 + 6))
    activations = [layer for layer in gan.discriminator.layers if type(layer).__name__ == "LeakyReLU"]
    assert [id(one) for one in feature_maps(gan.discriminator)] == [id(layer.output) for layer in activations]
    np.testing.assert_allclose(features, keras_gan.discriminator_features(gan, images, batch_size=2), atol=1e-5)


def test_a_conditional_discriminator_sees_the_same_label_for_all_images():
    gan = gan_of(16, num_classes=3)
    images = np.zeros((2, 16, 16, 1), np.float32)
    first = keras_gan.discriminator_features(gan, images)
    np.testing.assert_array_equal(first[0], first[1])
    assert not np.array_equal(first, keras_gan.discriminator_features(gan, images, labels=2))


def test_each_size_of_a_residual_network_has_its_last_map():
    discriminator = resnet.discriminator((32, 32, 1), filters=2)
    maps = feature_maps(discriminator)
    assert [one.shape[1] for one in maps] == [32, 16, 8, 4]
    assert len({id(one) for one in maps}) == 4


def test_wrong_arguments_are_errors():
    gan = gan_of(16)
    with pytest.raises(ValueError, match=r"Received: shape \(2, 8, 8, 1\)"):
        keras_gan.discriminator_features(gan, np.zeros((2, 8, 8, 1)))
    with pytest.raises(ValueError, match="size=0"):
        keras_gan.discriminator_features(gan, np.zeros((2, 16, 16, 1)), size=0)
    assert feature_maps(mlp.discriminator((8, 8, 1), units=2, pieces=2)) == []
    with pytest.raises(ValueError, match="feature maps"):
        keras_gan.discriminator_features(small_gan(), np.zeros((2, 8, 8, 1)))


def test_an_auxiliary_classifier_sees_no_labels():
    gan = keras_gan.GAN(
        dcgan.generator((16, 16, 1), 4, 3, filters=2),
        dcgan.discriminator((16, 16, 1), 3, filters=3, conditioning="auxiliary_classifier"),
        latent_dim=4,
        num_classes=3,
    )
    assert len(keras_gan.discriminator_features(gan, np.zeros((2, 16, 16, 1), np.float32))) == 2
