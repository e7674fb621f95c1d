"""Tests of the emoji sets, with small packages that the test writes, and with the real ones if installed."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

import keras_gan.datasets
from keras_gan.datasets import emoji

DOMAINS = ("google", "twitter")
CODE_POINTS = [f"1F6{number:02X}" for number in range(60)]


@pytest.fixture(scope="module")
def installed():
    return emoji.folders()


@pytest.fixture
def packages(tmp_path, monkeypatch):
    """60 emoji of both vendors and one of Google alone. 0 and 1 are equal for Google, 1 and 2 for Twitter."""
    entries = [
        {
            "unified": code_point,
            "image": f"{code_point.lower()}.png",
            "category": emoji.CATEGORIES[number % 10],
            "has_img_google": True,
            "has_img_twitter": True,
        }
        for number, code_point in enumerate(CODE_POINTS)
    ]
    alone = {**entries[0], "unified": "1F000", "image": "1f000.png", "has_img_twitter": False}
    root = tmp_path / "somewhere" / "node_modules"
    for domain, same in (("google", (0, 1)), ("twitter", (1, 2))):
        folder = root / f"emoji-datasource-{domain}"
        pictures = folder / "img" / domain / "64"
        pictures.mkdir(parents=True)
        (folder / "package.json").write_text(json.dumps({"version": emoji.VERSION}))
        (folder / "emoji.json").write_text(json.dumps([*reversed(entries), alone]))
        for number, entry in enumerate(entries):
            image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
            grey = same[0] if number in same else number
            image.paste((grey, grey, domain == "twitter", 255), (16, 16, 48, 48))
            image.save(pictures / entry["image"])
    monkeypatch.setenv(emoji.FOLDER, str(tmp_path / "somewhere"))
    return root


def test_pixels_are_on_white_and_the_domains_correspond(packages):
    for split in ("train", "test"):
        google, twitter = (emoji.read(domain, split) for domain in DOMAINS)
        assert google.shape == twitter.shape
        assert google.dtype == np.uint8
        np.testing.assert_array_equal(google[:, 0, 0], 255)
        others = google[:, 32, 32, 0] > 2
        np.testing.assert_array_equal(google[others, 32, 32, 0], twitter[others, 32, 32, 0])


def test_the_splits_divide_the_set_and_keep_what_looks_the_same_together(packages):
    greys = {split: set(emoji.read("google", split)[:, 32, 32, 0]) for split in ("train", "test")}
    assert greys["train"] | greys["test"] == {0, *range(2, 60)}
    assert not greys["train"] & greys["test"]
    where = ["train" if number in greys["train"] else "test" for number in (0, 2)]
    assert where[0] == where[1]


def test_labels_are_the_categories(packages):
    dataset = keras_gan.datasets.load("emoji/twitter", labels=True, batch_size=1, shuffle=False, image_size=32)
    assert len(dataset) == len(emoji.read("twitter"))
    for pixels, label in dataset:
        grey = int(np.rint((pixels.numpy()[0, 16, 16, 0] + 1) * 127.5))
        assert label.numpy()[0] in ({1, 2} if grey == 1 else {grey % 10})


def test_a_split_in_the_name(packages):
    test = len(emoji.read("google", "test"))
    assert len(keras_gan.datasets.load("emoji/google:test", batch_size=1)) == test
    assert len(keras_gan.datasets.load("emoji/google", split="test", batch_size=1)) == test
    with pytest.raises(ValueError, match=r"split='train' or split='test'.*Received: split='valid'"):
        keras_gan.datasets.load("emoji/google:valid")


@pytest.mark.parametrize("place", ["", "node_modules"])
def test_the_variable_names_the_packages_or_what_holds_them(packages, monkeypatch, place):
    monkeypatch.setenv(emoji.FOLDER, str(packages.parent / place))
    assert emoji.folders()[0] == packages / "emoji-datasource-google"


def test_without_the_variable_the_folders_above_are_searched(packages, monkeypatch):
    monkeypatch.delenv(emoji.FOLDER)
    below = packages.parent / "a" / "b"
    below.mkdir(parents=True)
    monkeypatch.chdir(below)
    assert emoji.folders()[1] == packages / "emoji-datasource-twitter"


def test_missing_packages_tell_how_to_install_them(monkeypatch, tmp_path):
    monkeypatch.setenv(emoji.FOLDER, str(tmp_path))
    with pytest.raises(ImportError, match=r"npm install --ignore-scripts .*google@16\.0\.0 .*\n.*KERAS_GAN_EMOJI"):
        keras_gan.datasets.load("emoji/google")
    about = keras_gan.datasets.info("emoji/google")
    assert (about.available, about.install, about.splits) == (False, emoji.INSTALL, ("train", "test"))


def test_another_version_is_refused(packages):
    (packages / "emoji-datasource-twitter" / "package.json").write_text('{"version": "15.1.2"}')
    with pytest.raises(ValueError, match=r"Expected version 16\.0\.0 .*Received: version 15\.1\.2"):
        emoji.read("google")


def test_wrong_arguments(packages):
    with pytest.raises(ValueError, match="Received: domain='apple'"):
        emoji.read("apple")
    with pytest.raises(ValueError, match="Received: split='valid'"):
        emoji.read("google", "valid")
    with pytest.raises(ValueError, match="Did you mean 'emoji/google'"):
        keras_gan.datasets.load("emoji/gogle")


def test_the_split_of_a_code_point_never_changes():
    different = np.arange(60, dtype=np.uint8)[:, None]
    in_test = emoji.are_in_test(CODE_POINTS, different)
    assert np.flatnonzero(in_test).tolist() == [4, 14, 26, 28, 33, 37, 39, 40, 42, 43, 45, 51, 52, 59]


@given(st.lists(st.tuples(st.integers(0, 5), st.integers(0, 5)), max_size=30), st.randoms())
def test_what_looks_the_same_is_never_separated(looks, random):
    domains = [np.array([look[domain] for look in looks], np.uint8).reshape(-1, 1) for domain in (0, 1)]
    code_points = [f"{random.getrandbits(40):X}" for _ in looks]
    in_test = emoji.are_in_test(code_points, *domains)
    for domain in domains:
        for look in np.unique(domain):
            assert len(set(in_test[domain[:, 0] == look])) == 1


@pytest.mark.reference
def test_the_packages(installed):
    google, twitter = (emoji.Emoji(domain) for domain in DOMAINS)
    for split, number in (("train", emoji.TRAIN), ("test", 1911 - emoji.TRAIN)):
        pixels, labels = google.read(split)
        assert pixels.shape == twitter.read(split)[0].shape == (number, 64, 64, 3)
        assert set(labels) == set(range(10))
        np.testing.assert_array_equal(labels, twitter.read(split)[1])
    seen = {domain: {image.tobytes() for image in emoji.read(domain)} for domain in DOMAINS}
    for domain, images in seen.items():
        assert not any(image.tobytes() in images for image in emoji.read(domain, "test"))
    for domain in (google, twitter):
        assert domain.info().available
        assert (domain.info().num_images, domain.info().num_classes) == (emoji.TRAIN, 10)


@pytest.mark.reference
def test_the_pictures_of_the_packages_correspond(installed):
    shrunk = []
    for domain in DOMAINS:
        pixels = emoji.read(domain, "test")
        small = pixels.reshape(len(pixels), 8, 8, 8, 8, 3).mean((2, 4)).reshape(len(pixels), -1)
        shrunk.append((small - small.mean(0)) / (small.std(0) + 1))
    distances = ((shrunk[0][:, None] - shrunk[1][None]) ** 2).mean(-1)
    assert (distances.argmin(1) == np.arange(len(distances))).mean() > 0.3  # 1 in 373 by chance
