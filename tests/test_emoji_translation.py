"""Google's emoji into Twitter's, learnt without pairs, against the pairs: docs/translation.md's run in a small size."""

import numpy as np
import pytest

import keras_gan
from keras_gan.datasets import emoji
from keras_gan.images import to_float


@pytest.mark.slow
@pytest.mark.xfail(reason="two epochs change images by 0.0036 alone; docs/translation.md says how far longer ones go")
def test_translation_is_nearer_to_the_true_partner_than_no_translation():
    try:
        x, y = (to_float(emoji.read(vendor, split="test")) for vendor in ("google", "twitter"))
    except ImportError as error:
        pytest.skip(f"the emoji are not installed: {error}")
    cyclegan = keras_gan.presets.load(
        "cyclegan_r1",
        (64, 64, 3),
        seed=0,
        generator={"filters": 8, "blocks": 2},
        discriminator={"filters": 24, "receptive_field": 34},
        model={"identity_weight": 0.0},
    )
    data = keras_gan.datasets.load_unpaired("emoji/google", "emoji/twitter", batch_size=4, shift=True)
    cyclegan.fit(data, epochs=2, verbose=0)
    translated = cyclegan.translate(x)
    assert np.abs(translated - x).mean() > 0.005
    assert np.abs(translated - y).mean() < 0.996 * np.abs(x - y).mean()
