"""Pictures of vectors and sequences, and WAV files."""

import wave

import numpy as np
import pytest
from PIL import Image

from keras_gan import plots


def coloured(picture):
    """Places (row, column) of pixels in the first colour."""
    return np.argwhere((picture == (0x1F, 0x77, 0xB4)).all(-1))


def test_points_are_where_they_should_be():
    picture = plots.plot(np.array([[0.0, 0.0], [1.0, 1.0]]))
    assert picture.shape == (plots.SIDE, plots.SIDE, 3)
    places = coloured(picture)
    lower_left, upper_right = places[places[:, 1].argmin()], places[places[:, 1].argmax()]
    assert lower_left[0] > plots.SIDE * 0.9
    assert upper_right[0] < plots.SIDE * 0.1
    groups = plots.plot(np.array([[0.0, 0.0], [1.0, 1.0]]), groups=[1, 1])
    assert len(coloured(groups)) == 0


def test_curves_have_one_scale():
    rows = np.stack([np.linspace(0, 1, 50), np.full(50, 0.5)])[..., None]
    picture = plots.plot(rows, columns=1)
    width, height = plots.CELL
    assert picture.shape == (2 * (height + plots.GAP) + plots.GAP, width + 2 * plots.GAP, 3)
    rising, flat = coloured(picture[: height + plots.GAP]), coloured(picture[height + plots.GAP :])
    assert rising[rising[:, 1].argmin(), 0] - rising[rising[:, 1].argmax(), 0] > height * 0.8
    assert np.ptp(flat[:, 0]) <= 1


def test_files(tmp_path):
    plots.save_plot(tmp_path / "plot.png", np.ones((4, 7)))
    assert Image.open(tmp_path / "plot.png").size[0] == 2 * (plots.CELL[0] + plots.GAP) + plots.GAP
    plots.save_wav(tmp_path / "sound.wav", np.array([[0.0], [1.0], [-2.0]]), rate=8000)
    with wave.open(str(tmp_path / "sound.wav")) as file:
        assert (file.getframerate(), file.getnchannels(), file.getsampwidth()) == (8000, 1, 2)
        np.testing.assert_array_equal(np.frombuffer(file.readframes(3), "<i2"), [0, 32767, -32768])


def test_wrong_values(tmp_path):
    with pytest.raises(ValueError, match=r"`values` must be finite, .* Received: shape \(2, 2, 2, 2\)"):
        plots.plot(np.zeros((2, 2, 2, 2)))
    with pytest.raises(ValueError, match="`values` must be finite"):
        plots.plot(np.full((2, 3), np.nan))
    with pytest.raises(ValueError, match=r"`sequence` must be of shape \(length, 1 or 2\). Received: shape \(3, 3\)"):
        plots.save_wav(tmp_path / "a.wav", np.zeros((3, 3)))
