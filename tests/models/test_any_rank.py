"""GANs of vectors and of sequences: checks of the data, pictures, audio."""

import numpy as np
import pytest
from conftest import eagerly

import keras_gan
from keras_gan import networks


def made(shape):
    gan = keras_gan.GAN(
        networks.mlp.generator(shape, 4, units=8), networks.mlp.discriminator(shape, units=8), latent_dim=4, seed=0
    )
    gan.compile()
    return gan


@pytest.mark.parametrize("shape", [(2,), (6, 1)])
def test_values_need_no_range(shape):
    gan, values = made(shape), np.random.default_rng(0).normal(50, 100, (8, *shape)).astype(np.float32)
    with eagerly():
        gan.fit(values, batch_size=4, verbose=0)
    assert gan.generate(3).shape == (3, *shape)
    values[3] = np.nan
    with pytest.raises(ValueError, match=r"Images must be finite. Received: NaN or infinity in 1 of 8"):
        gan.fit(values, verbose=0)
    kind = "vectors" if len(shape) == 1 else "sequences"
    with pytest.raises(ValueError, match=f"Expected {kind} of shape .*float32. Received: shape .*, dtype float32"):
        gan.fit(np.zeros((8, *shape, 1), np.float32), verbose=0)


def test_pictures_and_audio(tmp_path):
    grid = keras_gan.callbacks.SampleGrid(tmp_path / "waves", rows=1, columns=3, rate=8000)
    with eagerly():
        made((6, 1)).fit(np.zeros((8, 6, 1), np.float32), batch_size=4, verbose=0, callbacks=[grid])
    names = sorted(file.name for file in (tmp_path / "waves").iterdir())
    assert names == ["epoch-0000.png", "epoch-0001.png", "progress.gif", "sample-1.wav", "sample-2.wav", "sample-3.wav"]
    grid = keras_gan.callbacks.SampleGrid(tmp_path / "points", tensorboard=tmp_path / "events")
    with eagerly():
        made((2,)).fit(np.zeros((8, 2), np.float32), batch_size=4, verbose=0, callbacks=[grid])
    assert len(grid.images_to_show()[0]) == 1000
    assert (tmp_path / "points" / "epoch-0001.png").exists()


def test_augmentations_are_for_images():
    gan = made((2,))
    with pytest.raises(ValueError, match=r"`augmentation` is for images. Received: .* and examples of shape \(2,\)"):
        gan.compile(augmentation="diffaugment")
