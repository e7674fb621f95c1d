"""Tests of paired images of two domains."""

import numpy as np
import pytest
from PIL import Image

import keras_gan.datasets
from keras_gan.datasets import emoji
from keras_gan.datasets.decoding import images
from keras_gan.errors import KerasGANWarning

STILL = {"jitter": False, "flip": False, "shuffle": False}


def epoch(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


def to_uint8(batch):
    return np.rint((batch + 1) * 127.5).astype(np.uint8)


def noise(seed, size=(8, 8)):
    return np.random.default_rng(seed).integers(0, 256, (*size, 3), np.uint8)


def save(pixels, path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(pixels).save(path)


@pytest.fixture
def folders(tmp_path):
    """Five pairs, in which y is the negative of x."""
    for number in range(5):
        save(noise(number), tmp_path / "x" / f"{number}.png")
        save(255 - noise(number), tmp_path / "y" / f"{number}.bmp")
    return tmp_path / "x", tmp_path / "y"


@pytest.fixture
def side_by_side(tmp_path):
    for number in range(5):
        save(np.concatenate([noise(number), 255 - noise(number)], axis=1), tmp_path / "both" / f"{number}.png")
    return tmp_path / "both"


@pytest.mark.parametrize("in_memory", [images.IN_MEMORY, 0])
@pytest.mark.parametrize("form", ["folders", "side_by_side"])
def test_both_of_a_pair_are_moved_alike(request, monkeypatch, form, in_memory):
    monkeypatch.setattr(images, "IN_MEMORY", in_memory)
    found = request.getfixturevalue(form)
    found = found if form == "folders" else (found,)
    dataset = keras_gan.datasets.load_paired(*found, batch_size=2, seed=1)
    assert [spec.shape for spec in dataset.element_spec] == [(2, 8, 8, 3)] * 2
    assert len(dataset) == 2
    for _ in range(3):
        for x, y in epoch(dataset):
            assert np.abs(x).max() <= 1
            np.testing.assert_allclose(x, -y, atol=0.03)  # equal except for rounding


def test_the_two_forms_hold_the_same(folders, side_by_side):
    for options in ({}, STILL, {"swap": True}, {"image_size": 4}):
        two = keras_gan.datasets.load_paired(*folders, seed=2, **options)
        one = keras_gan.datasets.load_paired(side_by_side, seed=2, **options)
        np.testing.assert_array_equal(epoch(two), epoch(one))


def test_values_order_and_exchange(folders):
    dataset = keras_gan.datasets.load_paired(*folders, **STILL)
    for number, (x, y) in enumerate(epoch(dataset)):
        np.testing.assert_array_equal(to_uint8(x[0]), noise(number))
        np.testing.assert_array_equal(to_uint8(y[0]), 255 - noise(number))
    swapped = epoch(keras_gan.datasets.load_paired(*folders, swap=True, **STILL))
    np.testing.assert_array_equal([pair[::-1] for pair in swapped], epoch(dataset))


def test_a_resumed_run_gets_the_batches_of_an_uninterrupted_one(folders):
    whole = keras_gan.datasets.load_paired(*folders, seed=3)
    epochs = [epoch(whole) for _ in range(3)]
    resumed = keras_gan.datasets.load_paired(*folders, seed=3, start_epoch=1)
    np.testing.assert_array_equal([epoch(resumed), epoch(resumed)], epochs[1:])
    assert not np.array_equal(epochs[0], epochs[1])


@pytest.mark.parametrize("swap", [False, True])
def test_each_domain_has_its_channels(folders, side_by_side, swap):
    for found in (folders, (side_by_side,)):
        dataset = keras_gan.datasets.load_paired(*found, channels=(1, 3), swap=swap)
        assert [spec.shape[-1] for spec in dataset.element_spec] == [1, 3]
        assert len(epoch(dataset)) == 5


def test_images_without_a_partner_are_named_and_skipped(folders):
    for number in range(10, 17):
        save(noise(number), folders[0] / f"{number}.png")
    save(noise(20), folders[1] / "20.png")
    with pytest.warns(KerasGANWarning, match=r"Skipped 8 images that have no .*x/10\.png.*x/14\.png and 3 more"):
        dataset = keras_gan.datasets.load_paired(*folders)
    assert len(dataset) == 5
    with pytest.warns(KerasGANWarning):
        dataset = keras_gan.datasets.load_paired(*folders, limit=2, **STILL)
    np.testing.assert_array_equal([to_uint8(x[0]) for x, _ in epoch(dataset)], [noise(0), noise(2)])


def test_names_are_those_below_the_folders(folders, tmp_path):
    save(noise(5), tmp_path / "x" / "deep" / "0.png")
    save(255 - noise(5), tmp_path / "y" / "deep" / "0.png")
    assert len(keras_gan.datasets.load_paired(*folders)) == 6
    save(noise(5), tmp_path / "x" / "0.bmp")
    with pytest.raises(ValueError, match=r"different names .*0\.bmp and .*0\.png"):
        keras_gan.datasets.load_paired(*folders)


def test_no_names_in_common(folders, tmp_path):
    save(noise(0), tmp_path / "z" / "other.png")
    with pytest.raises(ValueError, match=r"x with 0, 1, 2, 3, 4; .*z with other"):
        keras_gan.datasets.load_paired(folders[0], tmp_path / "z")


@pytest.mark.parametrize("in_memory", [images.IN_MEMORY, 0])
def test_a_pair_with_one_damaged_image_is_skipped(folders, monkeypatch, in_memory):
    monkeypatch.setattr(images, "IN_MEMORY", in_memory)
    path = folders[1] / "1.bmp"
    path.write_bytes(path.read_bytes()[:-40])
    (folders[0] / "3.png").write_bytes(b"no image")
    with pytest.warns(KerasGANWarning) as caught:
        pairs = epoch(keras_gan.datasets.load_paired(*folders, **STILL))
    messages = [str(warning.message) for warning in caught]
    assert [name for name in ("3.png", "3.bmp", "1.bmp") if any(name in message for message in messages)]
    expected = [0, 2, 4] if in_memory else [0, 2, 2, 4]
    np.testing.assert_array_equal([to_uint8(x[0]) for x, _ in pairs], [noise(number) for number in expected])
    np.testing.assert_array_equal([to_uint8(y[0]) for _, y in pairs], [255 - noise(number) for number in expected])


def test_packaged_pairs(monkeypatch):
    pixels = np.stack([noise(number, (64, 64)) for number in range(6)])

    def read(self, split="train"):
        kept = pixels[:4] if split == "train" else pixels[4:]
        return kept if self.vendor == "google" else 255 - kept, np.zeros(len(kept), np.int32)

    monkeypatch.setattr(emoji.Emoji, "read", read)
    for options, number in (({}, 4), ({"split": "test"}, 2), ({"limit": 3}, 3), ({"image_size": 32}, 4)):
        pairs = epoch(keras_gan.datasets.load_paired("emoji/google", "emoji/twitter", **options))
        assert len(pairs) == number
        for x, y in pairs:
            np.testing.assert_allclose(x, -y, atol=0.03)
    assert len(keras_gan.datasets.load_paired("emoji/google:test", "emoji/twitter:test")) == 2


@pytest.mark.parametrize(
    ("x", "y", "options"),
    [
        ("emoji/google", None, {}),
        ("emoji/google", "digits", {}),
        ("digits", "digits8x8", {}),
        ("emoji/google:train", "emoji/twitter:test", {}),
        ("fashion_mnist", "fashion_mnist", {}),
        ("folder", "emoji/google", {}),
        ("folder", "folder", {"split": "test"}),
    ],
)
def test_what_has_no_pairs(folders, x, y, options):
    x, y = (str(folders[0]) if name == "folder" else name for name in (x, y))
    with pytest.raises(ValueError, match=r"Expected two folders of images.*Received: x='.*, y="):
        keras_gan.datasets.load_paired(x, y, **options)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 6}, "Received: image_size=6"),
        ({"channels": 4}, "Received: channels=4"),
        ({"batch_size": 6}, "at least one batch of 6 pairs. Received: 5 pairs"),
        ({"limit": 0}, "Received: limit=0"),
        ({"seed": -1}, "Received: seed=-1"),
    ],
)
def test_wrong_arguments(folders, arguments, message):
    with pytest.raises(ValueError, match="Received") as caught:
        keras_gan.datasets.load_paired(*folders, **arguments)
    assert message in str(caught.value)


def test_halves_that_differ_in_size_ask_for_image_size(side_by_side):
    save(noise(9, (12, 24)), side_by_side / "9.png")
    with pytest.raises(ValueError, match=r"halves in .*both differ in size: expected `image_size`"):
        keras_gan.datasets.load_paired(side_by_side)
    assert len(epoch(keras_gan.datasets.load_paired(side_by_side, image_size=8))) == 6
