"""Pictures show the images pixel for pixel, and files are complete or missing."""

import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from keras_gan import images
from keras_gan.utils.files import atomic_path


def test_every_grey_level_survives():
    levels = np.arange(256, dtype=np.uint8)
    np.testing.assert_array_equal(images.to_uint8(levels / 127.5 - 1), levels)
    np.testing.assert_array_equal(images.to_uint8(levels / 255, (0.0, 1.0)), levels)
    np.testing.assert_array_equal(images.to_uint8(np.array([-3.0, 3.0])), [0, 255])


@given(st.integers(1, 20), st.integers(1, 7), st.sampled_from([1, 3]))
def test_each_image_has_its_place(n, columns, channels):
    pixels = np.random.default_rng(n).uniform(-1, 1, (n, 3, 5, channels)).astype(np.float32)
    picture = images.grid(pixels, columns, gap=2)
    assert picture.shape == (2 + 5 * -(-n // columns), 2 + 7 * columns, 3)
    for i, image in enumerate(images.to_uint8(pixels)):
        top, left = 2 + 5 * (i // columns), 2 + 7 * (i % columns)
        np.testing.assert_array_equal(picture[top : top + 3, left : left + 5], np.broadcast_to(image, (3, 5, 3)))


def test_uint8_images_are_shown_as_they_are(tmp_path):
    levels = np.arange(256, dtype=np.uint8).reshape(1, 16, 16, 1)
    np.testing.assert_array_equal(images.grid(levels, gap=0), levels[0].repeat(3, axis=-1))
    images.save_image(tmp_path / "one.png", levels[0])
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "one.png")), levels[0, ..., 0])


@pytest.mark.parametrize("shape", [(0, 4, 4, 1), (4, 4, 1), (1, 4, 4, 2)])
def test_other_shapes_are_refused(shape):
    with pytest.raises(ValueError, match="Received"):
        images.grid(np.zeros(shape))


def test_files_are_pictures(tmp_path):
    pixels = np.linspace(-1, 1, 4 * 64, dtype=np.float32).reshape(4, 8, 8, 1)
    images.save_grid(tmp_path / "deep" / "grid.png", pixels, 2)
    picture = np.asarray(Image.open(tmp_path / "deep" / "grid.png"))
    assert picture.shape == (2 * 66 + 2, 2 * 66 + 2, 3)  # enlarged by 8
    assert picture[2, 2].tolist() == [0, 0, 0]
    images.save_grid(tmp_path / "titled.png", pixels, 2, row_titles=["a", "b"])
    titled = np.asarray(Image.open(tmp_path / "titled.png"))
    np.testing.assert_array_equal(titled[:, 20:], picture)
    assert titled[:67, :20].min() < 128
    assert titled[67:, :20].min() < 128
    images.save_image(tmp_path / "one.png", pixels[3])
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "one.png")), images.to_uint8(pixels[3, ..., 0]))
    images.save_animation(tmp_path / "all.gif", [tmp_path / "deep" / "grid.png", tmp_path / "one.png"], 0.1)
    assert Image.open(tmp_path / "all.gif").n_frames == 2


def test_an_atomic_path_keeps_what_was_there_when_the_writer_fails(tmp_path):
    path = tmp_path / "file.txt"
    path.write_text("old")

    def fail():
        with atomic_path(path) as temporary:
            temporary.write_text("ne")
            raise RuntimeError("half way")

    with pytest.raises(RuntimeError, match="half way"):
        fail()
    assert path.read_text() == "old"
    with atomic_path(path) as temporary:
        temporary.write_text("new")
        assert path.read_text() == "old"
    assert path.read_text() == "new"
    assert list(tmp_path.iterdir()) == [path]


def test_a_file_replaces_no_device(tmp_path):
    os.mkfifo(tmp_path / "pipe")  # like /dev/null, which root could replace
    with (
        pytest.raises(FileExistsError, match=r"Received: .*pipe, which is a device or a pipe"),
        atomic_path(tmp_path / "pipe"),
    ):
        pass
    assert (tmp_path / "pipe").is_fifo()


def test_transparent_images_are_shown_over_a_checkerboard_and_saved_with_transparency(tmp_path):
    pixels = np.zeros((1, 16, 16, 4), np.uint8)
    pixels[..., 0], pixels[:, 8:, :, 3] = 255, 255
    shown = images.grid(pixels, gap=0)
    assert {tuple(color) for color in shown[:8].reshape(-1, 3)} == {(204, 204, 204), (255, 255, 255)}
    np.testing.assert_array_equal(shown[8:], np.broadcast_to([255, 0, 0], (8, 16, 3)))
    np.testing.assert_array_equal(images.over_white(pixels)[0, 0, 0], [255, 255, 255])
    images.save_image(tmp_path / "x.png", pixels[0])
    with Image.open(tmp_path / "x.png") as saved:
        np.testing.assert_array_equal(np.asarray(saved), pixels[0])


@pytest.mark.parametrize("shape", [(1, 256, 1), (256, 1, 1), (1, 5000, 3), (2, 2, 1), (700, 900, 1), (1, 1, 4)])
@pytest.mark.parametrize("n", [1, 64])
def test_a_grid_has_a_sane_size_for_any_shape(tmp_path, shape, n):
    images.save_grid(tmp_path / "x.png", np.zeros((n, *shape), np.float32), 8)
    with Image.open(tmp_path / "x.png") as saved:
        assert max(saved.size) <= 4096 + 9 * 2
        assert saved.width * saved.height <= 20_000_000
        assert min(saved.size) >= 16


@pytest.mark.parametrize("titles", [("a", "b"), ("a long name of a class", "another one")])
def test_columns_have_headings(tmp_path, titles):
    pixels = np.zeros((4, 8, 8, 1), np.float32)
    images.save_grid(tmp_path / "x.png", pixels, 2)
    images.save_grid(tmp_path / "y.png", pixels, 2, column_titles=titles)
    with Image.open(tmp_path / "x.png") as plain, Image.open(tmp_path / "y.png") as headed:
        margin = headed.height - plain.height
        assert margin > 16
        np.testing.assert_array_equal(np.asarray(headed)[margin:], np.asarray(plain))
        assert np.asarray(headed)[:margin].min() < 128
