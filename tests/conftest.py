"""What the tests share: small networks, and a machine that runs them the same way each time."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "-1")

import keras
import numpy as np
import pytest
from hypothesis import settings

import keras_gan

settings.register_profile("keras_gan", deadline=None, max_examples=40, derandomize=True)
settings.load_profile("keras_gan")


@pytest.fixture(autouse=True, scope="session")
def _own_cache(tmp_path_factory):
    os.environ["KERAS_GAN_CACHE"] = str(tmp_path_factory.mktemp("cache"))


@pytest.fixture(autouse=True)
def _seeded():
    keras.utils.set_random_seed(0)


@pytest.fixture
def images():
    """64 images of 8x8x1 in [-1, 1], of both signs."""
    return np.random.default_rng(0).uniform(-1, 1, (64, 8, 8, 1)).astype(np.float32)


@pytest.fixture
def labels():
    return np.arange(64, dtype=np.int32) % 4


def small_gan(num_classes=None, units=16, seed=3, **compile_arguments):
    """An MLP GAN of 8x8x1 images, with dropout in its discriminator."""
    gan = keras_gan.GAN(
        keras_gan.networks.mlp.generator((8, 8, 1), 6, num_classes, units=units),
        keras_gan.networks.mlp.discriminator((8, 8, 1), num_classes, units=units, pieces=2),
        latent_dim=6,
        num_classes=num_classes,
        seed=seed,
    )
    gan.compile(**compile_arguments)
    return gan
