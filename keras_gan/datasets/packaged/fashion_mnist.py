"""Fashion-MNIST through TensorFlow Datasets, from the files of a Debian package: no download."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import zlib
from pathlib import Path
from typing import Any

from keras_gan.datasets.dataset_info import DatasetInfo
from keras_gan.datasets.packaged.packaged_set import PackagedSet
from keras_gan.datasets.sources.source import Source
from keras_gan.datasets.tfds import builders
from keras_gan.utils.extras import install_hint
from keras_gan.utils.files import atomic_path

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
INSTALL = "apt-get install dataset-fashion-mnist (Debian, Ubuntu)"
# Debian removes the name and the time from the gzip header, which the published checksums cover.
PUBLISHED = {
    "train-images-idx3-ubyte": 1504176606,
    "train-labels-idx1-ubyte": 1504176606,
    "t10k-images-idx3-ubyte": 1504176627,
    "t10k-labels-idx1-ubyte": 1504176627,
}
CLASSES = (
    *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
    *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
)


class FashionMNIST(PackagedSet):
    """70,000 grey images of clothing, 28x28 pixels, in 10 classes."""

    name = "fashion_mnist"
    tfds_name = "fashion_mnist"

    def info(self) -> DatasetInfo:
        """Describes the set."""
        has_tfds = importlib.util.find_spec("tensorflow_datasets") is not None
        return DatasetInfo(
            name=self.name,
            description="70,000 articles of clothing in the format of MNIST",
            image_shape=(28, 28, 1),
            num_images=60000,
            class_names=CLASSES,
            licence="MIT (Zalando SE)",
            source="TensorFlow Datasets, from Debian's dataset-fashion-mnist where it is installed",
            homepage="https://github.com/zalandoresearch/fashion-mnist",
            install=f"{install_hint('data')} and {INSTALL}",
            available=has_tfds and (_has_debian_files() or _is_prepared()),
            splits=("train", "test"),
        )

    def open(
        self, split: str, limit: int | None, data_dir: str | os.PathLike[str] | None = None, timeout: float = 60.0
    ) -> Source:
        """Returns the images of a split, which is prepared first if it has to be."""
        builder = prepare(builders.builder(self.tfds_name, data_dir), timeout)
        return builders.open_split(builder, split, limit)


SETS = (FashionMNIST(),)


def prepare(builder: Any, timeout: float) -> Any:
    """Prepares the set in the builder's folder, from Debian's files if they are installed.

    Args:
        builder: `tfds.core.DatasetBuilder` of the set.
        timeout: Number of seconds without progress after which a download is given up.

    Returns:
        The builder of the prepared set.

    Raises:
        ValueError: If one of Debian's files is damaged.
        RuntimeError: If there is no such file and the set cannot be downloaded.
    """
    if _has_debian_files() and not builder.is_prepared():
        checksums = {url.rsplit("/", 1)[-1]: about.checksum for url, about in builder.url_infos.items()}
        manual = Path(builder.data_dir_root, "downloads", "manual")
        for name, modified in PUBLISHED.items():
            restore(DEBIAN / f"{name}.gz", modified, checksums[f"{name}.gz"], manual / f"{name}.gz")
    try:
        return builders.prepare(builder, timeout)
    except RuntimeError as error:
        if _has_debian_files():
            raise
        raise RuntimeError(f"{error}\nFashion-MNIST needs no download after: {INSTALL}") from error


def restore(source: Path, modified: int, checksum: str, destination: Path) -> None:
    """Writes a copy of `source` with the gzip header of the published file.

    Args:
        source: A gzip file whose header has no name and no time.
        modified: Time in the published header, in seconds since 1970.
        checksum: SHA-256 of the published file, in hexadecimal digits.
        destination: Path of the copy, which is written completely or not at all.

    Raises:
        ValueError: If `source` is damaged or differs from the published file.
    """
    try:
        packed = source.read_bytes()
        gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"Expected a complete gzip file. Received: {source} ({error})") from error
    magic_and_method, no_flags, extra = packed[:3], packed[3:4] == b"\0", packed[8:10]
    header = magic_and_method + b"\x08" + modified.to_bytes(4, "little") + extra + source.stem.encode() + b"\0"
    published = header + packed[10:] if no_flags else packed
    if hashlib.sha256(published).hexdigest() != checksum:
        raise ValueError(f"Expected Fashion-MNIST as published. Received: {source}, which differs from it")
    with atomic_path(destination) as temporary:
        temporary.write_bytes(published)


def _has_debian_files() -> bool:
    return all((DEBIAN / f"{name}.gz").exists() for name in PUBLISHED)


def _is_prepared() -> bool:
    # The default folder of TensorFlow Datasets, found without importing it.
    root = Path(os.environ.get("TFDS_DATA_DIR", "~/tensorflow_datasets")).expanduser()
    return any(root.glob("fashion_mnist/*/dataset_info.json"))
