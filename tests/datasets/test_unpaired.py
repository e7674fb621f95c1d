"""Tests of unpaired images of two domains: the orders of epochs, random crops, and the sources of images."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import keras_gan.datasets
from keras_gan.datasets import emoji
from keras_gan.datasets.batching.domain_batches import DomainBatches
from keras_gan.datasets.batching.jitter import Jitter, final_size
from keras_gan.datasets.decoding import images
from keras_gan.errors import KerasGANWarning

STILL = {"jitter": False, "flip": False}
numbers = st.integers(1, 40)


def greys(batch):
    """The grey of each image, which identifies it."""
    return [int(grey) for grey in np.rint((batch.numpy()[:, 0, 0, 0] + 1) * 127.5)]


def epoch(dataset):
    return [(x.numpy(), y.numpy()) for x, y in dataset]


def domain(number):
    """Images of 4x4 pixels, each filled with its index."""
    return np.broadcast_to(np.arange(number, dtype=np.uint8)[:, None, None, None], (number, 4, 4, 1))


def epochs_of(x, y, batch_size=1, shuffle=True, seed=0):
    still = Jitter((4, 4), crop=False, flip=False)
    return DomainBatches([domain(x), domain(y)], batch_size=batch_size, jitter=still, shuffle=shuffle, seed=seed)


def visited(epochs, number):
    """The indices of x and of y in the order of an epoch."""
    parts = [epochs.batch(number, step) for step in range(epochs.steps)]
    return [np.concatenate([part[side][:, 0, 0, 0] for part in parts]) for side in (0, 1)]


def fill(folder, greys, size=(8, 8), name="{}.png"):
    folder.mkdir(parents=True, exist_ok=True)
    for grey in greys:
        Image.new("RGB", size, (grey, grey, grey)).save(folder / name.format(grey))
    return folder


@pytest.fixture
def folders(tmp_path):
    return fill(tmp_path / "x", range(7)), fill(tmp_path / "y", range(100, 103))


@settings(deadline=None)
@given(numbers, numbers, st.booleans(), st.integers(0, 2**40), st.integers(0, 2**20))
def test_the_larger_domain_is_visited_once_and_the_smaller_evenly(x, y, shuffle, seed, number):
    for indices, size in zip(visited(epochs_of(x, y, 1, shuffle, seed), number), (x, y), strict=True):
        assert len(indices) == max(x, y)
        counts = np.bincount(indices, minlength=size)
        assert len(counts) == size
        assert np.ptp(counts) <= 1
        for lap in range(0, len(indices), size):
            assert len(set(indices[lap : lap + size])) == len(indices[lap : lap + size])


@settings(deadline=None)
@given(numbers, numbers, st.integers(1, 50), st.integers(0, 2**40), st.integers(0, 2**20))
def test_batches_divide_the_same_order_and_leave_out_the_rest(x, y, batch_size, seed, number):
    batched, single = epochs_of(x, y, batch_size, seed=seed), epochs_of(x, y, 1, seed=seed)
    assert batched.steps == max(x, y) // batch_size
    if batched.steps:
        for ours, theirs in zip(visited(batched, number), visited(single, number), strict=True):
            np.testing.assert_array_equal(ours, theirs[: batched.steps * batch_size])


def test_pairing_changes_from_epoch_to_epoch_and_from_lap_to_lap():
    epochs = epochs_of(40, 20)
    (x0, y0), (x1, y1) = visited(epochs, 0), visited(epochs, 1)
    assert set(zip(x0, y0, strict=True)) != set(zip(x1, y1, strict=True))
    assert y0[:20].tolist() != y0[20:].tolist()
    assert visited(epochs_of(40, 20, seed=1), 0)[0].tolist() != x0.tolist()
    same = epochs_of(30, 30)
    assert (visited(same, 0)[0] != visited(same, 0)[1]).any()


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.booleans(), st.booleans(), st.integers(0, 2**32))
def test_a_move_is_a_window_of_the_image_perhaps_mirrored(height, width, crop, flip, seed):
    random = np.random.default_rng(seed)
    jitter = Jitter((4 * height, 4 * width), crop, flip)
    high, wide = jitter.load_size
    image = random.integers(0, 256, (1, high, wide, 3), np.uint8)
    moves = jitter.sample(5, random)
    moved = jitter.apply(image, np.zeros(5, np.int64), moves)
    assert moved.shape == (5, *jitter.size, 3)
    for got, (top, left, mirrored) in zip(moved, moves, strict=True):
        window = image[0, top : top + 4 * height, left : left + 4 * width]
        np.testing.assert_array_equal(got, window[:, ::-1] if mirrored else window)
        assert flip or not mirrored


def test_the_jitter_is_that_of_the_paper():
    jitter = Jitter((256, 256), crop=True, flip=True)
    assert jitter.load_size == (286, 286)
    moves = jitter.sample(4000, np.random.default_rng(0))
    assert (moves.min(0).tolist(), moves.max(0).tolist()) == ([0, 0, 0], [30, 30, 1])
    assert abs(moves[:, 2].mean() - 0.5) < 0.05


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.booleans(), st.integers(0, 2**32))
def test_a_shifted_image_keeps_its_size_and_leaves_white_ground(height, width, flip, seed):
    random = np.random.default_rng(seed)
    jitter = Jitter((4 * height, 4 * width), crop=True, flip=flip, shift=True)
    assert jitter.load_size == jitter.size
    image = random.integers(0, 255, (1, *jitter.size, 3), np.uint8)  # has no white pixel
    moved = jitter.apply(image, np.zeros(5, np.int64), jitter.sample(5, random))
    assert moved.shape == (5, *jitter.size, 3)
    for got in moved:
        rows, columns = (np.flatnonzero((got != 255).all(2).any(axis)) for axis in (1, 0))
        kept = got[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        lost = np.subtract(jitter.size, kept.shape[:2])
        assert (lost <= np.rint(np.divide(jitter.size, 6))).all()
        assert (kept != 255).all()
        white = got.copy()
        white[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] = 255
        assert (white == 255).all()
        # The rest is the opposite part of the image, perhaps mirrored.
        top = 0 if rows[0] > 0 else lost[0]
        seen = [image[0, top : top + kept.shape[0]], image[0, top : top + kept.shape[0], ::-1]][: 1 + flip]
        left = 0 if columns[0] > 0 else lost[1]
        assert any(np.array_equal(kept, part[:, left : left + kept.shape[1]]) for part in seen)


def test_shifts_are_of_up_to_a_sixth_either_way():
    jitter = Jitter((48, 24), crop=True, flip=True, shift=True)
    moves = jitter.sample(4000, np.random.default_rng(0))
    assert (moves.min(0).tolist(), moves.max(0).tolist()) == ([0, 0, 0], [16, 8, 1])
    np.testing.assert_allclose(moves[:, :2].mean(0), [8, 4], atol=0.3)


def test_shifted_domains_are_decided_by_the_seed(tmp_path):
    x, y = fill(tmp_path / "x", range(6), (24, 24)), fill(tmp_path / "y", range(100, 106), (24, 24))

    def shifted(**options):
        return epoch(keras_gan.datasets.load_unpaired(x, y, shift=True, batch_size=3, **options))

    first = shifted(seed=1)
    np.testing.assert_array_equal(first, shifted(seed=1))
    assert not np.array_equal(first, shifted(seed=2))
    assert not np.array_equal(first, shifted(seed=1, start_epoch=1))
    for images_of in first:
        for batch in images_of:
            assert batch.shape == (3, 24, 24, 3)
            white = (batch == 1).all(axis=3)
            assert white.all(axis=2).sum(axis=1).max() <= 4
            assert white.all(axis=1).sum(axis=1).max() <= 4
            assert ((batch == 1) | (batch < 0)).all()
    assert any((batch == 1).any() for images_of in first for batch in images_of)
    still = epoch(keras_gan.datasets.load_unpaired(x, y, batch_size=3))
    assert not any((batch == 1).any() for images_of in still for batch in images_of)


def test_static_shapes_range_and_length(folders):
    dataset = keras_gan.datasets.load_unpaired(*folders, batch_size=2)
    for spec in dataset.element_spec:
        assert (spec.shape, spec.dtype.name) == ((2, 8, 8, 3), "float32")
    assert len(dataset) == len(epoch(dataset)) == 3
    assert all(np.abs(x).max() <= 1 for batch in epoch(dataset) for x in batch)
    assert len(keras_gan.datasets.load_unpaired(*folders[::-1])) == 7


def test_images_keep_their_values_and_go_in_order_unshuffled(folders):
    dataset = keras_gan.datasets.load_unpaired(*folders, shuffle=False, **STILL)
    got = [(greys(x)[0], greys(y)[0]) for x, y in dataset]
    assert got == [(0, 100), (1, 101), (2, 102), (3, 100), (4, 101), (5, 102), (6, 100)]


@pytest.mark.parametrize("in_memory", [images.IN_MEMORY, 0])
def test_a_resumed_run_gets_the_batches_of_an_uninterrupted_one(folders, tmp_path, monkeypatch, in_memory):
    noise = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "x" / "noise.png")
    options = {"image_size": 8, "batch_size": 2, "seed": 4}
    expected = [epoch(whole) for whole in [keras_gan.datasets.load_unpaired(*folders, **options)] for _ in range(3)]
    monkeypatch.setattr(images, "IN_MEMORY", in_memory)
    resumed = keras_gan.datasets.load_unpaired(*folders, start_epoch=1, **options)
    for number in (1, 2):
        np.testing.assert_array_equal(epoch(resumed), expected[number])
    assert not np.array_equal(expected[0], expected[1])


def test_each_domain_has_its_channels(folders):
    dataset = keras_gan.datasets.load_unpaired(*folders, channels=(1, 3))
    assert [spec.shape[-1] for spec in dataset.element_spec] == [1, 3]
    assert keras_gan.datasets.load_unpaired(*folders, channels=1).element_spec[1].shape[-1] == 1
    dataset = keras_gan.datasets.load_unpaired("digits8x8", folders[1], image_size=8)
    assert [spec.shape for spec in dataset.element_spec] == [(1, 8, 8, 3)] * 2


def test_images_that_are_not_square_keep_their_shape(tmp_path):
    x, y = fill(tmp_path / "x", range(2), (12, 8)), fill(tmp_path / "y", range(2), (12, 8))
    assert keras_gan.datasets.load_unpaired(x, y).element_spec[0].shape == (1, 8, 12, 3)
    assert len(epoch(keras_gan.datasets.load_unpaired(x, y))) == 2


def test_a_limit_holds_for_each_domain(folders):
    dataset = keras_gan.datasets.load_unpaired(*folders, limit=4, shuffle=False, **STILL)
    got = [(greys(x)[0], greys(y)[0]) for x, y in dataset]
    assert got == [(0, 100), (1, 101), (3, 102), (5, 100)]


def test_packaged_domains(monkeypatch):
    pixels = {name: np.random.default_rng(len(name)).integers(0, 256, (5, 64, 64, 3), np.uint8) for name in ("a", "b")}
    splits = []

    def read(self, split="train"):
        splits.append((self.vendor, split))
        return pixels["a" if self.vendor == "google" else "b"], np.zeros(5, np.int32)

    monkeypatch.setattr(emoji.Emoji, "read", read)
    dataset = keras_gan.datasets.load_unpaired("emoji/google", "emoji/twitter:test", shuffle=False, **STILL)
    for index, (x, y) in enumerate(epoch(dataset)):
        np.testing.assert_array_equal(np.rint((x[0] + 1) * 127.5), pixels["a"][index])
        np.testing.assert_array_equal(np.rint((y[0] + 1) * 127.5), pixels["b"][index])
    assert splits == [("google", "train"), ("twitter", "test")]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"image_size": 6}, "must be divisible by 4, as generators halve images twice. Received: image_size=6"),
        ({"image_size": 0}, "Received: image_size=0"),
        ({"channels": 2}, "Received: channels=2"),
        ({"channels": (1, 2)}, "Received: channels=(1, 2)"),
        ({"channels": (1,)}, "Received: channels=(1,)"),
        ({"batch_size": 0}, "Received: batch_size=0"),
        ({"limit": 0}, "Received: limit=0"),
        ({"seed": -1}, "Received: seed=-1"),
        ({"start_epoch": -1}, "Received: start_epoch=-1"),
        ({"split": "test"}, "Received: split='test'"),
        ({"batch_size": 8}, "one batch of 8 images. Received: 7 in "),
    ],
)
def test_wrong_arguments(folders, arguments, message):
    with pytest.raises(ValueError, match="Received") as caught:
        keras_gan.datasets.load_unpaired(*folders, **arguments)
    assert message in str(caught.value)


def test_sizes_that_do_not_fit_ask_for_image_size(folders, tmp_path):
    larger, odd = fill(tmp_path / "larger", range(2), (12, 12)), fill(tmp_path / "odd", range(2), (10, 8))
    with pytest.raises(ValueError, match=r"8x8 pixels in .*x and 12x12 pixels in .*larger\): expected `image_size`"):
        keras_gan.datasets.load_unpaired(folders[0], larger)
    with pytest.raises(ValueError, match=r"divisible by 4.*image_size=None, and 10x8 pixels in .*odd"):
        keras_gan.datasets.load_unpaired(odd, odd)
    fill(larger, [9], (4, 4))
    with pytest.raises(ValueError, match=r"larger differ in size: expected `image_size`.*image_size=None"):
        keras_gan.datasets.load_unpaired(folders[0], larger)
    assert keras_gan.datasets.load_unpaired(odd, larger, image_size=8).element_spec[0].shape == (1, 8, 8, 3)
    assert final_size(None, [("x", (8, 12, 3))]) == (8, 12)


def test_damaged_files_are_skipped(folders):
    (folders[1] / "text.jpg").write_text("<html>")
    whole = (folders[1] / "100.png").read_bytes()
    (folders[1] / "cut.png").write_bytes(whole[:-30])
    with pytest.warns(KerasGANWarning) as caught:
        dataset = keras_gan.datasets.load_unpaired(*folders, shuffle=False, **STILL)
    first, second = (str(warning.message) for warning in caught)
    assert "Skipped 1 of 5 files" in first
    assert "text.jpg (not an image)" in first
    assert "Skipped 1 of 4 images" in second
    assert "cut.png" in second
    assert {greys(y)[0] for _, y in dataset} == {100, 101, 102}
