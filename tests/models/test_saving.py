"""A saved model continues in a new process with the same next step."""

import json
import os
import signal
from pathlib import Path

import fork_server
import keras
import numpy as np
import pytest
from conftest import small_gan

import keras_gan


def adam(rate):
    return keras.optimizers.Adam(rate, beta_1=0.5)


def next_step(gan, images):
    gan.reset_metrics()
    return {name: float(value) for name, value in gan.train_on_batch(images, return_dict=True).items()}


def test_training_goes_on_in_a_new_process_as_if_it_had_never_stopped(images, tmp_path):
    optimizers = {"d_optimizer": adam(1e-3), "g_optimizer": keras.optimizers.SGD(0.01, momentum=0.9)}
    gan = small_gan(**optimizers, d_steps=2, loss="minimax", run_eagerly=True)
    gan.fit(images, batch_size=16, shuffle=False, verbose=0)
    gan.save(tmp_path / "gan.keras")
    np.save(tmp_path / "images.npy", images)
    script = """
        import json, sys, numpy as np
        import keras, keras_gan
        gan, images = keras.models.load_model(sys.argv[1]), np.load(sys.argv[2])
        logs = []
        for _ in range(3):
            gan.reset_metrics()
            logs.append({k: float(v) for k, v in gan.train_on_batch(images, return_dict=True).items()})
        print(json.dumps([logs, gan.d_steps, type(gan.loss).__name__, type(gan.g_optimizer).__name__]))
    """
    printed = fork_server.run(script, tmp_path / "gan.keras", tmp_path / "images.npy")
    logs, d_steps, loss, optimizer = json.loads(printed.splitlines()[-1])
    assert (d_steps, loss, optimizer) == (2, "Minimax", "SGD")
    for theirs in logs:
        assert theirs == pytest.approx(next_step(gan, images), abs=1e-6)


@pytest.mark.usefixtures("eager_steps")
def test_load_model_brings_back_every_variable_and_every_argument(images, tmp_path):
    gan = small_gan(4, d_optimizer=adam(1e-3), g_optimizer=adam(3e-4), steps_per_execution=2)
    gan.fit(images, np.arange(64) % 4, epochs=2, verbose=0)
    gan.save(tmp_path / "gan.keras")
    loaded = keras.models.load_model(tmp_path / "gan.keras")
    for config in ("get_config", "get_compile_config"):
        mine, theirs = (json.loads(json.dumps(getattr(model, config)())) for model in (gan, loaded))
        assert mine == theirs
    for name in ("d_optimizer", "g_optimizer"):
        mine, theirs = getattr(gan, name).variables, getattr(loaded, name).variables
        assert len(mine) == len(theirs) > 3
        for a, b in zip(mine, theirs, strict=True):
            np.testing.assert_array_equal(a.numpy(), b.numpy())
    assert any(np.abs(v.numpy()).max() > 0 for v in loaded.g_optimizer.variables[2:])
    for a, b in zip(gan.get_weights(), loaded.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)
    states = [[g.state.numpy() for g in model._all_seed_generators()] for model in (gan, loaded)]
    np.testing.assert_array_equal(*states)
    assert len(states[0]) == 2
    fresh = [g.state.numpy() for g in small_gan(4)._all_seed_generators()]
    assert any((a != b).any() for a, b in zip(states[0], fresh, strict=True))


@pytest.mark.usefixtures("eager_steps")
def test_save_weights_and_load_weights_go_on_too(images, tmp_path):
    gan = small_gan()
    gan.fit(images, verbose=0)
    gan.save_weights(tmp_path / "gan.weights.h5")
    other = small_gan()
    other.load_weights(tmp_path / "gan.weights.h5")
    assert next_step(other, images) == pytest.approx(next_step(gan, images), abs=1e-6)


@pytest.mark.usefixtures("eager_steps")
def test_model_checkpoint_keeps_the_best(images, tmp_path):
    gan = small_gan()
    path = tmp_path / "best.keras"
    checkpoint = keras.callbacks.ModelCheckpoint(path, monitor="val_g_loss", mode="min", save_best_only=True)
    weights = keras.callbacks.ModelCheckpoint(tmp_path / "{epoch}.weights.h5", save_weights_only=True)
    gan.fit(images, validation_data=images[:16], epochs=2, verbose=0, callbacks=[checkpoint, weights])
    assert isinstance(keras.models.load_model(path), keras_gan.GAN)
    assert sorted(p.name for p in tmp_path.glob("*.h5")) == ["1.weights.h5", "2.weights.h5"]


@pytest.mark.usefixtures("eager_steps")
def test_backup_and_restore_goes_on_after_a_crash(images, tmp_path):
    class Crash(keras.callbacks.Callback):
        def on_epoch_begin(self, epoch, logs=None):
            if epoch == 2:
                raise RuntimeError("power cut")

    def fit(gan, *callbacks):
        backup = keras.callbacks.BackupAndRestore(tmp_path / "backup")
        return gan.fit(images, epochs=3, batch_size=64, shuffle=False, verbose=0, callbacks=[backup, *callbacks])

    straight = small_gan()
    straight.fit(images, epochs=3, batch_size=64, shuffle=False, verbose=0)
    keras.utils.set_random_seed(0)
    with pytest.raises(RuntimeError, match="power cut"):
        fit(small_gan(), Crash())
    keras.utils.set_random_seed(5)
    resumed = small_gan()
    assert fit(resumed).epoch == [2]
    for a, b in zip(straight.get_weights(), resumed.get_weights(), strict=True):
        np.testing.assert_allclose(a, b, atol=1e-5)


def test_a_failing_save_leaves_the_file_that_was_there(images, tmp_path, monkeypatch):
    gan = small_gan()
    path = tmp_path / "gan.keras"
    gan.save(path)
    before = path.read_bytes()

    def full(self, filepath, *args, **kwargs):
        Path(filepath).write_bytes(b"half")
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(keras.Model, "save", full)
    with pytest.raises(OSError, match="No space left"):
        gan.save(path)
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["gan.keras"]


def save_again_and_again(path, is_ready):
    gan = keras.models.load_model(path)
    is_ready.set()
    while True:
        gan.save(path)


def test_a_process_killed_while_saving_leaves_a_file_that_loads(tmp_path):
    """Kill a process that saves repeatedly, several times."""
    path = tmp_path / "gan.keras"
    small_gan(units=200).save(path)
    is_ready = fork_server.context().Event()
    child = fork_server.context().Process(target=save_again_and_again, args=(path, is_ready))
    child.start()
    assert is_ready.wait(600)
    for _ in range(20):  # until the kill leaves an incomplete temporary file
        os.kill(child.pid, signal.SIGCONT)
        assert child.is_alive()
        os.kill(child.pid, signal.SIGSTOP)
        if any(p.name.startswith(".gan.keras") for p in tmp_path.iterdir()):
            break
    child.kill()
    child.join()
    assert isinstance(keras.models.load_model(path), keras_gan.GAN)


def test_overwrite_false_refuses(tmp_path):
    gan = small_gan()
    gan.save(tmp_path / "gan.keras")
    with pytest.raises(FileExistsError, match="overwrite=True"):
        gan.save(tmp_path / "gan.keras", overwrite=False)


@pytest.mark.usefixtures("eager_steps")
def test_the_training_record_is_plain_data(images):
    gan = small_gan(d_steps=2)
    gan.fit(images, batch_size=8, verbose=0)
    record = json.loads(json.dumps(gan.training_record()))
    assert (record["d_updates"], record["g_updates"], record["d_steps"]) == (8, 4, 2)
    assert record["d_optimizer"]["class_name"] == "Adam"


@pytest.mark.parametrize(("method", "name"), [("save", "gan.h5"), ("save", "gan"), ("save_weights", "gan.keras")])
def test_a_wrong_suffix_is_named(method, name, tmp_path):
    with pytest.raises(ValueError, match=rf"must end in .*Received: .*{name}$"):
        getattr(small_gan(), method)(tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_folder_is_not_replaced(tmp_path):
    (tmp_path / "gan.keras").mkdir()
    with pytest.raises(FileExistsError, match="which is a folder"):
        small_gan().save(tmp_path / "gan.keras")


def test_a_model_that_is_not_compiled_is_saved_too(tmp_path):
    compiled = small_gan()
    compiled.save(tmp_path / "a.keras")
    model = keras.models.load_model(tmp_path / "a.keras", compile=False)
    model.save(tmp_path / "b.keras")
    again = keras.models.load_model(tmp_path / "b.keras")
    assert not again.compiled
    assert "d_updates" not in again.training_record()
    np.testing.assert_allclose(again.generate(2), compiled.generate(2), atol=1e-6)
