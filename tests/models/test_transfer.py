"""Trained weights for another GAN, and frozen layers of the discriminator."""

import itertools

import keras
import numpy as np
import pytest
from conftest import small_gan
from hypothesis import given
from hypothesis import strategies as st

import keras_gan
from keras_gan.models.transfer import common_subsequence
from keras_gan.networks import dcgan, resnet, stylegan2

TEXT = st.text("abc", max_size=8)


def dcgan_pair(size, num_classes=None, **options):
    gan = keras_gan.GAN(
        dcgan.generator((size, size, 1), 4, num_classes, filters=2),
        dcgan.discriminator((size, size, 1), num_classes, filters=2, normalization=None),
        latent_dim=4,
        num_classes=num_classes,
        seed=0,
    )
    gan.compile(**options)
    return gan


def length_of_longest(a, b):
    """Every subsequence of the shorter text, tried."""
    found = 0
    for chosen in range(2 ** len(a)):
        part = [letter for i, letter in enumerate(a) if chosen >> i & 1]
        letters = iter(b)
        if all(letter in letters for letter in part):
            found = max(found, len(part))
    return found


@given(TEXT, TEXT)
def test_the_common_subsequence_is_a_longest_one(a, b):
    pairs = common_subsequence(a, b)
    assert all(a[i] == b[j] for i, j in pairs)
    assert all(i < k and j < m for (i, j), (k, m) in itertools.pairwise(pairs))
    assert len(pairs) == length_of_longest(a, b)


def test_an_equal_gan_gets_all_weights_and_makes_the_same_images():
    source, target = small_gan(seed=1), small_gan(seed=2)
    for variable in source.discriminator.weights:
        variable.assign(variable + 0.5)
    found = target.transfer_weights(source)
    assert not any(transfer.kept for transfer in found.values())
    np.testing.assert_array_equal(source.generate(4), target.generate(4))
    for a, b in zip(source.discriminator.get_weights(), target.discriminator.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_other_classes_keep_only_their_embedding():
    found = dcgan_pair(16, 5).transfer_weights(dcgan_pair(16, 3))
    assert found["generator"].kept == ("label_embedding 5x4",)
    assert found["discriminator"].kept == ("label_embedding 5x256",)
    assert "New: label_embedding 5x4" in str(found["generator"])


def test_a_larger_image_keeps_the_layers_that_the_smaller_one_lacks():
    small, large = dcgan_pair(16), dcgan_pair(32)
    before = large.generator.layers[-1].get_weights()
    found = large.transfer_weights(small)
    # From 4x4: 16 pixels have 2 doublings, with 4 and 2 channels before the image; 32 pixels begin with 8.
    assert [name.rpartition(" ")[2] for name in found["generator"].kept[:1]] == ["4x128"]
    np.testing.assert_array_equal(
        large.generator.layers[-1].get_weights()[0], small.generator.layers[-1].get_weights()[0]
    )
    assert not np.array_equal(before[0], large.generator.layers[-1].get_weights()[0])
    first = [next(one for one in gan.discriminator.layers if one.weights) for gan in (small, large)]
    np.testing.assert_array_equal(first[0].get_weights()[0], first[1].get_weights()[0])


def test_the_averaged_generator_is_read_and_written():
    source, target = small_gan(ema_momentum=0.9), small_gan(ema_momentum=0.9, seed=8)
    for variable in source.ema_generator.weights:
        variable.assign(variable + 0.25)
    target.transfer_weights(source)
    np.testing.assert_array_equal(source.generate(4), target.generate(4))
    np.testing.assert_array_equal(target.generator.get_weights()[0], source.ema_generator.get_weights()[0])


def test_networks_without_a_common_layer_are_an_error():
    other = keras_gan.GAN(
        keras.Sequential([keras.Input((4,)), keras.layers.Dense(9, name="x"), keras.layers.Reshape((3, 3, 1))]),
        keras.Sequential([keras.Input((3, 3, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]),
        latent_dim=4,
    )
    with pytest.raises(ValueError, match="a layer in common"):
        other.transfer_weights(dcgan_pair(16))


# ------------------------------------------------------------------ FreezeD


def frozen(gan):
    return [layer.name for layer in gan.discriminator.layers if layer.weights and not layer.trainable]


@pytest.mark.usefixtures("eager_steps")
def test_frozen_layers_keep_their_weights_and_a_file_keeps_them_frozen(tmp_path):
    gan = dcgan_pair(16, 3, freeze_d=1)
    (name,) = frozen(gan)
    assert "embedding" not in name
    layer = gan.discriminator.get_layer(name)
    before, others = layer.get_weights(), gan.discriminator.layers[-1].get_weights()
    images = np.random.default_rng(0).uniform(-1, 1, (8, 16, 16, 1)).astype(np.float32)
    gan.fit(images, np.arange(8) % 3, batch_size=4, verbose=0)
    np.testing.assert_array_equal(before[0], layer.get_weights()[0])
    assert not np.array_equal(others[0], gan.discriminator.layers[-1].get_weights()[0])
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert (loaded.freeze_d, frozen(loaded)) == (1, [name])
    loaded.fit(images, np.arange(8) % 3, batch_size=4, verbose=0)
    np.testing.assert_array_equal(before[0], loaded.discriminator.get_layer(name).get_weights()[0])


def test_another_compile_unfreezes_what_the_first_one_froze():
    gan = dcgan_pair(32, freeze_d=2)
    assert len(frozen(gan)) == 2
    gan.discriminator.layers[-1].trainable = False  # by the user
    gan.compile(freeze_d=1)
    assert len(frozen(gan)) == 2
    gan.compile()
    assert frozen(gan) == [gan.discriminator.layers[-1].name]


@pytest.mark.parametrize("network", [resnet, stylegan2])
def test_the_layers_nearest_the_image_are_frozen(network):
    options = {"filters": 2, "max_filters": 4} if network is stylegan2 else {"filters": 2}
    size = 16 if network is stylegan2 else 32
    gan = keras_gan.GAN(
        network.generator((size, size, 1), 4, 3, **options),
        network.discriminator((size, size, 1), 3, **options),
        latent_dim=4,
        num_classes=3,
    )
    gan.compile(freeze_d=1)
    first = frozen(gan)[0]
    kernels = [v for v in gan.discriminator.get_layer(first).weights if len(v.shape) == 4]
    assert kernels[0].shape[2] == 1  # the channel of the image


@pytest.mark.parametrize("count", [-1, 1.5, 99])
def test_a_wrong_number_of_frozen_layers_is_an_error(count):
    with pytest.raises(ValueError, match=f"Received: freeze_d={count}"):
        dcgan_pair(16, freeze_d=count)
