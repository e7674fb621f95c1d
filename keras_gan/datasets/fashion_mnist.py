"""Fashion-MNIST through TensorFlow Datasets, from the files of Debian's package: no download."""

from __future__ import annotations

import gzip
import hashlib
import importlib.util
import os
import zlib
from pathlib import Path
from typing import Any

from keras_gan.datasets.catalogue import DatasetInfo
from keras_gan.utils.extras import install_hint
from keras_gan.utils.files import atomic_path

DEBIAN = Path("/usr/share/datasets/fashion-mnist")
INSTALL = "apt-get install dataset-fashion-mnist (Debian, Ubuntu)"
# Debian strips the name and the time from the gzip header, which the published checksums cover.
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


def info() -> DatasetInfo:
    """Describe the set."""
    found = importlib.util.find_spec("tensorflow_datasets") is not None and (_packaged() or _prepared())
    return DatasetInfo(
        name="fashion_mnist",
        description="70,000 articles of clothing in the format of MNIST",
        image_shape=(28, 28, 1),
        num_images=60000,
        class_names=CLASSES,
        licence="MIT (Zalando SE)",
        source="TensorFlow Datasets, from Debian's dataset-fashion-mnist where it is installed",
        homepage="https://github.com/zalandoresearch/fashion-mnist",
        install=f"{install_hint('data')} and {INSTALL}",
        available=found,
        splits=("train", "test"),
    )


def prepare(builder: Any, timeout: float) -> Any:
    """Prepare the set once in the builder's folder, from Debian's files if they are there.

    Args:
        builder: TensorFlow Datasets' builder of the set.
        timeout: See `tfds.prepare`.

    Returns:
        A builder that knows what was prepared.

    Raises:
        ValueError: If one of Debian's files is damaged.
        RuntimeError: If there is no such file and the set cannot be downloaded.
    """
    from keras_gan.datasets import tfds

    if _packaged() and not builder.is_prepared():
        checksums = {url.rsplit("/", 1)[-1]: about.checksum for url, about in builder.url_infos.items()}
        manual = Path(builder.data_dir_root, "downloads", "manual")
        for name, modified in PUBLISHED.items():
            restore(DEBIAN / f"{name}.gz", modified, checksums[f"{name}.gz"], manual / f"{name}.gz")
    try:
        return tfds.prepare(builder, timeout)
    except RuntimeError as error:
        if _packaged():
            raise
        raise RuntimeError(f"{error}\nFashion-MNIST needs no download after: {INSTALL}") from error


def restore(source: Path, modified: int, checksum: str, destination: Path) -> None:
    """Write `source` with the gzip header its publisher gave it, if that makes it the published file.

    Args:
        source: A gzip file whose header tells neither a name nor a time.
        modified: The time the published header tells.
        checksum: The published file's SHA-256.
        destination: Where to write; never left half written.

    Raises:
        ValueError: If `source` is damaged, or not the published file.
    """
    try:
        packed = source.read_bytes()
        gzip.decompress(packed)
    except (OSError, EOFError, zlib.error) as error:
        raise ValueError(f"Expected a whole gzip file. Received: {source} ({error})") from error
    magic_and_method, no_flags, extra = packed[:3], packed[3:4] == b"\0", packed[8:10]
    header = magic_and_method + b"\x08" + modified.to_bytes(4, "little") + extra + source.stem.encode() + b"\0"
    published = header + packed[10:] if no_flags else packed
    if hashlib.sha256(published).hexdigest() != checksum:
        raise ValueError(f"Expected Fashion-MNIST as published. Received: {source}, which differs from it")
    with atomic_path(destination) as temporary:
        temporary.write_bytes(published)


def _packaged() -> bool:
    return all((DEBIAN / f"{name}.gz").exists() for name in PUBLISHED)


def _prepared() -> bool:
    # TensorFlow Datasets' own default, told without importing it.
    root = Path(os.environ.get("TFDS_DATA_DIR", "~/tensorflow_datasets")).expanduser()
    return any(root.glob("fashion_mnist/*/dataset_info.json"))
