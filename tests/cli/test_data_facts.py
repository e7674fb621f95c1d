"""Tests of what a training finds in its images: channels, range of values, classes, and changes on resume."""

import json

import numpy as np
import pytest
from PIL import Image

from keras_gan import config as configs
from keras_gan.cli.training.data_facts import resolve_data
from keras_gan.cli.training.data_record import check_same_data, save_record
from keras_gan.cli.training.translation_task import TranslationTask
from keras_gan.config import CycleGANConfig, GANConfig, Pix2PixConfig


def write(folder, *names, mode="L", size=(28, 28)):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new(mode, size, sum(name.encode()) % 256 if mode == "L" else None or 0).save(path)
    return str(folder)


def resolved(name, **data):
    return resolve_data(GANConfig(data={"name": name, **data}))


def test_classes_are_listed_with_their_numbers_of_images(tmp_path):
    name = write(tmp_path, *(f"{c}/{i}.png" for c, n in (("2", 1), ("10", 2)) for i in range(n)))
    _, facts = resolved(name, labels=True)
    assert facts.lines == ('Classes: class 0 = "2" (1 image), class 1 = "10" (2 images)',)
    assert facts.class_names == ("2", "10")
    _, facts = resolved(name)
    assert "(2 classes) are not used. --labels trains" in facts.lines[0]


def test_grey_stays_grey_and_mixed_folders_are_counted(tmp_path):
    config, facts = resolved(write(tmp_path, "a.png", "b.png"))
    assert (config.data.channels, facts.lines) == (1, ())
    write(tmp_path, "c.png", mode="RGB")
    config, facts = resolved(str(tmp_path))
    assert config.data.channels == 1
    assert facts.lines[0].endswith("2 grey, 1 colour images, all read as grey")
    assert resolved(str(tmp_path), channels=3)[0].data.channels == 3


def test_the_range_is_recorded_and_read_again(tmp_path):
    Image.fromarray(np.array([[5, 1400]] * 2, np.uint16)).resize((28, 28), 0).save(tmp_path / "a.png")
    config, facts = resolved(str(tmp_path))
    assert config.data.value_range == [5.0, 1400.0]
    assert "values from 5 (black) to 1400 (white)" in facts.lines[0]
    again, facts = resolve_data(configs.from_dict(config.model_dump()))
    assert again == config
    assert "as stated" in facts.lines[0]
    _, facts = resolved(str(tmp_path), value_range=[0, 1000])
    assert "1 images have values from 5 to 1400, some outside the stated range" in facts.lines[1]
    assert resolved(str(tmp_path), value_range=[0, 2000])[0].data.value_range == [0.0, 2000.0]
    with pytest.raises(ValueError, match="--value-range is for folders"):
        resolved("digits8x8", value_range=[0, 1], image_size=28)


@pytest.mark.parametrize("kind", [CycleGANConfig, Pix2PixConfig])
def test_translators_of_grey_images_are_grey(tmp_path, kind):
    x, y = (write(tmp_path / name, "a.png", "b.png", size=(96, 48)) for name in "xy")
    config, _ = resolve_data(kind(data={"x": x, "y": y, "image_size": "48x96"}))
    assert (config.data.x_channels, config.data.y_channels) == (1, 1)
    first, second = next(iter(TranslationTask(config).load(0)))
    assert first.shape == second.shape == (1, 48, 96, 1)


def test_a_grey_and_a_colour_domain(tmp_path):
    x, y = write(tmp_path / "x", "a.png"), write(tmp_path / "y", "a.png", mode="RGB")
    config, facts = resolve_data(CycleGANConfig(data={"x": x, "y": y}))
    assert (config.data.x_channels, config.data.y_channels) == (3, 3)
    assert "read as colour, because the other domain is" in facts.lines[0]
    config, _ = resolve_data(Pix2PixConfig(data={"x": x, "y": y}))
    assert (config.data.x_channels, config.data.y_channels) == (1, 3)
    first, second = next(iter(TranslationTask(config).load(0)))
    assert (first.shape[-1], second.shape[-1]) == (1, 3)
    model = TranslationTask(config).new_model([first[0:1], second[0:1]])
    assert model.translate(first.numpy()).shape == (1, 28, 28, 3)


@pytest.mark.parametrize(
    ("size", "given", "says"),
    [
        ((30, 30), None, "have 30x30 pixels .*Nearest: 28 or 32"),
        ((28, 28), 30, "Received: 30. Nearest: 28 or 32"),
        ((28, 28), "50x96", "Nearest: 48x96 or 64x96"),
    ],
)
def test_sizes_are_checked_at_once(tmp_path, size, given, says):
    name = write(tmp_path, "a.png", size=size)
    with pytest.raises(ValueError, match=says):
        resolved(name, image_size=given)


def test_images_of_different_sizes_ask_for_the_option(tmp_path):
    write(tmp_path, "a.png")
    name = write(tmp_path, "b.png", size=(40, 30))
    with pytest.raises(ValueError, match="differ in size: expected --image-size"):
        resolved(name)


def change(root, how):
    if how == "added class":
        write(root, "birds/0.png")
    elif how == "renamed class":
        (root / "cats").rename(root / "zcats")
    elif how == "added image":
        write(root, "cats/9.png")
    elif how == "moved image":
        (root / "cats" / "0.png").rename(root / "dogs" / "9.png")
    elif how == "other image":
        write(root, "cats/0.png", size=(28, 40))
        Image.open(root / "cats" / "0.png").resize((28, 28)).save(root / "cats" / "0.png", compress_level=0)


@pytest.mark.parametrize(
    ("how", "says"),
    [
        ("added class", r"3 classes \(were 2\), with 'birds', 'cats' is class 1 \(was 0\)"),
        ("renamed class", r"without 'cats', with 'zcats', 'dogs' is class 0 \(was 1\)"),
        ("added image", r"5 images \(were 4\)"),
        ("moved image", r"'cats': 1 \(was 2\), 'dogs': 3 \(was 2\)"),
        ("other image", "as many images, but other names, sizes or labels"),
    ],
)
def test_changed_images_are_refused_on_resume_or_accepted(tmp_path, how, says):
    root, record = tmp_path / "images", tmp_path / "data.json"
    name = write(root, *(f"{c}/{i}.png" for c in ("cats", "dogs") for i in range(2)))
    _, facts = resolved(name, labels=True)
    save_record(record, facts)
    assert json.loads(record.read_text())["name"]["class_counts"] == [2, 2]
    assert check_same_data(record, resolved(name, labels=True)[1], accept=False) == []
    change(root, how)
    _, facts = resolved(name, labels=True)
    with pytest.raises(ValueError, match=rf"--accept-changed-data .*{says}"):
        check_same_data(record, facts, accept=False)
    assert check_same_data(record, facts, accept=True)
