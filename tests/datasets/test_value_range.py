"""Tests of images of more than 8 bits: 16-bit and float PNG, TIFF and NumPy files, and their range of values."""

import logging
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

import keras_gan.datasets
from keras_gan.datasets.decoding import images

LEVELS = np.linspace(0, 1400, 256).round()


def first_batch(*arguments, **options):
    return next(iter(keras_gan.datasets.load(*arguments, shuffle=False, **options))).numpy()


def write_png(path, pixels):
    """Writes a 16-bit PNG of 1 to 4 channels, by the PNG specification: Pillow writes grey ones only."""
    pixels = pixels if pixels.ndim == 3 else pixels[..., None]
    height, width, channels = pixels.shape
    rows = b"".join(b"\0" + row.astype(">u2").tobytes() for row in pixels)
    kind = {1: 0, 2: 4, 3: 2, 4: 6}[channels]
    header = struct.pack(">IIBBBBB", width, height, 16, kind, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows)), (b"IEND", b""))
    body = b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + body)


def ramp(dtype):
    return LEVELS.reshape(16, 16).astype(dtype)


def save(path, pixels):
    if path.suffix == ".npy":
        np.save(path, pixels)
    elif path.suffix == ".npz":
        np.savez(path, pixels)
    elif path.suffix == ".png":
        write_png(path, pixels)
    else:
        Image.fromarray(pixels).save(path)


@pytest.mark.parametrize(
    ("name", "dtype"),
    [
        ("x.png", np.uint16),
        ("x.tif", np.uint16),
        ("x.tif", np.int32),
        ("x.tiff", np.float32),
        ("x.npy", np.uint16),
        ("x.npy", np.float64),
        ("x.npz", np.int64),
    ],
)
def test_all_levels_are_kept_and_scaled_by_the_range_of_the_files(tmp_path, caplog, name, dtype):
    save(tmp_path / name, ramp(dtype))
    with caplog.at_level(logging.WARNING, "keras_gan.datasets"):
        (pixels,) = first_batch(tmp_path, batch_size=1)
    np.testing.assert_allclose(pixels.reshape(-1), LEVELS / 700 - 1, atol=1e-6)
    assert "values from 0 (black) to 1400 (white), the least and the greatest of 1 images" in caplog.text


@pytest.mark.parametrize("channels", [2, 3, 4])
def test_colour_png_of_16_bits(tmp_path, channels):
    stored = np.random.default_rng(0).integers(0, 1401, (5, 7, channels)).astype(np.uint16)
    stored[0, 0, 0], stored[0, 1, 0] = 0, 1400
    if channels in (2, 4):
        stored[..., -1] = 65535
    write_png(tmp_path / "x.png", stored)
    (pixels,) = first_batch(tmp_path, batch_size=1, channels=3, value_range=(0, 1400))
    colours = stored[..., :3] if channels > 2 else stored[..., [0, 0, 0]]
    np.testing.assert_allclose(pixels, colours / 700 - 1, atol=1e-6)
    whole = first_batch(tmp_path, batch_size=1)
    assert whole.shape[-1] == (1 if channels == 2 else channels)


@pytest.mark.parametrize("byteorder", "<>")
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_colour_tiff_of_16_bits_as_tifffile_writes_it(tmp_path, byteorder, compression):
    tifffile = pytest.importorskip("tifffile")
    stored = np.random.default_rng(0).integers(0, 1401, (5, 7, 3)).astype(np.uint16)
    path = tmp_path / "x.tif"
    tifffile.imwrite(path, stored, photometric="rgb", compression=compression, byteorder=byteorder)
    (pixels,) = first_batch(tmp_path, batch_size=1, value_range=(0, 1400))
    np.testing.assert_allclose(pixels, stored / 700 - 1, atol=1e-6)


def test_the_range_is_that_of_the_whole_set_with_any_limit(tmp_path):
    for number, most in enumerate((100, 1400, 300)):
        save(tmp_path / f"{number}.png", np.array([[0, most]], np.uint16))
    pixels = first_batch(tmp_path, batch_size=3)
    np.testing.assert_allclose(pixels[:, 0, 1, 0], np.array([100, 1400, 300]) / 700 - 1, atol=1e-6)
    np.testing.assert_allclose(first_batch(tmp_path, batch_size=1, limit=1), pixels[:1])


def test_a_stated_range_clips(tmp_path, caplog):
    save(tmp_path / "x.npy", np.array([[-5.0, 0.0, 50.0, 100.0, 105.0]]))
    with caplog.at_level(logging.WARNING, "keras_gan.datasets"):
        pixels = first_batch(tmp_path, batch_size=1, value_range=(0, 100))
    np.testing.assert_allclose(pixels.reshape(-1), [-1, -1, 0, 1, 1], atol=1e-6)
    assert not caplog.records


def test_8_bit_images_beside_deep_ones_keep_their_own_scale(tmp_path):
    save(tmp_path / "a.png", np.array([[0, 1400]], np.uint16))
    Image.fromarray(np.array([[0, 51]], np.uint8)).save(tmp_path / "b.png")
    pixels = first_batch(tmp_path, batch_size=2)
    np.testing.assert_allclose(pixels.reshape(2, 2), [[-1, 1], [-1, 51 / 127.5 - 1]], atol=1e-6)


def test_a_stated_range_applies_to_8_bit_images_alone(tmp_path):
    Image.fromarray(np.array([[0, 50, 100, 255]], np.uint8)).save(tmp_path / "b.png")
    pixels = first_batch(tmp_path, batch_size=1, value_range=(0, 100))
    np.testing.assert_allclose(pixels.reshape(-1), [-1, 0, 1, 1], atol=1e-6)


def test_resized_images_stay_in_the_range(tmp_path):
    checks = np.kron(np.indices((8, 8)).sum(axis=0) % 2, np.ones((4, 4))).astype(np.uint16) * 1400
    save(tmp_path / "x.png", checks)
    for size in (16, 20, 64):
        pixels = first_batch(tmp_path, batch_size=1, image_size=size)
        assert pixels.shape == (1, size, size, 1)
        assert pixels.min() >= -1
        assert pixels.max() <= 1


def test_images_that_do_not_fit_in_memory(tmp_path, monkeypatch):
    for number in range(3):
        save(tmp_path / f"{number}.png", np.array([[0, 700 * number]], np.uint16))
    in_memory = first_batch(tmp_path, batch_size=3)
    monkeypatch.setattr(images, "IN_MEMORY", 0)
    np.testing.assert_array_equal(first_batch(tmp_path, batch_size=3), in_memory)


def test_arrays_are_floats_unless_they_have_8_bits(tmp_path):
    save(tmp_path / "x.png", ramp(np.uint16))
    pixels, _ = keras_gan.datasets.load_arrays(tmp_path)
    assert pixels.dtype == np.float32
    np.testing.assert_allclose(pixels.reshape(-1), LEVELS / 700 - 1, atol=1e-6)


@pytest.mark.parametrize("value_range", [(1, 1), (2, 1), (0, float("nan")), (1,), "ab", (0, 1, 2)])
def test_a_range_is_two_numbers(tmp_path, value_range):
    save(tmp_path / "x.png", ramp(np.uint16))
    with pytest.raises(ValueError, match=r"`value_range` must be two numbers.* Received"):
        keras_gan.datasets.load(tmp_path, batch_size=1, value_range=value_range)


def test_a_range_of_one_value_is_refused(tmp_path):
    save(tmp_path / "x.png", np.full((4, 4), 9, np.uint16))
    with pytest.raises(ValueError, match="same value"):
        keras_gan.datasets.load(tmp_path, batch_size=1)
    with pytest.raises(ValueError, match="have 8 bits"):
        keras_gan.datasets.load("digits8x8", value_range=(0, 1))


@pytest.mark.filterwarnings("ignore::keras_gan.errors.KerasGANWarning")
def test_values_that_are_not_finite_are_damage(tmp_path):
    save(tmp_path / "a.npy", ramp(np.float32))
    save(tmp_path / "b.npy", np.full((16, 16), np.nan))
    assert len(first_batch(tmp_path, batch_size=1)) == 1
    with pytest.raises(ValueError, match="number of images, 1 in"):
        keras_gan.datasets.load(tmp_path, batch_size=2)


@pytest.mark.parametrize("shape", [(3, 16, 16), (3, 16, 16, 1), (3, 16, 16, 3), (3, 16, 16, 4)])
def test_a_file_of_images(tmp_path, shape):
    stored = np.random.default_rng(0).normal(size=shape)
    np.save(tmp_path / "x.npy", stored)
    low, high = stored[..., :3].min(), stored[..., :3].max()
    if len(shape) == 3:
        low, high = stored.min(), stored.max()
    pixels = first_batch(str(tmp_path / "x.npy"), batch_size=3)
    colours = stored[..., None] if len(shape) == 3 else stored[..., :3]
    np.testing.assert_allclose(pixels[..., :3], 2 * (colours - low) / (high - low) - 1, atol=1e-5)
    assert keras_gan.datasets.info(tmp_path / "x.npy").num_images == 3


def test_a_file_of_images_with_labels(tmp_path):
    pixels, labels = np.arange(4 * 9, dtype=np.uint8).reshape(4, 3, 3), np.array([0, 2, 2, 0])
    np.savez(tmp_path / "x.npz", images=pixels, labels=labels)
    dataset = keras_gan.datasets.load(tmp_path / "x.npz", batch_size=4, labels=True, shuffle=False)
    read, classes = next(iter(dataset))
    np.testing.assert_allclose((read.numpy()[..., 0] + 1) * 127.5, pixels, atol=1e-4)
    np.testing.assert_array_equal(classes, labels)
    about = keras_gan.datasets.info(tmp_path / "x.npz")
    assert (about.class_names, about.class_counts) == (("0", "1", "2"), (2, 0, 2))


@pytest.mark.parametrize(
    ("arrays", "says"),
    [
        ({"images": np.zeros((2, 3, 8, 8))}, "channels first"),
        ({"images": np.zeros((2, 8, 8, 1, 1))}, "Received: float64 of shape"),
        ({"images": np.zeros((2, 8, 8)), "labels": np.zeros(3, int)}, "must be 2 integers"),
        ({"images": np.zeros((2, 8, 8)), "labels": np.zeros(2)}, "must be 2 integers"),
        ({"a": np.zeros((2, 8, 8)), "b": np.zeros(2)}, "must hold an array of images called"),
    ],
)
def test_other_files_are_refused(tmp_path, arrays, says):
    np.savez(tmp_path / "x.npz", **arrays)
    with pytest.raises(ValueError, match=says):
        keras_gan.datasets.load(tmp_path / "x.npz", batch_size=1)


def test_pairs_of_a_photograph_and_a_depth_map(tmp_path):
    for name in ("x", "y"):
        (tmp_path / name).mkdir()
    photo = np.arange(64, dtype=np.uint8).reshape(8, 8)
    Image.fromarray(photo).save(tmp_path / "x" / "a.png")
    save(tmp_path / "y" / "a.tif", photo.astype(np.float32) * 10)
    options = {"channels": None, "jitter": False, "flip": False}
    for load in (keras_gan.datasets.load_paired, keras_gan.datasets.load_unpaired):
        x, y = next(iter(load(tmp_path / "x", tmp_path / "y", **options)))
        assert x.shape == y.shape == (1, 8, 8, 1)
        np.testing.assert_allclose(x[0, ..., 0], photo / 127.5 - 1, atol=1e-6)
        np.testing.assert_allclose(y[0, ..., 0], photo / 31.5 - 1, atol=1e-5)


def test_deep_pairs_side_by_side(tmp_path):
    both = np.concatenate([ramp(np.uint16), 1400 - ramp(np.uint16)], axis=1)
    write_png(tmp_path / "a.png", both)
    x, y = next(iter(keras_gan.datasets.load_paired(tmp_path, channels=1, jitter=False, flip=False)))
    np.testing.assert_allclose(x[0].numpy().reshape(-1), LEVELS / 700 - 1, atol=1e-5)
    np.testing.assert_allclose(x, -y, atol=1e-5)
