"""Tests of Fashion-MNIST from Debian's files."""

import gzip
import hashlib
import io

import numpy as np
import pytest

import keras_gan.datasets
from keras_gan.datasets.packaged import fashion_mnist
from keras_gan.datasets.tfds import builders

tensorflow_datasets = pytest.importorskip("tensorflow_datasets")
NAME, MODIFIED = "t10k-labels-idx1-ubyte", 1504176627


def packed(content, name="", modified=0):
    file = io.BytesIO()
    with gzip.GzipFile(name, "wb", 9, file, modified) as writer:
        writer.write(content)
    return file.getvalue()


@pytest.fixture
def files(tmp_path):
    """The path of a file as in Debian's package, and the content of the published file."""
    content = np.random.default_rng(0).bytes(5000)
    source = tmp_path / f"{NAME}.gz"
    source.write_bytes(packed(content))
    return source, packed(content, NAME, MODIFIED)


def restore(source, published, destination):
    fashion_mnist.restore(source, MODIFIED, hashlib.sha256(published).hexdigest(), destination)


def test_the_published_header_is_restored(files, tmp_path):
    source, published = files
    restore(source, published, tmp_path / "manual" / source.name)
    assert (tmp_path / "manual" / source.name).read_bytes() == published
    assert [path.name for path in (tmp_path / "manual").iterdir()] == [source.name]


def test_a_file_that_kept_its_header_is_copied(files, tmp_path):
    source, published = files
    source.write_bytes(published)
    restore(source, published, tmp_path / "copy.gz")
    assert (tmp_path / "copy.gz").read_bytes() == published


@pytest.mark.parametrize("damage", ["cut", "changed", "empty", "text", "another", "gone"])
def test_a_damaged_file_is_named(files, tmp_path, damage):
    source, published = files
    whole = source.read_bytes()
    changed = bytearray(whole)
    changed[2000] ^= 255
    damaged = {"cut": whole[:-900], "changed": bytes(changed), "empty": b"", "text": b"<html>", "gone": b""}
    source.write_bytes(damaged.get(damage, packed(b"other images")))
    if damage == "gone":
        source.unlink()
    with pytest.raises(ValueError, match="Expected") as caught:
        restore(source, published, tmp_path / "manual" / source.name)
    assert str(source) in str(caught.value)
    assert not (tmp_path / "manual").exists()


def test_without_the_package_the_error_says_how_to_get_it(monkeypatch, tmp_path):
    def fail(builder, timeout):
        raise RuntimeError("cannot reach its host")

    monkeypatch.setattr(fashion_mnist, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setattr(builders, "prepare", fail)
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    assert not keras_gan.datasets.info("fashion_mnist").available
    for name in ("fashion_mnist", "tfds:fashion_mnist", "fashion_mnist:test"):
        with pytest.raises(RuntimeError, match=r"cannot reach its host\n.*apt-get install dataset-fashion-mnist"):
            keras_gan.datasets.load(name, data_dir=tmp_path)


def test_a_prepared_set_is_available_without_the_package(monkeypatch, tmp_path):
    monkeypatch.setattr(fashion_mnist, "DEBIAN", tmp_path / "nowhere")
    monkeypatch.setenv("TFDS_DATA_DIR", str(tmp_path))
    prepared = tmp_path / "fashion_mnist" / "3.0.1"
    prepared.mkdir(parents=True)
    (prepared / "dataset_info.json").touch()
    assert keras_gan.datasets.info("fashion_mnist").available


@pytest.mark.reference
def test_a_damaged_package_is_named_before_anything_is_prepared(monkeypatch, tmp_path):
    package = tmp_path / "package"
    package.mkdir()
    for name in fashion_mnist.PUBLISHED:
        (package / f"{name}.gz").write_bytes((fashion_mnist.DEBIAN / f"{name}.gz").read_bytes()[:-9])
    monkeypatch.setattr(fashion_mnist, "DEBIAN", package)
    with pytest.raises(ValueError, match=r"package/train-images-idx3-ubyte\.gz"):
        keras_gan.datasets.load("fashion_mnist", data_dir=tmp_path / "data")


@pytest.mark.reference
def test_a_failure_with_the_package_present_is_passed_on(monkeypatch, tmp_path):
    def fail(builder, timeout):
        raise RuntimeError("no space left")

    monkeypatch.setattr(fashion_mnist, "restore", lambda *_: None)
    monkeypatch.setattr(builders, "prepare", fail)
    with pytest.raises(RuntimeError, match=r"^no space left$"):
        keras_gan.datasets.load("fashion_mnist", data_dir=tmp_path)


@pytest.mark.reference
def test_debians_files_have_the_published_checksums(tmp_path):
    builder = tensorflow_datasets.builder("fashion_mnist", data_dir=tmp_path)
    checksums = {url.rsplit("/", 1)[-1]: about.checksum for url, about in builder.url_infos.items()}
    for name, modified in fashion_mnist.PUBLISHED.items():
        source = fashion_mnist.DEBIAN / f"{name}.gz"
        fashion_mnist.restore(source, modified, checksums[source.name], tmp_path / source.name)


@pytest.mark.slow
@pytest.mark.reference
def test_debians_files_are_prepared_and_loaded(tmp_path, capfd):
    dataset = keras_gan.datasets.load("fashion_mnist", data_dir=tmp_path, labels=True, split="test", batch_size=100)
    assert "Preparing fashion_mnist" in capfd.readouterr().err
    labels = np.concatenate([y for _, y in dataset.as_numpy_iterator()])
    np.testing.assert_array_equal(np.bincount(labels), np.full(10, 1000))
    raw = gzip.decompress((fashion_mnist.DEBIAN / "t10k-images-idx3-ubyte.gz").read_bytes())[16:]
    published = {raw[i : i + 784] for i in range(0, len(raw), 784)}
    pixels = np.concatenate([x for x, _ in dataset.as_numpy_iterator()])
    assert {image.tobytes() for image in np.rint((pixels + 1) * 127.5).astype(np.uint8)} == published
    assert keras_gan.datasets.info("fashion_mnist").class_names == tuple(
        tensorflow_datasets.builder("fashion_mnist", data_dir=tmp_path).info.features["label"].names
    )
