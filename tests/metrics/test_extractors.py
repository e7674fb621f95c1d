"""Tests of EfficientNet-Lite0, and of the reader of its weights."""

import json
import pickle
import random
import struct

import keras
import numpy as np
import pytest
from PIL import Image

from keras_gan import metrics
from keras_gan.errors import KerasGANWarning
from keras_gan.metrics.extractors import efficientnet_lite0, torch_weights


@pytest.fixture(scope="module")
def extractor():
    pytest.importorskip(efficientnet_lite0.PACKAGE)
    return metrics.EfficientNetLite0()


@pytest.fixture(scope="module")
def small():
    pytest.importorskip(efficientnet_lite0.PACKAGE)
    return metrics.EfficientNetLite0(input_size=64, batch_size=4)


@pytest.fixture
def pictures():
    return np.random.default_rng(0).integers(0, 256, (6, 24, 24, 3)).astype(np.uint8)


CATS, TRIPOD, CUPS = range(281, 288), [872], [504, 967, 968]


@pytest.mark.parametrize(("name", "classes"), [("cat", CATS), ("camera", TRIPOD), ("coffee", CUPS)])
def test_it_sees_what_is_in_a_picture(extractor, name, classes):
    """Detects mistakes in the port, such as the padding or the scale of the pixels. Classes are those of ImageNet."""
    data = pytest.importorskip("skimage.data")
    picture = getattr(data, name)()
    logits = extractor.logits(picture[None] if picture.ndim == 3 else picture[None, :, :, None])[0]
    assert logits.argmax() in classes
    probabilities = np.exp(logits - logits.max()) / np.exp(logits - logits.max()).sum()
    assert probabilities[list(classes)].sum() > 0.85


PYTORCH_FEATURES = [0.09111496, 0.0, 1.0861551, 0.0, 0.0, 0.0]
PYTORCH_LOGITS = [-0.66813987, -0.88272047, -1.1831205, -1.4102436, -0.16638543, -0.12131932]


def test_features_are_those_of_the_pytorch_model(extractor):
    """The values are those of efficientnet-lite-pytorch 0.1.0 with the same weights."""
    y, x = np.mgrid[:224, :224]
    picture = np.stack([x, y, (x * y) % 256], axis=-1).astype(np.uint8)[None]
    features, logits = extractor.features(picture)[0], extractor.logits(picture)[0]
    assert features.dtype == logits.dtype == np.float32
    np.testing.assert_allclose(features[:6], PYTORCH_FEATURES, atol=1e-4)
    np.testing.assert_allclose(logits[:6], PYTORCH_LOGITS, atol=1e-4)


def test_shapes(small, pictures):
    assert small.features(pictures).shape == (6, 1280)
    assert small.logits(pictures).shape == (6, 1000)
    shapes = [maps.shape for maps in small.feature_maps(pictures)]
    assert shapes == [(6, 16, 16, 24), (6, 8, 8, 40), (6, 4, 4, 112), (6, 2, 2, 320)]


def test_the_batch_size_does_not_matter(small, pictures):
    one_by_one = np.concatenate([small.features(picture[None]) for picture in pictures])
    np.testing.assert_allclose(small.features(pictures), one_by_one, atol=1e-4)


@pytest.mark.parametrize("image_range", [(-1, 1), (0, 1), (0, 255)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_floats_are_the_pictures_that_they_were_made_of(small, pictures, image_range, dtype):
    pictures, (low, high) = pictures[:2], image_range
    floats = (pictures.astype(dtype) / 255 * (high - low) + low).astype(dtype)
    np.testing.assert_array_equal(small.features(floats, image_range), small.features(pictures))


def test_grey_is_repeated(small, pictures):
    grey = pictures[..., :1]
    np.testing.assert_array_equal(small.features(grey), small.features(np.repeat(grey, 3, axis=-1)))


def test_images_are_resized_without_aliasing(small):
    """Lines of one pixel become grey when reduced to an eighth. Every eighth pixel alone would be black or white."""
    lines = np.zeros((1, 512, 512, 3), np.uint8)
    lines[:, :, ::2] = 255
    pixels = small._pixels(lines, (0, 1))
    assert pixels.shape == (1, 64, 64, 3)
    np.testing.assert_allclose(pixels[:, :, 2:-2], 127.5, atol=2)
    oblong = np.random.default_rng(0).integers(0, 256, (1, 40, 90, 3)).astype(np.uint8)
    by_hand = np.asarray(Image.fromarray(oblong[0]).resize((64, 64), Image.Resampling.BICUBIC))
    np.testing.assert_array_equal(small._pixels(oblong, (0, 1))[0], by_hand)


def test_distance_is_that_of_the_feature_maps_and_grows(small, pictures):
    random = np.random.default_rng(1)
    noisy = [
        np.clip(pictures + random.normal(0, sigma, pictures.shape), 0, 255).astype(np.uint8) for sigma in (0, 10, 60)
    ]
    distances = [small.distance(pictures, images) for images in noisy]
    by_hand = metrics.feature_distance(small.feature_maps(pictures), small.feature_maps(noisy[2]))
    np.testing.assert_allclose(distances[2], by_hand, rtol=1e-5)
    assert distances[0].max() < 1e-9
    assert (distances[0] < distances[1]).all()
    assert (distances[1] < distances[2]).all()
    with pytest.raises(ValueError, match="Received: 6 and 5"):
        small.distance(pictures, pictures[:5])


def test_protocol_names_everything_that_a_metric_depends_on(extractor, small):
    assert isinstance(extractor, metrics.FeatureExtractor)
    assert (extractor.name, small.name) == ("EffLite0", "EffLite0@64")
    protocol = extractor.protocol()
    assert json.loads(json.dumps(protocol)) == protocol
    assert set(protocol) == {"extractor", "version", "input_size", "resize", "keras_gan"}
    assert protocol["input_size"] == 224
    assert "inception" not in str(protocol).lower()


def test_training_does_not_notice_it(small, pictures):
    """The random numbers and the dtype policy of a training do not affect the network, nor the reverse."""
    expected = small.features(pictures)
    keras.utils.set_random_seed(5)
    before = keras.random.uniform((3,)), random.random()
    keras.utils.set_random_seed(5)
    keras.config.set_dtype_policy("mixed_float16")
    try:
        np.testing.assert_array_equal(metrics.EfficientNetLite0(64, batch_size=4).features(pictures), expected)
    finally:
        keras.config.set_dtype_policy("float32")
    after = keras.random.uniform((3,)), random.random()
    np.testing.assert_array_equal(before[0], after[0])
    assert before[1] == after[1]


def test_a_bar_counts_the_batches(small, pictures, capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")
    small.features(pictures)
    assert capsys.readouterr().err == ""
    monkeypatch.setattr(small, "progress", True)
    small.distance(pictures, pictures)
    assert "EffLite0@64" in capsys.readouterr().err
    monkeypatch.setattr(small, "progress", False)
    small.features(pictures)
    assert capsys.readouterr().err == ""


FLOATS = np.linspace(-1, 1, 2 * 4 * 4 * 3).reshape(2, 4, 4, 3)


@pytest.mark.parametrize(
    "call",
    [
        lambda e: e.features(FLOATS[0]),
        lambda e: e.features(FLOATS[..., :2]),
        lambda e: e.features(FLOATS[:0]),
        lambda e: e.features(FLOATS.astype(int)),
        lambda e: e.features(FLOATS * 255),
        lambda e: e.features(FLOATS, (0, 1)),
        lambda e: e.features(FLOATS, (1, -1)),
        lambda e: e.features(np.where(FLOATS > 0.9, np.nan, FLOATS)),
        lambda e: metrics.EfficientNetLite0(input_size=31),
        lambda e: metrics.EfficientNetLite0(input_size=224.0),
        lambda e: metrics.EfficientNetLite0(batch_size=0),
    ],
)
def test_wrong_arguments_are_named(call):
    with pytest.raises(ValueError, match="Received"):
        call(metrics.EfficientNetLite0())


def test_a_probably_wrong_range_is_warned_about(small):
    bright = np.random.default_rng(0).uniform(0, 1, (9, 8, 8, 3))
    with pytest.warns(KerasGANWarning, match=r"image_range=\(0, 1\)"):
        small.features(bright)
    small.features(bright, (0, 1))


def test_without_the_weights_the_error_names_the_extra(monkeypatch, pictures):
    monkeypatch.setattr(efficientnet_lite0, "PACKAGE", "no_such_package")
    with pytest.raises(ImportError, match=r"\[metrics\]'"):
        metrics.EfficientNetLite0().features(pictures)


def test_other_weights_are_refused(monkeypatch, tmp_path):
    (tmp_path / "weights_of_another").mkdir()
    (tmp_path / "weights_of_another" / "__init__.py").write_text("raise SystemExit('the package was imported')")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(efficientnet_lite0, "PACKAGE", "weights_of_another")
    with pytest.raises(ValueError, match="Received: no file"):
        efficientnet_lite0.weights_file()
    file = tmp_path / "weights_of_another" / efficientnet_lite0.FILE
    file.parent.mkdir()
    file.write_bytes(b"other")
    with pytest.raises(ValueError, match="SHA-256"):
        efficientnet_lite0.weights_file()


class Global:
    """Pickled as a reference to the global `module.name`."""

    def __init__(self, module, name):
        self.text = f"c{module}\n{name}\n".encode()


def state_dict(path, entries, storages, tail=b""):
    """Writes a file of PyTorch before 1.6 with `entries` by name: (key of the storage, offset, shape, strides)."""
    body = b"\x80\x02}("
    for name, (key, offset, shape, strides) in entries.items():
        storage = plain("storage") + Global("torch", "FloatStorage").text
        storage += plain(key) + plain("cpu") + plain(len(storages[key])) + b"N"
        tensor = b"(" + storage + b"tQ" + plain(offset) + plain(shape) + plain(strides) + plain(False) + b"N"
        body += plain(name) + Global("torch._utils", "_rebuild_tensor_v2").text + b"((" + tensor[1:] + b"tR"
    content = b"".join(pickle.dumps(part, 2) for part in (torch_weights.MAGIC, torch_weights.PROTOCOL, {}))
    content += body + b"u." + pickle.dumps(list(storages), 2)
    for numbers in storages.values():
        content += struct.pack("<q", len(numbers)) + np.asarray(numbers, "<f4").tobytes()
    path.write_bytes(content[: len(content) - len(tail)])
    return path


def plain(value):
    """The pickle of a plain value, without its header and its end."""
    return pickle.dumps(value, 2)[2:-1]


def test_a_state_dict_is_read_with_its_strides(tmp_path):
    numbers = np.arange(12.0)
    entries = {"rows": ("7", 2, (2, 3), (3, 1)), "columns": ("7", 0, (3, 4), (1, 3)), "one": ("8", 0, (), ())}
    arrays = torch_weights.read_state_dict(state_dict(tmp_path / "w.pth", entries, {"7": numbers, "8": [5.0]}))
    np.testing.assert_array_equal(arrays["rows"], [[2, 3, 4], [5, 6, 7]])
    np.testing.assert_array_equal(arrays["columns"], numbers.reshape(4, 3).T)
    assert arrays["one"] == 5
    assert all(array.dtype == np.float32 for array in arrays.values())


@pytest.mark.parametrize(
    "entry", [("7", 8, (2, 3), (3, 1)), ("7", 0, (3, 4), (1, 30)), ("7", -1, (2,), (1,)), ("7", 0, (2,), (-1,))]
)
def test_a_tensor_cannot_reach_beyond_its_numbers(tmp_path, entry):
    path = state_dict(tmp_path / "w.pth", {"wild": entry}, {"7": np.arange(12.0)})
    with pytest.raises(ValueError):  # noqa: PT011  the message is NumPy's
        torch_weights.read_state_dict(path)


class Calls:
    def __init__(self, function, *arguments):
        self.call = function, arguments

    def __reduce__(self):
        return self.call


@pytest.mark.parametrize("place", range(5))
def test_a_file_that_calls_something_is_refused(tmp_path, place):
    mark = tmp_path / "called"
    parts = [torch_weights.MAGIC, torch_weights.PROTOCOL, {}, {}, []]
    parts[place] = Calls(mark.write_text, "x")
    path = tmp_path / "evil.pth"
    path.write_bytes(b"".join(pickle.dumps(part, 2) for part in parts))
    with pytest.raises(pickle.UnpicklingError, match="Received: a file that calls"):
        torch_weights.read_state_dict(path)
    assert not mark.exists()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", pickle.dumps(1, 2), pickle.dumps(torch_weights.MAGIC, 2)])
def test_another_file_is_refused(tmp_path, content):
    path = tmp_path / "other.pth"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"Expected a PyTorch file.*Received"):
        torch_weights.read_state_dict(path)


def test_a_truncated_file_is_refused(tmp_path):
    path = state_dict(tmp_path / "w.pth", {"a": ("7", 0, (12,), (1,))}, {"7": np.arange(12.0)}, tail=b"1234")
    with pytest.raises(ValueError, match="Received: fewer or more"):
        torch_weights.read_state_dict(path)
