"""Vectors, sequences and attributes: from NumPy files, CSV files, WAV files and `labels.csv`."""

import wave

import numpy as np
import pytest
from PIL import Image

from keras_gan import datasets

RNG = np.random.default_rng(0)


def write_wav(path, samples, width=2, rate=8000):
    """Writes integers (length, channels)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with wave.open(str(path), "wb") as file:
        file.setnchannels(samples.shape[1])
        file.setsampwidth(width)
        file.setframerate(rate)
        kept = samples.astype("<i4").reshape(-1, 1).view(np.uint8)[:, :width]
        file.writeframes((kept if width > 1 else kept + np.uint8(128)).tobytes())


def test_vectors_of_an_array_are_used_as_they_are(tmp_path):
    vectors = RNG.normal(0, 30, (10, 2)).astype(np.float32)
    np.save(tmp_path / "points.npy", vectors)
    batches = list(datasets.load(tmp_path / "points.npy", batch_size=5, shuffle=False))
    np.testing.assert_array_equal(np.concatenate(batches), vectors)
    about = datasets.info(tmp_path / "points.npy")
    assert (about.image_shape, about.num_images, about.description) == ((2,), 10, "a NumPy file of vectors")


def test_sequences_with_classes_and_their_length(tmp_path):
    sequences, labels = RNG.normal(size=(6, 10, 2)).astype(np.float32), np.array([0, 1, 2, 0, 1, 2])
    np.savez(tmp_path / "signals.npz", sequences=sequences, labels=labels)
    data = datasets.load(tmp_path / "signals.npz", batch_size=6, shuffle=False, labels=True)
    x, y = next(iter(data))
    np.testing.assert_array_equal(x, sequences)
    np.testing.assert_array_equal(y, labels)
    assert data.class_names == ("0", "1", "2")
    cropped = next(iter(datasets.load(tmp_path / "signals.npz", batch_size=6, shuffle=False, image_size=6)))
    np.testing.assert_array_equal(cropped, sequences[:, 2:8])
    longer = next(iter(datasets.load(tmp_path / "signals.npz", batch_size=6, shuffle=False, image_size=13)))
    np.testing.assert_array_equal(longer, np.pad(sequences, ((0, 0), (1, 2), (0, 0))))


def test_a_table_with_names_of_columns_and_classes(tmp_path):
    (tmp_path / "flowers.csv").write_text("width;label;height\n1.5;rose;2\n-3;tulip;4e1\n0;rose;5\n")
    data = datasets.load(tmp_path / "flowers.csv", batch_size=3, shuffle=False, labels=True)
    x, y = next(iter(data))
    np.testing.assert_array_equal(x, np.float32([[1.5, 2], [-3, 40], [0, 5]]))
    np.testing.assert_array_equal(y, [0, 1, 0])
    assert data.class_names == ("rose", "tulip")
    assert datasets.info(tmp_path / "flowers.csv").class_counts == (2, 1)
    (tmp_path / "plain.csv").write_text("1,2\n3,4\n")
    np.testing.assert_array_equal(
        next(iter(datasets.load(tmp_path / "plain.csv", batch_size=2, shuffle=False))), [[1, 2], [3, 4]]
    )
    (tmp_path / "text.csv").write_text("a,b\n1,x\n")
    with pytest.raises(ValueError, match=r"must hold numbers, and names in a column `label` only. Received: .*'x'"):
        datasets.load(tmp_path / "text.csv", batch_size=1)


@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_a_folder_of_wav_files(tmp_path, width):
    most = 2 ** (8 * width - 1)
    loud = np.array([[0, most - 1], [-most, most // 2], [1, -1]])
    write_wav(tmp_path / "a" / "one.wav", loud, width)
    write_wav(tmp_path / "b" / "two.WAV", loud[:1], width)
    data = datasets.load(tmp_path, batch_size=2, shuffle=False, labels=True)
    x, y = next(iter(data))
    np.testing.assert_allclose(x[0], loud / most, atol=1e-7)
    np.testing.assert_allclose(x[1], [[0, 0], [0, (most - 1) / most], [0, 0]], atol=1e-7)
    np.testing.assert_array_equal(y, [0, 1])
    assert data.class_names == ("a", "b")
    write_wav(tmp_path / "b" / "mono.wav", loud[:, :1], width)
    with pytest.raises(
        ValueError, match=r"must have the same channels and rate. Received: 1 channels at 8000 Hz, 2 ch"
    ):
        datasets.load(tmp_path, batch_size=1)


def test_columns_of_numbers_beside_images_are_attributes(tmp_path):
    for name in "ab":
        Image.new("L", (4, 4)).save(tmp_path / f"{name}.png")
    (tmp_path / "labels.csv").write_text("filename,smile,Age\na.png,1,0.5\nb.png,0,-2\n")
    data = datasets.load(tmp_path, batch_size=2, shuffle=False, labels=True)
    _, y = next(iter(data))
    np.testing.assert_array_equal(y, np.float32([[1, 0.5], [0, -2]]))
    assert y.dtype == np.float32
    assert (data.class_names, data.attribute_names) == ((), ("smile", "Age"))
    assert datasets.info(tmp_path).attribute_names == ("smile", "Age")
    (tmp_path / "labels.csv").unlink()
    (tmp_path / "dataset.json").write_text('{"labels": [["a.png", [1, 0.5]], ["b.png", [0, -2]]]}')
    data = datasets.load(tmp_path, batch_size=2, shuffle=False, labels=True)
    np.testing.assert_array_equal(next(iter(data))[1], y)
    assert data.attribute_names == ("0", "1")


def test_attributes_in_a_numpy_file(tmp_path):
    attributes = RNG.normal(size=(3, 2))
    images = RNG.integers(0, 256, (3, 4, 4, 1), np.uint8)
    np.savez(tmp_path / "faces.npz", images=images, labels=attributes, attribute_names=["smile", "age"])
    data = datasets.load(tmp_path / "faces.npz", batch_size=3, shuffle=False, labels=True)
    np.testing.assert_allclose(next(iter(data))[1], attributes, rtol=1e-6)
    assert data.attribute_names == ("smile", "age")
