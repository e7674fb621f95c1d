"""Google's emoji into Twitter's, learnt without pairs, against the pairs: docs/translation.md's run in a small size."""

import numpy as np
import pytest

import keras_gan
from keras_gan.datasets import emoji
from keras_gan.images import to_float


@pytest.mark.slow
def test_translation_is_nearer_to_the_true_partner_than_no_translation():
    try:
        x, y = (to_float(emoji.read(vendor, split="test")) for vendor in ("google", "twitter"))
    except ImportError as error:
        pytest.skip(f"the emoji are not installed: {error}")
    data = keras_gan.datasets.load_unpaired("emoji/google", "emoji/twitter", batch_size=4, jitter=False, flip=False)
    rate = keras_gan.schedules.LinearDecay(2e-4, len(data))
    cyclegan = keras_gan.presets.load("cyclegan_st", (64, 64, 3), seed=0, learning_rate=rate)
    cyclegan.fit(data, epochs=1, verbose=0)
    x, y = x[::3], y[::3]
    translated = cyclegan.translate(x)
    assert np.abs(translated - y).mean() < 0.97 * np.abs(x - y).mean()
    distances = [keras_gan.metrics.EfficientNetLite0().distance(images, y) for images in (x, translated)]
    gain = distances[0] - distances[1]
    assert gain.mean() > 3 * gain.std() / np.sqrt(len(gain))
