"""Names of classes: kept in the file of a model, taken as labels, and compared with those of the data."""

import keras
import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan.errors import KerasGANWarning

NAMES = ("cats", "dogs", "Objects", "10")


def named(class_names=NAMES):
    gan = small_gan(4)
    return keras_gan.GAN(gan.generator, gan.discriminator, gan.latent_dim, num_classes=4, class_names=class_names)


def test_names_are_saved_and_taken_as_labels(tmp_path):
    gan = named()
    gan.compile()
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert tuple(loaded.class_names) == NAMES
    for labels, numbers in (("Objects", 2), (["dogs", "cats"], [1, 0]), (np.array(["10", "dogs"]), [3, 1])):
        np.testing.assert_array_equal(loaded.generate(2, labels), gan.generate(2, numbers))
    assert loaded.training_record()["class_names"] == NAMES


@pytest.mark.parametrize(("labels", "says"), [("dog", "Did you mean 'dogs'"), (7, 'class 1 = "dogs"'), (-1, "0 to 3")])
def test_other_labels_are_refused_with_the_classes(labels, says):
    with pytest.raises(ValueError, match=says):
        named().generate(2, labels)
    with pytest.raises(ValueError, match="states no names of classes"):
        small_gan(4).generate(2, "cats")


@pytest.mark.parametrize("class_names", [("a", "b"), ("a", "a", "b", "c"), (1, 2, 3, 4), "abcd"])
def test_names_must_be_as_many_as_classes(class_names):
    with pytest.raises(ValueError, match="`class_names` must be num_classes=4 different names"):
        named(class_names)


def test_names_of_the_data_are_adopted_or_compared(images, labels):
    dataset = keras_gan.datasets.load("digits8x8", batch_size=16, labels=True, limit=32)
    networks = keras_gan.networks.mlp
    gan = keras_gan.GAN(
        networks.generator((8, 8, 1), 6, 10, units=4), networks.discriminator((8, 8, 1), 10, units=4), 6, 10
    )
    gan.compile(run_eagerly=True)
    gan.fit(dataset, verbose=0)
    assert gan.class_names == tuple("0123456789")
    gan.class_names = tuple("9876543210")
    with pytest.raises(ValueError, match="must have the classes of the model"):
        gan.fit(dataset, verbose=0)


def test_labels_that_are_not_used_are_warned_of_once(images, labels):
    gan = small_gan()
    with pytest.warns(KerasGANWarning, match="without `num_classes`, so it does not use the labels") as caught:
        gan.fit(images[:16], labels[:16], verbose=0)
    assert [one.category for one in caught].count(KerasGANWarning) == 1
    gan.fit(images[:16], labels[:16], verbose=0)
    with pytest.warns(KerasGANWarning) as caught:
        small_gan().fit(((images[:8], labels[:8]) for _ in range(3)), verbose=0)
    assert [one.category for one in caught].count(KerasGANWarning) == 1


def test_predict_says_what_it_takes():
    z = np.zeros((2, 6), np.float32)
    gan = small_gan(4)
    with pytest.raises(ValueError, match=r"takes \[z, labels\]. Received: z alone"):
        gan.predict(z, verbose=0)
    np.testing.assert_allclose(
        gan.predict([z, np.array([1, 2])], verbose=0), gan.generate_from_latent(z, [1, 2]), atol=1e-6
    )
    with pytest.raises(ValueError, match="without classes takes z"):
        small_gan().predict([z, np.array([1, 2])], verbose=0)
