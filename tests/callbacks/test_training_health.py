"""TrainingHealth names the fault of broken runs, is silent in good ones, and a rollback restores the whole model."""

import importlib.util
import json
import sys
import warnings
from pathlib import Path

import keras
import numpy as np
import pytest
from conftest import small_gan

import keras_gan
from keras_gan.callbacks import Finding, TrainingHealth, symptoms, training_health
from keras_gan.callbacks.diversity_watch import DiversityWatch
from keras_gan.callbacks.finding import REMEDIES
from keras_gan.callbacks.rollback import CHANGES, Rollback, state_of
from keras_gan.callbacks.running_means import RunningMeans
from keras_gan.callbacks.variety import nearest_distances, spread
from keras_gan.errors import KerasGANWarning
from keras_gan.utils.files import append_line


def script():
    """The module experiments/training_health.py, which defines the runs."""
    path = Path(__file__).parent.parent.parent / "experiments" / "training_health.py"
    sys.path.append(str(path.parent))  # it imports its neighbour
    spec = importlib.util.spec_from_file_location("training_health_page", path)
    sys.modules[spec.name] = module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


PAGE = script()
QUICK = [name for name, training in PAGE.BROKEN.items() if training.within <= 250]


@pytest.mark.parametrize(
    "name", [name if name in QUICK else pytest.param(name, marks=pytest.mark.slow) for name in PAGE.BROKEN]
)
def test_a_broken_run_is_named(name):
    training = PAGE.BROKEN[name]
    _, health = PAGE.train(training, seed=1)
    others = {"low_diversity"} if training.expected in ("vanishing_gradient", "discriminator_collapse") else set()
    assert {finding.kind for finding in health.findings} - others == {training.expected}
    assert health.findings[0].step <= training.within
    assert health.findings[0].evidence in str(health.findings[0])


@pytest.mark.parametrize(
    "name", [name if name == "MLP" else pytest.param(name, marks=pytest.mark.slow) for name in PAGE.GOOD]
)
def test_a_good_run_raises_no_alarm(name):
    _, health = PAGE.train(PAGE.GOOD[name], seed=1, steps=200 if name == "MLP" else None)
    assert health.findings == []


# ---------------------------------------------------------------- the tests for symptoms


def test_r_v_is_that_of_the_ada_paper():
    rng = np.random.default_rng(0)
    training, held_out, drawn = (rng.normal(mean, 0.5, 400).astype(np.float32) for mean in (2.0, 0.5, 0.0))
    r_v = (training.mean(dtype=np.float64) - held_out.mean(dtype=np.float64)) / (
        training.mean(dtype=np.float64) - drawn.mean(dtype=np.float64)
    )
    evidence = symptoms.discriminator_overfitting(training, held_out, drawn, True).evidence
    assert f"r_v {r_v:.2f}; r_t {np.sign(training).mean():+.2f} and {np.sign(held_out).mean():+.2f}" in evidence
    assert "r_t" not in symptoms.discriminator_overfitting(training, held_out, drawn, False).evidence
    assert symptoms.r_v(training, held_out, drawn) == pytest.approx(r_v)
    assert np.isnan(symptoms.r_v(drawn, held_out, training))
    assert symptoms.discriminator_overfitting(training, training, drawn, True) is None


def test_overfitting_that_chance_may_have_made_is_none():
    spread = np.array([-3.0, -1.0, 1.0, 3.0])
    few = [spread + mean for mean in (1.0, 0.0, -0.5)]
    assert symptoms.discriminator_overfitting(*few, True) is None
    assert symptoms.discriminator_overfitting(*(np.tile(logits, 100) for logits in few), True) is not None


def test_a_discriminator_that_knows_nothing_does_not_overfit():
    assert symptoms.discriminator_overfitting(np.ones(9), np.ones(9), np.ones(9), True) is None
    assert symptoms.discriminator_overfitting(np.full(9, np.nan), np.ones(9), np.ones(9), True) is None


def test_every_kind_has_a_remedy():
    assert set(CHANGES) < set(REMEDIES)


def test_a_move_of_half_of_the_weights_is_certain():
    assert symptoms.divergence({}, 0.24, 25) is None
    assert not symptoms.divergence({}, 0.4, 25).certain
    assert symptoms.divergence({}, 0.51, 25).certain
    assert symptoms.divergence({}, float("nan"), 25).certain
    assert symptoms.divergence({"d_loss": float("inf")}, 0.0, 25).certain


def few_images(number, n=64, noise=0.02):
    """Images that repeat a few, with a little noise, and as many different ones."""
    rng = np.random.default_rng(0)
    different = rng.uniform(-1, 1, (n, 8, 8, 1)).astype(np.float32)
    return different[rng.integers(0, number, n)] + rng.normal(0, noise, different.shape).astype(np.float32), different


def test_nearest_distances_are_those_of_numpy():
    images, _ = few_images(5)
    rows = images.reshape(64, -1).astype(np.float64)
    distances = np.linalg.norm(rows[:, None] - rows, axis=-1)
    np.fill_diagonal(distances, np.inf)
    np.testing.assert_allclose(nearest_distances(images), distances.min(axis=1), rtol=1e-6)
    assert spread(images) == pytest.approx(np.sqrt(((rows - rows.mean(axis=0)) ** 2).sum(axis=1).mean()), rel=1e-6)


@pytest.mark.parametrize(("number", "found"), [(1, True), (3, True), (30, True), (10_000, False)])
def test_a_generator_of_a_few_images_has_a_low_diversity(number, found):
    images, different = (
        few_images(min(number, 64)) if number < 100 else (few_images(1)[1][::-1] * 0.98, few_images(1)[1])
    )
    watch = DiversityWatch(different)
    watch.look_at(images, step=1000)
    assert (watch.low_diversity is not None) == found
    if number == 3:  # the images differ as much as real ones, but each is there many times
        assert watch.measured["spread"] > 0.8
        assert "of them than of real images nearly repeat another one" in watch.low_diversity.evidence
        assert watch.mode_collapse is None


def test_images_that_fade_have_a_low_diversity():
    _, different = few_images(1)
    watch = DiversityWatch(different)
    watch.look_at(0.29 * different, step=1000)
    assert "29% of the diversity of real images" in watch.low_diversity.evidence


def test_low_diversity_must_last():
    images, different = few_images(3)
    watch = DiversityWatch(different)
    for step in range(700, 1200, 25):
        watch.look_at(images, step)
        assert watch.lasting_low_diversity(step) is None
    watch.look_at(images, 1200)
    assert watch.lasting_low_diversity(1200) is not None
    watch.look_at(different, 1225)
    watch.look_at(images, 1250)
    assert watch.lasting_low_diversity(1250) is None


def test_equal_real_images_and_very_few_say_nothing():
    for real in (np.zeros((20, 8, 8, 1), np.float32), few_images(2)[1][:4]):
        watch = DiversityWatch(real)
        watch.look_at(np.ones((64, 8, 8, 1), np.float32) * np.linspace(0, 1, 64)[:, None, None, None], 0)
        assert "repeated" not in watch.measured


# ---------------------------------------------------------------- the callback


@pytest.mark.usefixtures("eager_steps")
def test_a_training_ends_with_a_test_of_diversity_and_a_summary(images, tmp_path, monkeypatch):
    monkeypatch.setattr(training_health, "WARM_UP", 2)
    monkeypatch.setattr(training_health, "LATE", 2)
    few = np.repeat(images[:2], 32, axis=0)
    monkeypatch.setattr(keras_gan.GAN, "generate", lambda *_, **__: few)
    gan, health = small_gan(), TrainingHealth(images, every=2, log=tmp_path / "health.jsonl", epochs=2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KerasGANWarning)
        gan.fit(images, batch_size=32, verbose=0, callbacks=[health])
        assert health.findings == []  # the training goes on for a second epoch
        gan.fit(images, batch_size=32, initial_epoch=1, epochs=2, verbose=0, callbacks=[health])
    (finding,) = health.findings
    assert (finding.kind, finding.step, finding.epoch) == ("low_diversity", 4, 2)
    summary = json.loads((tmp_path / "health_summary.json").read_text())
    assert summary["steps"] == 4
    assert summary["not_watched"] == {"discriminator_overfitting": "it needs held-out images"}
    assert set(summary["watched"]) == set(REMEDIES) - {"discriminator_overfitting"}
    assert summary["measured"]["repeated"] > 0.9
    assert summary["measured"] == pytest.approx(health.measured)


@pytest.mark.usefixtures("eager_steps")
def test_what_was_not_tested_is_named(images):
    gan, health = small_gan(), TrainingHealth(images, images, every=1)
    gan.fit(images, batch_size=32, verbose=0, callbacks=[health])
    assert health.not_watched == {
        "mode_collapse": "it is tested from step 200 on",
        "low_diversity": "it is tested from step 1000 on",
    }
    assert "discriminator_overfitting" in health.watched
    assert -1 < health.measured["r_v"] < 1 or np.isnan(health.measured["r_v"])


def health_of(images, steps=60, **arguments):
    gan = small_gan(**arguments.pop("compiled", {}))
    health = TrainingHealth(images, every=10, **arguments)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", KerasGANWarning)
        gan.fit(images, batch_size=16, epochs=steps // 4, verbose=0, callbacks=[health])
    return gan, health


def nan(gan):
    """Set the bias of the last layer to NaN."""
    gan.discriminator.trainable_variables[-1].assign([np.nan])


class Spoil(keras.callbacks.Callback):
    """Set a weight to NaN at the start of the given epochs, counted from 0."""

    def __init__(self, *epochs):
        super().__init__()
        self.epochs = epochs

    def on_epoch_begin(self, epoch, logs=None):
        if epoch in self.epochs:
            nan(self.model)


def test_a_loss_that_is_not_finite_is_divergence_at_the_end_of_the_epoch(images):
    gan = small_gan()
    health = TrainingHealth(images, every=100)
    with pytest.warns(KerasGANWarning, match=r"divergence at step 12: a loss is not finite.*What may help"):
        gan.fit(images, batch_size=16, epochs=5, verbose=0, callbacks=[Spoil(2), health])
    (finding,) = health.findings
    assert (finding.kind, finding.step, finding.epoch, finding.rollback) == ("divergence", 12, 3, "")


def test_epochs_shorter_than_a_check_and_validation_lose_no_gradient(images, monkeypatch):
    seen = []

    def note(norm, *figures):
        seen.append(norm)

    monkeypatch.setattr(symptoms, "vanishing_gradient", note)

    class Norms(keras.callbacks.Callback):
        totals = ()

        def on_train_batch_end(self, batch, logs=None):
            self.totals = (*self.totals, float(self.model.g_grad_norm_tracker.total))

    gan, norms = small_gan(), Norms()
    health = TrainingHealth(images, every=8)
    gan.fit(
        images, batch_size=16, epochs=6, verbose=0, callbacks=[health, norms], validation_data=images, shuffle=False
    )
    per_step = np.diff(np.reshape(norms.totals, (6, 4)), axis=1, prepend=0).ravel()  # Keras resets the means each epoch
    np.testing.assert_allclose(seen, per_step.reshape(3, 8).mean(axis=1), rtol=1e-5)


def test_the_metrics_are_read_at_checks_alone(images, monkeypatch):
    collected = []
    original = RunningMeans.collect
    monkeypatch.setattr(RunningMeans, "collect", lambda *given: (collected.append(1), original(*given)))
    gan = small_gan()
    gan.fit(np.tile(images, (5, 1, 1, 1)), batch_size=8, verbose=0, callbacks=[TrainingHealth(images, every=20)])
    assert len(collected) == 2  # of 40 steps: before the 21st, at the end of the epoch
    assert TrainingHealth.on_train_batch_end is keras.callbacks.Callback.on_train_batch_end


@pytest.mark.usefixtures("eager_steps")
def test_a_model_with_classes_needs_labels(images, labels):
    gan = small_gan(4)
    with pytest.raises(ValueError, match="must be \\(images, labels\\)"):
        gan.fit(images, labels, verbose=0, callbacks=[TrainingHealth(images, images)])
    health = TrainingHealth((images, labels), (images, labels), every=1)
    gan.fit(images, labels, verbose=0, callbacks=[health])
    assert health.findings == []


def test_another_kind_of_model_is_refused(images):
    health = TrainingHealth(images)
    health.set_model(keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]))
    with pytest.raises(ValueError, match="Received: Sequential"):
        health.on_train_begin()


def test_images_that_the_model_does_not_draw_are_refused(images):
    with pytest.raises(ValueError, match=r"Images must be in \[-1, 1\]"):
        small_gan().fit(images, verbose=0, callbacks=[TrainingHealth(images * 127)])
    with pytest.raises(ValueError, match=r"Received: shape \(64, 4, 8, 1\)"):
        small_gan().fit(images, verbose=0, callbacks=[TrainingHealth(images, images[:, :4])])


def test_bytes_and_a_sigmoid_s_range_are_the_same_images():
    z = keras.Input((6,))
    sigmoid = keras.layers.Reshape((8, 8, 1))(keras.layers.Dense(64, "sigmoid")(z))
    gan = keras_gan.GAN(keras.Model(z, sigmoid), keras_gan.networks.mlp.discriminator((8, 8, 1), units=4), latent_dim=6)
    pixels = np.random.default_rng(0).integers(0, 256, (8, 8, 8, 1), np.uint8)
    np.testing.assert_allclose(TrainingHealth(pixels).real.in_range(gan), pixels / 255, atol=1e-6)


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="Received: every=0"):
        TrainingHealth(np.zeros((4, 8, 8, 1)), every=0)
    with pytest.raises(ValueError, match="Received: rollback=-1"):
        TrainingHealth(np.zeros((4, 8, 8, 1)), rollback=-1)
    with pytest.raises(ValueError, match=r"`real` images. Received: 1"):
        TrainingHealth(np.zeros((1, 8, 8, 1)))
    with pytest.raises(ValueError, match=r"`held_out` images. Received: 1"):
        TrainingHealth(np.zeros((4, 8, 8, 1)), np.zeros((1, 8, 8, 1)))


# ---------------------------------------------------------------- rollback


def whole(gan, path):
    """Return everything that a saved model holds, by its name in the file."""
    import h5py

    gan.save_weights(path)
    found = {}
    with h5py.File(path) as file:
        file.visititems(lambda name, item: found.update({name: item[()]}) if isinstance(item, h5py.Dataset) else None)
    return found


@pytest.mark.usefixtures("eager_steps")
def test_the_whole_state_comes_back(images, tmp_path):
    gan = small_gan(
        d_optimizer=keras.optimizers.Adam(1e-3),
        g_optimizer=keras.optimizers.SGD(1e-2, momentum=0.9),
        ema_momentum=0.9,
        augmentation=keras_gan.augmentations.ADA(adjustment_images=500, interval=1),
    )
    gan.fit(images, verbose=0)
    before, rollback = whole(gan, tmp_path / "before.weights.h5"), Rollback(1)
    rollback.save_state(gan, 2)
    gan.fit(images, verbose=0)
    between = whole(gan, tmp_path / "between.weights.h5")
    untouched = {name for name in before if np.array_equal(before[name], between[name])}
    assert not {name for name in untouched if "optimizer" in name} - {
        name
        for name in untouched
        if before[name].dtype == np.float32 and before[name].shape == ()  # the rates
    }
    assert float(gan.augmentation.p) > 0
    rollback.apply(gan, "mode_collapse")  # DiffAugment is not added beside ADA, R1 is
    assert [type(penalty).__name__ for penalty in gan.penalties] == ["R1"]
    after = whole(gan, tmp_path / "after.weights.h5")
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value, err_msg=name)
    assert int(gan.g_optimizer.iterations) == int(gan.averaged_updates) == 2
    assert len(state_of(gan)) == len({id(variable) for variable in state_of(gan)})


def test_after_a_rollback_training_goes_on_as_from_the_state(images):
    """A run that failed and was rolled back equals a run whose learning rate was lowered at that step."""
    fit = {"batch_size": 16, "verbose": 0, "shuffle": False}
    spoilt, health = small_gan(d_optimizer="adam", g_optimizer="adam"), TrainingHealth(images, every=100, rollback=1)
    with pytest.warns(
        KerasGANWarning, match=r"Went back to step 0 and continued with d_optimizer.learning_rate=0.0001 and g_opt"
    ):
        spoilt.fit(images, epochs=4, callbacks=[Spoil(0), health], **fit)
    keras.utils.set_random_seed(0)  # as at the beginning of the test
    right = small_gan(d_optimizer=keras.optimizers.Adam(1e-4), g_optimizer=keras.optimizers.Adam(1e-4))
    right.fit(images, epochs=3, **fit)
    for a, b in zip(spoilt.get_weights(), right.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_rollbacks_are_bounded_and_logged(images, tmp_path):
    log = tmp_path / "run" / "health.jsonl"
    gan = small_gan(d_optimizer=keras.optimizers.Adam(1e-3), g_optimizer=keras.optimizers.Adam(1e-3))
    health = TrainingHealth(images, every=100, rollback=2, log=log)
    with warnings.catch_warnings(record=True):
        warnings.simplefilter("always")
        gan.fit(images, batch_size=16, epochs=8, verbose=0, callbacks=[health, Spoil(1, 3, 5)])
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [Finding(**line) for line in lines] == health.findings
    assert [(line["step"], line["epoch"], line["kind"]) for line in lines] == [
        (8, 2, "divergence"),
        (8, 4, "divergence"),
        (8, 6, "divergence"),
    ]
    assert "(1 of 2)" in lines[0]["rollback"]
    assert "1e-05" in lines[1]["rollback"]
    assert lines[2]["rollback"] == ""
    assert float(gan.d_optimizer.learning_rate) == pytest.approx(1e-3 / 100)
    assert not np.isfinite(gan.generate(1)).all()


@pytest.mark.usefixtures("eager_steps")
def test_settings_are_changed_one_after_the_other(images):
    gan = small_gan(loss="minimax", d_optimizer=keras.optimizers.Adam(keras_gan.schedules.LinearDecay(1e-3, 100)))
    rollback = Rollback(9)
    rollback.save_state(gan, 0)
    done = [rollback.apply(gan, kind) for kind in ("vanishing_gradient", *["mode_collapse"] * 3)]
    for what, sentence in zip(("non_saturating", "r1", "diffaugment", "learning_rate"), done, strict=True):
        assert what in sentence
    assert float(gan.d_optimizer.learning_rate) == pytest.approx(1e-3 / 100)
    assert float(gan.g_optimizer.learning_rate) == pytest.approx(2e-4 / 10)
    gan.fit(images, verbose=0)
    assert type(gan.loss).__name__ == "NonSaturating"
    config = json.loads(json.dumps(gan.get_compile_config()))
    fresh = small_gan()
    fresh.compile_from_config(config)
    assert float(fresh.d_optimizer.learning_rate) == pytest.approx(1e-3 / 100)


@pytest.mark.parametrize("loss", [keras_gan.losses.Minimax, keras_gan.losses.NonSaturating])
def test_a_loss_that_changes_smooths_as_before(loss):
    gan = small_gan(loss=loss(label_smoothing=0.1, two_sided=True))
    rollback = Rollback(1)
    rollback.save_state(gan, 0)
    changed = "non_saturating" in rollback.apply(gan, "vanishing_gradient")
    assert changed == (loss is keras_gan.losses.Minimax)
    assert type(gan.loss) is keras_gan.losses.NonSaturating
    assert gan.loss.get_config() == {"label_smoothing": 0.1, "two_sided": True}


def test_batch_normalisation_gets_no_r1():
    shape = (28, 28, 1)
    networks = keras_gan.networks.dcgan
    gan = keras_gan.GAN(networks.generator(shape, 4, filters=4), networks.discriminator(shape, filters=4), latent_dim=4)
    gan.compile()
    rollback = Rollback(1)
    rollback.save_state(gan, 0)
    assert "diffaugment" in rollback.apply(gan, "mode_collapse")


@pytest.mark.slow
def test_a_run_that_rolls_back_ends_better_than_one_left_alone():
    training = PAGE.BROKEN["learning rate 100 times too high"]
    alone, helped = (PAGE.train(training, seed=1, steps=PAGE.RECOVERY, rollback=times)[0] for times in (0, 3))
    assert PAGE.quality(training, helped).mean < PAGE.quality(training, alone).mean


# ---------------------------------------------------------------- the log


def test_a_torn_line_is_cut_off_by_the_next(tmp_path):
    path = tmp_path / "lines.jsonl"
    append_line(path, '{"a": 1}')
    with path.open("ab") as file:
        file.write(b'{"b": ')
    append_line(path, '{"c": "ä"}')
    assert path.read_text(encoding="utf-8") == '{"a": 1}\n{"c": "ä"}\n'
