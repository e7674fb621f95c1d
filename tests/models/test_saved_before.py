"""Files that an earlier commit saved still load, with the optimizers' slots and the averaged weights.

`data/` holds models after three steps on random 8x8 images, and `facts.json` the values that this commit found in them.
"""

import json
from pathlib import Path

import keras
import numpy as np
import pytest

DATA = Path(__file__).parent / "data"
FACTS = json.loads((DATA / "facts.json").read_text())


@pytest.mark.parametrize("name", ["gan", "cyclegan"])
def test_an_earlier_file_loads_with_optimizers_and_averages(name):
    model = keras.models.load_model(DATA / f"{name}.keras")
    facts = FACTS[name]
    assert {optimizer: int(getattr(model, optimizer).iterations) for optimizer in model.trained_networks} == facts[
        "updates"
    ]
    assert int(model.averaged_updates) == facts["averaged_updates"]
    for optimizer, sums in facts["slots"].items():
        slots = [np.asarray(variable).astype("float64").sum() for variable in getattr(model, optimizer).variables]
        np.testing.assert_allclose(slots, sums, rtol=1e-6, atol=1e-7)


def test_an_earlier_file_generates_the_same_images():
    gan = keras.models.load_model(DATA / "gan.keras")
    images = gan.generate(3, seed=7).ravel()[:64]
    np.testing.assert_allclose(images, FACTS["gan"]["images"], atol=1e-5)


@pytest.mark.usefixtures("eager_steps")
def test_an_earlier_file_trains_on():
    images = np.random.default_rng(1).uniform(-1, 1, (4, 8, 8, 1)).astype("float32")
    gan = keras.models.load_model(DATA / "gan.keras")
    gan.fit(images, np.arange(4, dtype="int32") % 3, batch_size=4, epochs=1, verbose=0)
    assert int(gan.g_optimizer.iterations) == FACTS["gan"]["updates"]["g_optimizer"] + 1
