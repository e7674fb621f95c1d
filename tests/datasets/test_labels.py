"""Tests of the classes of a folder: sub-folders, `dataset.json` as StyleGAN writes it, and `labels.csv`."""

import json

import numpy as np
import pytest
from PIL import Image

import keras_gan.datasets
from keras_gan.datasets.sources.folder import scan
from keras_gan.errors import KerasGANWarning


def write(root, *names):
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.new("L", (4, 4), sum(name.encode()) % 256).save(path)


def labels_of(root):
    """Label of each image by its path, from batches."""
    folder = scan(root)
    _, labels = next(iter(keras_gan.datasets.load(root, batch_size=len(folder.paths), labels=True, shuffle=False)))
    return dict(zip((path.relative_to(root).as_posix() for path in folder.paths), labels.numpy().tolist(), strict=True))


def names(root):
    return keras_gan.datasets.info(root).class_names


CHUNKS = ("00000/img00000000.png", "00000/img00000001.png", "00001/img00000002.png")


def test_the_labels_of_stylegan_are_read(tmp_path):
    write(tmp_path, *CHUNKS)
    rows = list(zip(CHUNKS, (3, 0, 3), strict=True))
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": rows}))
    assert labels_of(tmp_path) == dict(rows)
    assert names(tmp_path) == ("0", "1", "2", "3")
    assert keras_gan.datasets.info(tmp_path).class_counts == (1, 0, 0, 2)


@pytest.mark.parametrize("labels", [None, []])
def test_chunks_are_no_classes(tmp_path, labels):
    write(tmp_path, *CHUNKS)
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": labels}))
    assert keras_gan.datasets.info(tmp_path).num_classes is None
    with pytest.raises(ValueError, match=r"dataset\.json states that there are none"):
        keras_gan.datasets.load(tmp_path, batch_size=1, labels=True)
    assert len(keras_gan.datasets.load(tmp_path, batch_size=1)) == 3


def test_labels_that_do_not_begin_with_0_are_reported(tmp_path, caplog):
    write(tmp_path, *CHUNKS)
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": list(zip(CHUNKS, (1, 2, 4), strict=True))}))
    assert names(tmp_path) == ("0", "1", "2", "3", "4")
    assert "has no image of 2 of its 5 classes: 0, 3. Number the labels from 0 without gaps" in caplog.text
    caplog.clear()
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": list(zip(CHUNKS, (0, 1, 1), strict=True))}))
    assert names(tmp_path) == ("0", "1")
    assert "has no image" not in caplog.text


def test_the_mark_of_windows_at_the_start_is_skipped(tmp_path):
    write(tmp_path, *CHUNKS)
    text = json.dumps({"labels": list(zip(CHUNKS, (0, 1, 1), strict=True))})
    (tmp_path / "dataset.json").write_bytes(text.encode("utf-8-sig"))
    assert names(tmp_path) == ("0", "1")
    (tmp_path / "dataset.json").write_bytes(text.encode("utf-16"))
    with pytest.raises(ValueError, match=r"dataset\.json must be saved as UTF-8"):
        names(tmp_path)


def test_an_archive_must_be_unpacked(tmp_path):
    (tmp_path / "images.zip").write_bytes(b"PK")
    with pytest.raises(ValueError, match=r"images\.zip', an archive. Unpack it into a folder first"):
        keras_gan.datasets.load(tmp_path / "images.zip", batch_size=1)


def test_images_without_a_label_are_named_and_skipped(tmp_path):
    write(tmp_path, *CHUNKS)
    (tmp_path / "dataset.json").write_text(json.dumps({"labels": [[CHUNKS[0], 1], [CHUNKS[1], None]]}))
    with pytest.warns(KerasGANWarning, match="Skipped 2 images without a label in .*img00000001.png"):
        assert names(tmp_path) == ("0", "1")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("{", "must be JSON"),
        ("[]", "must hold"),
        ('{"a": 1}', "must hold"),
        ('{"labels": [["00000/img00000000.png", [0.5, "x"]]]}', "must be an integer, a name or a list of numbers"),
        ('{"labels": [["00000/img00000000.png", -1]]}', "Received: -1"),
        ('{"labels": [["nowhere.png", 1]]}', "which are not there"),
        ('{"labels": [1]}', "a path and a label"),
    ],
)
def test_other_json_is_refused(tmp_path, content, says):
    write(tmp_path, *CHUNKS)
    (tmp_path / "dataset.json").write_text(content)
    with pytest.raises(ValueError, match=says):
        keras_gan.datasets.load(tmp_path, batch_size=1)


@pytest.mark.parametrize(
    "text",
    [
        "filename,label\na.png,cat\nb.png,dog\nsub/c.png,cat\n",
        "a.png,cat\nb.png,dog\nsub/c.png,cat\n",
        "label;filename\ncat;a.png\ndog;b.png\ncat;sub/c.png\n",
        "id,width,class\na,4,cat\nb,4,dog\nc.png,4,cat\n",
        "\ufefffile,label\r\n./a.png,cat\r\nb.png,dog\r\nsub\\c.png,cat\r\n",
    ],
)
def test_a_table_of_labels(tmp_path, text):
    write(tmp_path, "a.png", "b.png", "sub/c.png")
    (tmp_path / "labels.csv").write_text(text, encoding="utf-8")
    assert labels_of(tmp_path) == {"a.png": 0, "b.png": 1, "sub/c.png": 0}
    assert names(tmp_path) == ("cat", "dog")


def test_numbers_in_a_table_are_the_labels(tmp_path):
    write(tmp_path, "a.png", "b.png")
    (tmp_path / "labels.csv").write_text("a.png,10\nb.png,2\n")
    assert labels_of(tmp_path) == {"a.png": 10, "b.png": 2}
    assert len(names(tmp_path)) == 11


@pytest.mark.parametrize("text", ["", "a.png\n", "filename,label\na.png\n"])
def test_other_tables_are_refused(tmp_path, text):
    write(tmp_path, "a.png")
    (tmp_path / "labels.csv").write_text(text)
    with pytest.raises(ValueError, match="Received"):
        keras_gan.datasets.load(tmp_path, batch_size=1)


def test_two_files_of_labels_are_refused(tmp_path):
    write(tmp_path, "a.png")
    (tmp_path / "labels.csv").write_text("a.png,1\n")
    (tmp_path / "dataset.json").write_text('{"labels": null}')
    with pytest.raises(ValueError, match="one file with labels"):
        keras_gan.datasets.info(tmp_path)


def test_sub_folders_are_sorted_as_people_do(tmp_path):
    write(tmp_path, *(f"{name}/x.png" for name in ("1", "10", "11", "2", "b10", "b9", "a")))
    assert names(tmp_path) == ("1", "2", "10", "11", "a", "b9", "b10")
    assert labels_of(tmp_path)["10/x.png"] == 2


def test_labels_at_the_top_and_in_sub_folders_at_once(tmp_path):
    write(tmp_path, "a.png", "cats/b.png", "dogs/c.png")
    with pytest.raises(ValueError, match=r"1 of its images are at its top, such as a\.png, and 2 in sub-folders"):
        keras_gan.datasets.load(tmp_path, batch_size=1, labels=True)


def test_a_data_set_knows_its_class_names(tmp_path):
    write(tmp_path, "cats/b.png", "dogs/c.png")
    assert keras_gan.datasets.load(tmp_path, batch_size=1, labels=True).class_names == ("cats", "dogs")
    assert keras_gan.datasets.load("digits8x8").class_names[3] == "3"


def test_most_files_decide_about_the_channels(tmp_path, caplog):
    for number, mode in enumerate(("RGBA", "RGBA", "RGBA", "L", "RGB")):
        Image.new(mode, (4, 4)).save(tmp_path / f"{number}.png")
    pixels = next(iter(keras_gan.datasets.load(tmp_path, batch_size=5, shuffle=False))).numpy()
    assert pixels.shape == (5, 4, 4, 4)
    assert "1 grey, 1 colour, 3 colour with transparency images, all read as colour with transparency" in caplog.text
    np.testing.assert_array_equal(pixels[:, 0, 0, 3], [-1, -1, -1, 1, 1])
    np.testing.assert_array_equal(pixels[0, 0, 0, :3], -1)  # the colour under the transparency is kept
