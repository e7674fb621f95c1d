"""The GAN paper's warning: a discriminator without doubt leaves a minimax generator without a gradient."""

import warnings

import keras
import numpy as np
from conftest import small_gan

from keras_gan.callbacks import TrainingHealth
from keras_gan.errors import KerasGANWarning


def test_the_minimax_gradient_vanishes_and_the_non_saturating_one_does_not(images):
    norms = {}
    for loss in ("minimax", "non_saturating"):
        keras.utils.set_random_seed(0)
        gan = small_gan(
            units=64, loss=loss, d_optimizer=keras.optimizers.Adam(2e-3), g_optimizer=keras.optimizers.SGD(0.0)
        )
        bright = np.clip(images + 0.8, -1, 1)  # D easily tells a constant generator from these
        health = TrainingHealth(bright, every=20)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", KerasGANWarning)
            ten_steps = np.tile(bright, (5, 1, 1, 1))
            history = gan.fit(ten_steps, epochs=16, verbose=0, callbacks=[health]).history
        found = [finding.kind for finding in health.findings]
        assert found == (["vanishing_gradient"] if loss == "minimax" else [])
        assert history["d_real"][-1] > 0.98
        assert history["d_fake"][-1] < 0.02
        norms[loss] = history["g_grad_norm"]
    assert norms["non_saturating"][-1] > 100 * norms["minimax"][-1]
    assert norms["minimax"][-1] < 0.05 * norms["minimax"][0]
