"""Tests of folders with image files of every kind, intact and damaged."""

import io

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from rich.console import Console

import keras_gan.datasets
from keras_gan.datasets.decoding import image_header, images, progress, resizing
from keras_gan.errors import KerasGANWarning

RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


def write(path, size=(8, 8), color=RED, mode="RGB", **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new(mode, size, color).save(path, **options)
    return path


def first_batch(*arguments, **options):
    return next(iter(keras_gan.datasets.load(*arguments, shuffle=False, **options)))


def to_uint8(batch):
    return np.rint((batch.numpy() + 1) * 127.5).astype(np.uint8)


@pytest.fixture
def classes(tmp_path):
    for name, color in (("b", GREEN), ("a", RED), ("c", BLUE)):
        for number in range(3):
            write(tmp_path / name / "deep" / f"{number}.png", color=color)
    return tmp_path


def test_sub_folders_are_classes(classes):
    pixels, labels = first_batch(classes, batch_size=9, labels=True)
    np.testing.assert_array_equal(labels, [0, 0, 0, 1, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(to_uint8(pixels)[::3, 0, 0], [RED, GREEN, BLUE])
    about = keras_gan.datasets.info(classes)
    assert (about.class_names, about.num_images, about.image_shape) == (("a", "b", "c"), 9, (8, 8, 3))
    assert keras_gan.datasets.info("digits8x8").num_classes == 10


def test_a_limit_keeps_the_classes(classes):
    _, labels = first_batch(str(classes), batch_size=3, labels=True, limit=3)
    np.testing.assert_array_equal(labels, [0, 1, 2])


@pytest.mark.parametrize("extension", ["png", "jpg", "JPEG", "webp", "bmp", "gif", "tif", "TIFF"])
def test_every_format(tmp_path, extension):
    write(tmp_path / f"x.{extension}", color=GREEN)
    pixels = to_uint8(first_batch(tmp_path, batch_size=1))
    np.testing.assert_allclose(pixels[0].reshape(-1, 3), np.tile(GREEN, (64, 1)), atol=4)


def test_other_files_and_hidden_ones_are_ignored(tmp_path):
    write(tmp_path / "x.png")
    write(tmp_path / ".hidden.png", size=(3, 3))
    write(tmp_path / ".cache" / "y.png", size=(3, 3))
    (tmp_path / "notes.txt").write_text("not an image")
    about = keras_gan.datasets.info(tmp_path)
    assert (about.num_images, about.num_classes) == (1, None)


@pytest.mark.parametrize(
    ("mode", "color", "expected"),
    [
        ("RGBA", (255, 0, 0, 0), (255, 255, 255)),
        ("RGBA", (255, 0, 0, 255), RED),
        ("LA", (0, 0), (255, 255, 255)),
        ("L", 7, (7, 7, 7)),
        ("1", 1, (255, 255, 255)),
        ("I;16", 257 * 9 + 200, (9, 9, 9)),
    ],
)
def test_modes(tmp_path, mode, color, expected):
    path = write(tmp_path / "x.png", mode=mode, color=color)
    np.testing.assert_array_equal(images.read(path, None, 3)[0, 0], expected)
    grey = images.read(path, None, 1)
    assert grey.shape == (8, 8, 1)


@pytest.mark.parametrize(
    ("pixels", "says"),
    [
        (np.full((8, 8), 0.5, np.float32), "its pixels are floats"),
        (np.full((8, 8), 65536, np.int32), "not 16-bit integers"),
        (np.full((8, 8), -1, np.int32), "not 16-bit integers"),
    ],
)
def test_pixels_of_an_unknown_range_are_refused(tmp_path, pixels, says):
    Image.fromarray(pixels).save(tmp_path / "x.tif")
    with pytest.raises(images.Unreadable, match=says):
        images.read(tmp_path / "x.tif", None, 1)
    Image.fromarray(np.full((8, 8), 257 * 9, pixels.dtype)).save(tmp_path / "y.tif")
    if pixels.dtype == np.int32:
        assert images.read(tmp_path / "y.tif", None, 1)[0, 0] == 9


def test_palettes_with_a_transparent_colour(tmp_path):
    image = Image.new("P", (4, 4), 0)
    image.putpalette([*RED, *GREEN])
    image.putpixel((0, 0), 1)
    image.save(tmp_path / "x.png", transparency=0)
    pixels = images.read(tmp_path / "x.png", None, 3)
    assert pixels[0, 0].tolist() == list(GREEN)
    assert pixels[1, 1].tolist() == [255, 255, 255]


def test_grey_files_stay_grey_unless_colour_is_asked_for(tmp_path):
    write(tmp_path / "x.png", mode="L", color=7)
    assert first_batch(tmp_path, batch_size=1).shape == (1, 8, 8, 1)
    assert first_batch(tmp_path, batch_size=1, channels=3).shape == (1, 8, 8, 3)
    write(tmp_path / "y.png")
    assert first_batch(tmp_path, batch_size=1).shape == (1, 8, 8, 3)


def test_photographs_are_turned_upright(tmp_path):
    image = Image.new("RGB", (8, 4), RED)
    image.paste(BLUE, (0, 0, 4, 4))  # orientation 6 turns the left half to the top
    exif = Image.Exif()
    exif[image_header.EXIF_ORIENTATION] = 6
    image.save(tmp_path / "x.jpg", exif=exif, quality=100, subsampling=0)
    assert keras_gan.datasets.info(tmp_path).image_shape == (8, 4, 3)
    pixels = to_uint8(first_batch(tmp_path, batch_size=1))[0]
    np.testing.assert_allclose(pixels[0, 1], BLUE, atol=6)
    np.testing.assert_allclose(pixels[7, 1], RED, atol=6)


def test_the_centre_is_cropped_and_resized(tmp_path):
    image = Image.new("RGB", (40, 20), RED)
    image.paste(GREEN, (10, 0, 30, 20))
    image.save(tmp_path / "x.png")
    pixels = to_uint8(first_batch(tmp_path, batch_size=1, image_size=10))
    np.testing.assert_array_equal(pixels[0], np.full((10, 10, 3), GREEN))


def test_shrinking_does_not_alias(tmp_path):
    stripes = np.zeros((64, 64), np.uint8)
    stripes[:, ::2] = 255
    Image.fromarray(stripes).save(tmp_path / "x.png")
    pixels = images.read(tmp_path / "x.png", 8, 1)
    assert np.abs(pixels.astype(int) - 127).max() < 20


def test_equal_sizes_that_are_not_square_are_kept(tmp_path):
    write(tmp_path / "x.png", size=(6, 4))
    assert first_batch(tmp_path, batch_size=1).shape == (1, 4, 6, 3)


def test_different_sizes_ask_for_image_size(tmp_path):
    write(tmp_path / "x.png", size=(6, 4))
    write(tmp_path / "y.png", size=(4, 4))
    assert keras_gan.datasets.info(tmp_path).image_shape == (None, None, 3)
    with pytest.raises(ValueError, match="Received: image_size=None"):
        keras_gan.datasets.load(tmp_path, batch_size=1)
    assert first_batch(tmp_path, batch_size=2, image_size=5).shape == (2, 5, 5, 3)


def damage(path, how):
    noise = np.random.default_rng(0).integers(0, 256, (64, 64, 3), np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(noise).save(path)
    whole = path.read_bytes()
    path.write_bytes({"empty": b"", "cut": whole[: len(whole) // 2], "text": b"<html>" * 40}[how])
    return path


@pytest.mark.parametrize("extension", ["png", "jpg", "webp", "bmp", "gif"])
@pytest.mark.parametrize("how", ["empty", "cut", "text"])
def test_a_damaged_file_is_named_and_skipped(tmp_path, extension, how):
    for name in ("a", "z"):
        write(tmp_path / f"{name}.png", size=(64, 64), color=GREEN)
    path = damage(tmp_path / f"damaged.{extension}", how)
    with pytest.warns(KerasGANWarning, match="Skipped 1 of 3 ") as caught:
        dataset = keras_gan.datasets.load(tmp_path, batch_size=1)
    assert f"{path} (" in str(caught[0].message)
    assert len(caught) == 1
    np.testing.assert_array_equal([to_uint8(x)[0, 0, 0] for x in dataset], [GREEN, GREEN])


def test_at_most_five_are_named(tmp_path):
    write(tmp_path / "z.png")
    for number in range(7):
        damage(tmp_path / f"{number}.png", "text")
    with pytest.warns(KerasGANWarning, match=r"Skipped 7 of 8 .*/0\.png .*/4\.png \(not an image\) and 2 more$"):
        assert keras_gan.datasets.info(tmp_path).num_images == 1


def test_labels_stay_with_their_images(classes):
    for path, how in (("a/deep/1.png", "cut"), ("b/deep/0.png", "text"), ("c/new.png", "cut"), ("junk.png", "text")):
        damage(classes / path, how)
    write(classes / "a" / "deep" / "0.png", size=(64, 64))  # makes the sizes differ
    with pytest.warns(KerasGANWarning):
        pixels, labels = first_batch(classes, batch_size=7, labels=True, image_size=4)
    np.testing.assert_array_equal(labels, [0, 0, 1, 1, 2, 2, 2])
    np.testing.assert_array_equal(to_uint8(pixels)[:, 0, 0], [RED, RED, GREEN, GREEN, BLUE, BLUE, BLUE])


@pytest.mark.filterwarnings("ignore::keras_gan.errors.KerasGANWarning")
@pytest.mark.parametrize("how", ["cut", "text"])
@pytest.mark.parametrize("in_memory", [images.IN_MEMORY, 0])
def test_nothing_but_damaged_files(tmp_path, monkeypatch, how, in_memory):
    monkeypatch.setattr(images, "IN_MEMORY", in_memory)
    damage(tmp_path / "x.png", how)
    with pytest.raises(ValueError, match=r"readable image"):
        keras_gan.datasets.load(tmp_path, batch_size=1)


def test_a_link_to_nothing_is_named(tmp_path):
    write(tmp_path / "x.png")
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    with pytest.warns(KerasGANWarning, match=r"gone\.png \(No such file"):
        assert len(keras_gan.datasets.load(tmp_path, batch_size=1)) == 1


def test_links_are_followed_and_loops_are_not(tmp_path):
    write(tmp_path / "elsewhere" / "x.png")
    root = tmp_path / "root"
    write(root / "a" / "y.png")
    (root / "b").symlink_to(tmp_path / "elsewhere")
    (root / "a" / "again").symlink_to(root)
    about = keras_gan.datasets.info(root)
    assert (about.num_images, about.class_names) == (2, ("a", "b"))


def test_an_empty_folder(tmp_path):
    with pytest.raises(ValueError, match=r"with images .*\.webp"):
        keras_gan.datasets.load(tmp_path)


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(ValueError, match="Packaged sets: digits"):
        keras_gan.datasets.load(tmp_path / "nowhere")


def test_a_folder_has_no_test_split_and_a_flat_one_no_labels(tmp_path):
    write(tmp_path / "x.png")
    with pytest.raises(ValueError, match="split='test'"):
        keras_gan.datasets.load(tmp_path, split="test")
    with pytest.raises(ValueError, match="to have labels"):
        keras_gan.datasets.load(tmp_path, batch_size=1, labels=True)
    write(tmp_path / "a" / "y.png")  # half in a class, half in none
    with pytest.raises(ValueError, match="to have labels"):
        keras_gan.datasets.load(tmp_path, batch_size=1, labels=True)


def test_too_few_images_for_a_batch(classes):
    with pytest.raises(ValueError, match=r"number of images, 9 in .*\. Received: batch_size=10"):
        keras_gan.datasets.load(classes, batch_size=10)


def test_a_folder_too_large_for_memory_gives_the_same_batches(classes, monkeypatch):
    in_memory = keras_gan.datasets.load(classes, batch_size=2, seed=3)
    held = [x.numpy() for _ in range(2) for x in in_memory]
    monkeypatch.setattr(images, "IN_MEMORY", 0)
    on_disk = keras_gan.datasets.load(classes, batch_size=2, seed=3)
    assert len(on_disk) == 4
    np.testing.assert_array_equal([x.numpy() for _ in range(2) for x in on_disk], held)


def test_damage_found_while_training_is_named_once_and_a_neighbour_of_its_class_takes_the_place(classes, monkeypatch):
    monkeypatch.setattr(images, "IN_MEMORY", 0)
    for name in ("a/deep/2.png", "b/deep/1.png", "b/deep/2.png"):
        write(classes / name, mode="RGB", size=(8, 8))
        whole = (classes / name).read_bytes()
        (classes / name).write_bytes(whole[:-30])
    write(classes / "b" / "deep" / "0.png", color=(0, 255, 7))
    dataset = keras_gan.datasets.load(classes, batch_size=1, labels=True, shuffle=False)
    with pytest.warns(KerasGANWarning, match="the next one takes its place") as caught:
        epochs = [[(tuple(to_uint8(x)[0, 0, 0]), int(y[0])) for x, y in dataset] for _ in range(2)]
    assert sorted(str(warning.message).split(" (")[0][-12:] for warning in caught) == [
        "a/deep/2.png",
        "b/deep/1.png",
        "b/deep/2.png",
    ]
    assert epochs[0] == epochs[1] == [(RED, 0)] * 3 + [((0, 255, 7), 1)] * 3 + [(BLUE, 2)] * 3


def test_a_header_that_lies_about_the_size_is_named(tmp_path):
    image = Image.new("RGB", (8, 4), RED)
    exif = Image.Exif()
    exif[image_header.EXIF_ORIENTATION] = 6  # for a PNG it is read only when the image is decoded
    image.save(tmp_path / "x.png", exif=exif)
    with pytest.raises(ValueError, match=r"of shape \(4, 8, 3\)\. Received: .*x\.png of shape \(8, 4, 3\)"):
        keras_gan.datasets.load(tmp_path, batch_size=1)


@pytest.mark.parametrize(
    ("terminal", "total", "shown"), [(True, progress.LONG, True), (True, 3, False), (False, progress.LONG, False)]
)
def test_a_bar_for_long_work_on_a_terminal_only(monkeypatch, terminal, total, shown):
    screen = io.StringIO()
    monkeypatch.setattr(progress, "Console", lambda stderr: Console(file=screen, force_terminal=terminal))
    assert list(progress.with_progress_bar(range(3), total, "Decoding")) == [0, 1, 2]
    assert ("Decoding" in screen.getvalue()) == shown


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from(["RGB", "L", "RGBA", "LA", "P", "1", "CMYK", "I;16"]),
    st.integers(1, 9),
    st.integers(1, 9),
    st.one_of(st.none(), st.integers(1, 12), st.tuples(st.integers(1, 12), st.integers(1, 12))),
    st.sampled_from([1, 3]),
)
def test_any_mode_and_size_becomes_what_was_asked_for(mode, width, height, image_size, channels):
    array = resizing.convert(Image.new(mode, (width, height)), image_size, channels)
    assert array.dtype == np.uint8
    expected = image_size if isinstance(image_size, tuple) else (image_size or height, image_size or width)
    assert array.shape == (*expected, channels)


@pytest.mark.filterwarnings("error::PIL.Image.DecompressionBombWarning")
def test_large_images_are_read_and_too_large_ones_named(tmp_path, monkeypatch):
    write(tmp_path / "a.png", size=(40, 30))
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 1000)
    assert first_batch(tmp_path, batch_size=1).shape == (1, 30, 40, 3)
    write(tmp_path / "b.png", size=(80, 60))
    with pytest.warns(KerasGANWarning, match=r"b\.png \(more than 0 million pixels"):
        assert keras_gan.datasets.info(tmp_path).num_images == 1
