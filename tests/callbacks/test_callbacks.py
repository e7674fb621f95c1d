"""The callbacks: grids of samples and translations, and progress in a terminal."""

import io

import keras
import numpy as np
import pytest
from conftest import small_gan
from PIL import Image
from rich.console import Console
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from keras_gan.callbacks import Evaluation, Progress, SampleGrid, TranslationGrid
from keras_gan.errors import KerasGANWarning


def pictures(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.mark.usefixtures("eager_steps")
def test_a_grid_from_fixed_noise_after_each_epoch(images, tmp_path):
    gan = small_gan()
    gan.fit(images, epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path, rows=2, columns=3)])
    assert pictures(tmp_path) == ["epoch-0000.png", "epoch-0001.png", "epoch-0002.png", "progress.gif"]
    first, last = (np.asarray(Image.open(tmp_path / f"epoch-{i:04d}.png")) for i in (0, 2))
    assert first.shape == (2 * 66 + 2, 3 * 66 + 2, 3)
    assert np.any(first != last)
    assert Image.open(tmp_path / "progress.gif").n_frames == 3
    shown = SampleGrid(tmp_path / "again", rows=2, columns=3)
    shown.set_model(gan)
    shown.directory.mkdir()
    shown.on_epoch_end(1)
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "again" / "epoch-0002.png")), last)


@pytest.mark.usefixtures("eager_steps")
def test_a_column_a_class_every_second_epoch_and_the_last(images, labels, tmp_path):
    gan = small_gan(4)
    grid = SampleGrid(tmp_path / "grid", rows=1, every=2, animation=False, tensorboard=tmp_path / "board")
    gan.fit(images, labels, epochs=3, verbose=0, callbacks=[grid])
    assert pictures(tmp_path / "grid") == ["epoch-0000.png", "epoch-0002.png", "epoch-0003.png"]
    assert Image.open(grid.latest).size == (4 * 66 + 2, 66 + 2)
    events = EventAccumulator(str(tmp_path / "board")).Reload()
    assert [event.step for event in events.Tensors("samples")] == [0, 2, 3]


@pytest.mark.usefixtures("eager_steps")
def test_going_on_draws_no_untrained_picture(images, tmp_path):
    gan = small_gan()
    gan.fit(images, verbose=0)
    gan.fit(images, initial_epoch=1, epochs=2, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert pictures(tmp_path) == ["epoch-0002.png"]


@pytest.mark.parametrize("wrong", [{"rows": 0}, {"columns": 0}, {"every": 0}])
def test_wrong_arguments_are_named(wrong, tmp_path):
    with pytest.raises(ValueError, match="Received"):
        SampleGrid(tmp_path, **wrong)


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.usefixtures("eager_steps")
def test_progress_says_how_it_stands(images, terminal):
    out = io.StringIO()
    console = Console(file=out, force_terminal=terminal, width=150)
    gan = small_gan()
    gan.fit(images, epochs=2, verbose=0, callbacks=[Progress("pictures", console=console)])
    text = out.getvalue()
    assert "epoch 2/2" in text
    assert "d_real" in text
    assert "pictures/epoch-0001.png" in text
    assert "4/4" in text


@pytest.mark.usefixtures("eager_steps")
def test_progress_counts_over_several_calls_of_fit(images):
    out = io.StringIO()
    gan, progress = small_gan(), Progress(total=6, epochs=2, console=Console(file=out, width=150))
    gan.fit(images[:32], batch_size=16, verbose=0, callbacks=[progress])
    gan.fit(images, batch_size=16, initial_epoch=1, epochs=2, verbose=0, callbacks=[progress])
    assert out.getvalue().rstrip().splitlines()[-1].count("6/6") == 1


class Translator:
    """A model with the parts that a translation grid uses: G adds 0.5, F subtracts it."""

    image_range = (-1.0, 1.0)
    generators = {"g": "generator_g", "f": "generator_f"}  # noqa: RUF012

    def __init__(self):
        self.g_optimizer = keras.optimizers.SGD()

    def translate(self, images, generator="g"):
        return images + (0.5 if generator == "g" else -0.5)


def test_a_translation_grid_shows_both_ways_there_and_back(tmp_path):
    x, y = np.full((3, 8, 8, 3), -0.5, np.float32), np.full((3, 8, 8, 3), 191, np.uint8)
    grid = TranslationGrid(tmp_path, x, y)
    grid.set_model(Translator())
    grid.on_train_begin()
    grid.on_epoch_end(0)
    grid.on_train_end()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["epoch-0000.png", "epoch-0001.png", "progress.gif"]
    shown, columns = grid.images_to_show()
    assert columns == 3
    assert grid.row_titles == ("x", "G(x)", "F(G(x))", "y", "F(y)", "G(F(y))")
    np.testing.assert_allclose(shown[::3, 0, 0, 0], [-0.5, 0.0, -0.5, 0.498, -0.002, 0.498], atol=1e-3)


def test_a_translation_grid_takes_as_many_of_each(tmp_path):
    with pytest.raises(ValueError, match=r"x of shape \(2, 8, 8, 3\), y of shape \(1, 8, 8, 3\)"):
        TranslationGrid(tmp_path, np.zeros((2, 8, 8, 3)), np.zeros((1, 8, 8, 3)))


def test_another_kind_of_model_is_refused(images, tmp_path):
    for watcher in (SampleGrid(tmp_path / "samples"), Evaluation(images)):
        watcher.set_model(Translator())
        with pytest.raises(ValueError, match="Received: Translator"):
            watcher.on_train_begin()
    grid = TranslationGrid(tmp_path / "samples", images)
    with pytest.raises(ValueError, match="Received: GAN"):
        small_gan().fit(images, verbose=0, callbacks=[grid])
    assert not (tmp_path / "samples").exists()


def test_a_picture_that_cannot_be_made_does_not_stop_the_training(images, tmp_path, monkeypatch):
    monkeypatch.setattr("keras_gan.images.save_grid", lambda *_, **__: 1 / 0)
    gan = small_gan()
    with pytest.warns(KerasGANWarning, match="could not make a picture, and the training goes on") as caught:
        gan.fit(images, epochs=3, verbose=0, callbacks=[SampleGrid(tmp_path)])
    assert len([one for one in caught if one.category is KerasGANWarning]) == 1
    assert int(gan.g_optimizer.iterations) == 6


def test_classes_with_names_are_headings(images, labels, tmp_path):
    gan = small_gan(4)
    gan.fit(images, labels, verbose=0, callbacks=[SampleGrid(tmp_path / "numbers")])
    gan.class_names = ("cats", "dogs", "birds", "fish")
    gan.fit(images, labels, verbose=0, callbacks=[SampleGrid(tmp_path / "names")])
    heights = [Image.open(tmp_path / name / "epoch-0001.png").height for name in ("numbers", "names")]
    assert heights[1] > heights[0]
