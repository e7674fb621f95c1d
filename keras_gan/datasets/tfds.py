"""TensorFlow Datasets: read where they are prepared already, prepared in bounded time where they are not."""

from __future__ import annotations

import dataclasses
import itertools
import math
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator
from multiprocessing.pool import ThreadPool
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan.datasets import images as images_lib
from keras_gan.datasets.catalogue import DatasetInfo
from keras_gan.datasets.folder import WORKERS
from keras_gan.datasets.pipeline import shuffled
from keras_gan.datasets.progress import shown

PREFIX = "tfds:"
WINDOW = 1 << 28  # the shuffling window holds the encoded images that this many decoded bytes come from


@dataclasses.dataclass(frozen=True)
class Records:
    """The records of one split, read from the disk in the order they are stored in.

    Args:
        builder: The set, prepared.
        split: Which part of it.
        number: How many records to read.
        image_shape: What `decode` makes of each image.
        image_size: See `images.read`.
        has_labels: Whether the records have a label.
    """

    builder: Any
    split: str
    number: int
    image_shape: tuple[int, int, int]
    image_size: int | None
    has_labels: bool
    item_dtype = np.bytes_

    def pairs(self, shuffle: bool, seed: int, epoch: int) -> Iterable[tuple[bytes, int]]:
        """Yield each encoded image and its label, in the order of the epoch."""
        window = max(1, WINDOW // math.prod(self.image_shape))
        return shuffled(self, window, seed, epoch) if shuffle else self

    def __iter__(self) -> Iterator[tuple[bytes, int]]:
        """Yield each image, still encoded, and its label (0 without labels)."""
        import tensorflow_datasets as tfds

        image, label = image_key(self.builder), label_key(self.builder)
        records = self.builder.as_dataset(split=self.split, decoders={image: tfds.decode.SkipDecoding()})
        for batch in records.take(self.number).batch(256).as_numpy_iterator():
            encoded = batch[image]
            yield from zip(encoded, batch[label] if label else itertools.repeat(0), strict=False)

    def decode(self, encoded: bytes) -> np.ndarray:
        """Decode one image."""
        return images_lib.read(encoded, self.image_size, self.image_shape[-1], f"an image of {self.builder.info.name}")

    def decode_batch(self, encoded: np.ndarray) -> np.ndarray:
        """Decode a batch of images."""
        return np.stack([self.decode(image) for image in encoded])

    def in_memory(self) -> tuple[np.ndarray, np.ndarray | None]:
        """Return all images, decoded, and their labels."""
        images = np.empty((self.number, *self.image_shape), np.uint8)
        labels = np.empty(self.number, np.int32)

        def store(indexed: tuple[int, tuple[bytes, int]]) -> None:
            index, (image, labels[index]) = indexed
            images[index] = self.decode(image)

        with ThreadPool(WORKERS) as pool:
            done = pool.imap_unordered(store, enumerate(self), 64)
            for _ in shown(done, self.number, f"Decoding {self.builder.info.name}"):
                pass
        return images, labels if self.has_labels else None


def names() -> list[str]:
    """List the names that TensorFlow Datasets knows; none if it is not installed."""
    try:
        import tensorflow_datasets as tfds
    except ImportError:
        return []
    return list(tfds.list_builders(with_community_datasets=False))


def builder(name: str, data_dir: str | os.PathLike[str] | None) -> Any:
    """Return the builder of the set `name`; nothing is downloaded.

    Raises:
        ImportError: If TensorFlow Datasets is not installed.
        ValueError: If the set has no images, or `name` asks for a configuration it does not have.
    """
    try:
        import tensorflow_datasets as tfds
    except ImportError as error:
        raise ImportError(f"{name!r} needs TensorFlow Datasets: pip install 'keras-gan[data]'") from error
    found = tfds.builder(name, data_dir=data_dir)
    image_key(found)
    return found


def prepare(builder: Any, timeout: float) -> Any:
    """Download and prepare a set once, unless its folder holds it already.

    The work is done by a child process, as TensorFlow Datasets retries for many minutes where a host cannot be
    reached, and its threads cannot be stopped. A download that advances, however slowly, is left alone.

    Args:
        builder: What `builder` returned.
        timeout: How many seconds without any progress to bear.

    Returns:
        A builder that knows what was prepared.

    Raises:
        RuntimeError: If the set cannot be prepared; the message says why and what to do.
    """
    if builder.is_prepared():
        return builder
    config = f"/{builder.builder_config.name}" if builder.builder_config else ""
    name, data_dir = f"{builder.name}{config}", builder.data_dir_root
    print(f"Preparing {name} in {data_dir}, once ...", file=sys.stderr, flush=True)
    command = [sys.executable, "-m", "keras_gan.datasets.tfds_prepare"]
    command += [f"{name}:{builder.version}", str(data_dir), str(timeout), type(builder).__module__]
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path or str(Path.cwd()) for path in sys.path),
        "CUDA_VISIBLE_DEVICES": "-1",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }
    child = subprocess.run(command, env=environment, stdout=subprocess.PIPE, text=True, check=False)
    if child.returncode:
        raise RuntimeError(
            f"TensorFlow Datasets could not prepare {name!r}: {child.stdout.strip() or 'it was ended'}\n"
            f"Prepare it where the network reaches its hosts (`tfds build {name}`), copy the folder here and pass it "
            f"as `data_dir` (now {data_dir}); or use a set that needs no download: keras_gan.datasets.available()."
        )
    return type(builder)(config=builder.builder_config, version=str(builder.version), data_dir=data_dir)


def records(builder: Any, split: str, image_size: int | None, channels: int | None, limit: int | None) -> Records:
    """Return the records of one split of a prepared set.

    Raises:
        ValueError: If there is no such split, or the images differ in size and `image_size` is `None`.
    """
    try:
        number = builder.info.splits[split].num_examples
    except (KeyError, ValueError) as error:
        raise ValueError(
            f"Expected `split` to be one of {sorted(builder.info.splits)} or a slice such as 'train[:1000]'. "
            f"Received: split={split!r}"
        ) from error
    height, width, depth = image_shape(builder)
    height, width = image_size or height, image_size or width
    if height is None or width is None:
        raise ValueError(
            f"The images of {builder.info.name} differ in size: expected `image_size`, which each is cropped and "
            "resized to. Received: image_size=None"
        )
    shape = (height, width, channels or depth)
    return Records(builder, split, min(number, limit or number), shape, image_size, label_key(builder) is not None)


def info(builder: Any) -> DatasetInfo:
    """Describe the set."""
    label, stated = label_key(builder), builder.info.redistribution_info
    prepared = builder.is_prepared()
    return DatasetInfo(
        name=builder.info.full_name.rsplit("/", 1)[0],
        description=builder.info.description.strip().split("\n")[0],
        image_shape=image_shape(builder),
        num_images=builder.info.splits["train"].num_examples if "train" in builder.info.splits else None,
        class_names=tuple(builder.info.features[label].names) if label else (),
        licence=stated.license if stated else "",
        source="TensorFlow Datasets",
        homepage=builder.info.homepage,
        install="" if prepared else f"tfds build {builder.info.full_name}",
        available=prepared,
    )


def image_shape(builder: Any) -> tuple[int | None, int | None, int]:
    """Return (height, width, channels) as stored; height and width are `None` where the images differ."""
    height, width, channels = builder.info.features[image_key(builder)].shape
    return height, width, 1 if channels in (1, 2) else 3


def image_key(builder: Any) -> str:
    """Return the name of the feature that holds the images.

    Raises:
        ValueError: If there is none.
    """
    import tensorflow_datasets as tfds

    key = _feature(builder, tfds.features.Image, "image")
    if key is None:
        raise ValueError(f"Expected a set of images. Received: {builder.name!r} of {sorted(builder.info.features)}")
    return key


def label_key(builder: Any) -> str | None:
    """Return the name of the feature that holds the classes, or `None`."""
    import tensorflow_datasets as tfds

    return _feature(builder, tfds.features.ClassLabel, "label")


def _feature(builder: Any, kind: type, preferred: str) -> str | None:
    # A subclass of Image (a segmentation mask, say) is not the picture.
    keys = [key for key, feature in builder.info.features.items() if type(feature) is kind]
    return preferred if preferred in keys else next(iter(keys), None)
