"""GANs whose labels are vectors of attributes."""

import keras
import numpy as np
import pytest
from conftest import eagerly

import keras_gan
from keras_gan import networks

NAMES = ("smile", "age")
IMAGES = np.zeros((8, 3, 4, 1), np.float32)
ATTRIBUTES = np.random.default_rng(0).normal(size=(8, 2)).astype(np.float32)


def made(names=NAMES):
    gan = keras_gan.GAN(
        networks.mlp.generator((3, 4, 1), 4, num_attributes=2, units=8),
        networks.mlp.discriminator((3, 4, 1), num_attributes=2, units=8),
        latent_dim=4,
        num_attributes=2,
        attribute_names=names,
        seed=0,
    )
    gan.compile()
    return gan


def test_attributes_by_vector_and_by_name():
    gan = made()
    np.testing.assert_array_equal(gan.generate(3, labels={"age": 0.5}), gan.generate(3, labels=[0, 0.5]))
    np.testing.assert_array_equal(gan.generate(2), gan.generate(2, labels=np.eye(2)))
    assert np.abs(gan.generate(1, labels=[0, 1]) - gan.generate(1, labels=[0, -1])).max() > 1e-5


def test_the_names_travel_with_the_model(tmp_path):
    gan = made()
    with eagerly():
        gan.fit(IMAGES, ATTRIBUTES, batch_size=4, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    assert (loaded.num_attributes, loaded.attribute_names) == (2, NAMES)
    np.testing.assert_array_equal(loaded.generate(2), gan.generate(2))


def test_wrong_attributes_do_not_reach_the_weights():
    gan = made()
    with pytest.raises(
        ValueError, match=r"made with num_attributes=2 learns from \(images, attributes\). Received: im"
    ):
        gan.fit(IMAGES, verbose=0)
    with pytest.raises(ValueError, match=r"Attributes must be floats of shape \(batch, 2\). Received: shape \(8, 3\)"):
        gan.fit(IMAGES, np.zeros((8, 3), np.float32), verbose=0)
    with pytest.raises(ValueError, match="Attributes must be finite"):
        gan.fit(IMAGES, np.full((8, 2), np.nan, np.float32), verbose=0)
    with pytest.raises(ValueError, match=r"must not be given together.*num_classes=3, num_attributes=2"):
        keras_gan.GAN(gan.generator, gan.discriminator, latent_dim=4, num_classes=3, num_attributes=2)


def test_a_grid_has_a_column_for_each_attribute(tmp_path):
    grid = keras_gan.callbacks.SampleGrid(tmp_path, rows=2)
    grid.set_model(made())
    shown, columns = grid.images_to_show()
    assert (len(shown), columns, grid.column_titles) == (4, 2, NAMES)
