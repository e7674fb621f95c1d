"""Images, vectors or sequences in one NumPy file: `.npy` with an array, or `.npz` with an array and labels."""

from __future__ import annotations

import dataclasses
import functools
import hashlib
from pathlib import Path
from typing import Any

import numpy as np

from keras_gan.datasets.batching.feed import IndexedFeed
from keras_gan.datasets.dataset_info import DatasetInfo, count_classes
from keras_gan.datasets.decoding import deep_pixels, resizing
from keras_gan.datasets.decoding import images as images_lib
from keras_gan.datasets.decoding.lazy_images import LazyImages
from keras_gan.datasets.decoding.value_range import ValueRange, check_stated_range, own_range
from keras_gan.datasets.sources.float_set import FloatSet
from keras_gan.typing import Range
from keras_gan.utils.attributes import check_attribute_names

IMAGES = ("images", "x", "x_train", "arr_0", "data")
VECTORS, SEQUENCES = "vectors", "sequences"
LABELS = ("labels", "y", "y_train", "arr_1", "label")


@dataclasses.dataclass(frozen=True)
class ArrayFile:
    """Images in a NumPy file.

    Args:
        path: Path of the file.
        pixels: Images, (n, height, width, channels).
        labels: Class of each image, int32 (n,), or attributes, float32 (n, attributes), or `None`.
        class_names: Name of each class: its number.
        kept: Indices of the images to use.
        attribute_names: Name of each attribute: its number. Defaults to none.
    """

    path: Path
    pixels: np.ndarray
    labels: np.ndarray | None
    class_names: tuple[str, ...]
    kept: np.ndarray
    attribute_names: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """Path of the file."""
        return str(self.path)

    @property
    def no_labels(self) -> str:
        """Reason why there are no labels."""
        return f"only a .npz file with an array of integers called {LABELS[0]} has them" if self.labels is None else ""

    @property
    def image_shape(self) -> tuple[int, int, int]:
        """(height, width, channels)."""
        _, height, width, channels = self.pixels.shape
        return height, width, channels

    @property
    def class_counts(self) -> tuple[int, ...]:
        """Number of images of each class in the file."""
        return count_classes(self.labels, self.class_names)

    def info(self) -> DatasetInfo:
        """Describes the file."""
        return DatasetInfo(
            name=self.name,
            description="a NumPy file of images",
            image_shape=self.image_shape,
            num_images=len(self.pixels),
            class_names=self.class_names,
            class_counts=self.class_counts,
            attribute_names=self.attribute_names,
            source=self.name,
        )

    def fingerprint(self) -> str:
        """Returns the SHA-256 of the size of the file and of its labels."""
        digest = hashlib.sha256(f"{self.path.stat().st_size}\n".encode())
        digest.update(b"" if self.labels is None else self.labels.tobytes())
        return digest.hexdigest()

    def value_range(self, stated: Range | None = None) -> ValueRange | None:
        """Returns the values of black and of white; `None` for uint8 images without a stated range."""
        if stated is not None:
            return ValueRange(check_stated_range(stated), stated=True, number=len(self.pixels), deep_only=False)
        if self.pixels.dtype == np.uint8:
            return None
        ranges = [deep_pixels.range_of(deep_pixels.check_finite(image)) for image in self.pixels]
        least, greatest = min(low for low, _ in ranges), max(high for _, high in ranges)
        return own_range(self.name, (least, greatest), len(self.pixels))

    def images(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> tuple[images_lib.Images, np.ndarray | None]:
        """Returns the images and their labels, converted when they are read or in memory."""
        used = self.value_range(value_range)
        if used is not None and value_range is None:
            used.log(self.name)
        shape = images_lib.decoded_shape(self.name, self.image_shape, image_size, channels)
        decode = functools.partial(self._decode, image_size=image_size, channels=shape[-1], used=used)
        labels = None if self.labels is None else self.labels[self.kept]
        dtype = np.dtype(np.uint8 if used is None else np.float32)
        return LazyImages(self.name, list(self.kept), decode, shape, labels, dtype).load()

    def _decode(
        self, index: int, image_size: int | images_lib.Size | None, channels: int, used: ValueRange | None
    ) -> np.ndarray:
        image = self.pixels[index]
        if used is None:
            return resizing.convert(resizing.to_picture(image), image_size, channels)
        return resizing.scale(resizing.with_opacity(image), used.values, image_size, channels)

    def feed(
        self, image_size: int | images_lib.Size | None, channels: int | None, value_range: Range | None = None
    ) -> IndexedFeed:
        """Returns the images and their labels as a feed."""
        return IndexedFeed(*self.images(image_size, channels, value_range))


def open_array_file(path: Path, limit: int | None = None) -> ArrayFile | FloatSet:
    """Opens a NumPy file.

    Args:
        path: `.npy` file of images (n, height, width) or (n, height, width, channels), or of vectors (n, length). Or
            `.npz` file of such an array, or of `sequences` (n, length, channels). Its `labels` are integers (n,), or
            floats (n, attributes), whose names may be in `attribute_names`.
        limit: Largest number of images, spread evenly. Defaults to `None`, all.

    Raises:
        ValueError: If the file holds something else.
    """
    try:
        name, pixels, labels, attribute_names = _arrays(path)
    except (OSError, EOFError) as error:
        raise ValueError(f"Expected a NumPy file. Received: {path} ({error})") from error
    if name in (VECTORS, SEQUENCES) or pixels.ndim == 2:
        return _floats(path, name, pixels, labels, attribute_names, limit)
    if pixels.ndim == 3:
        pixels = pixels[..., None]
    if pixels.ndim == 4 and pixels.shape[-1] not in (1, 3, 4) and pixels.shape[1] in (1, 3, 4):
        raise ValueError(
            f"{path} must hold images with channels last. Received: shape {pixels.shape}, channels first. "
            "Save them with images.transpose(0, 2, 3, 1)"
        )
    if pixels.ndim != 4 or pixels.shape[-1] not in (1, 3, 4) or 0 in pixels.shape or pixels.dtype.kind not in "biuf":
        raise ValueError(
            f"{path} must hold images (n, height, width) or (n, height, width, 1, 3 or 4). "
            f"Received: {pixels.dtype} of shape {pixels.shape}"
        )
    labels, names, attributes = _labels(path, labels, len(pixels), attribute_names)
    return ArrayFile(path, pixels, labels, names, images_lib.spread(len(pixels), limit), attributes)


def _floats(
    path: Path,
    name: str,
    values: np.ndarray,
    labels: np.ndarray | None,
    attribute_names: tuple[str, ...],
    limit: int | None,
) -> FloatSet:
    rank = 3 if name == SEQUENCES else 2
    values = values[..., None] if name == SEQUENCES and values.ndim == 2 else values
    if values.ndim != rank or 0 in values.shape or values.dtype.kind not in "biuf" or not np.isfinite(values).all():
        shape = "(n, length) or (n, length, channels)" if rank == 3 else "(n, length)"
        raise ValueError(
            f"{path} must hold finite {name or VECTORS} {shape}. Received: {values.dtype} of shape {values.shape}"
        )
    labels, names, attributes = _labels(path, labels, len(values), attribute_names)
    kind = "sequences" if rank == 3 else "vectors"
    return FloatSet(path, f"a NumPy file of {kind}", values.astype(np.float32), labels, names, attributes, limit)


def _labels(
    path: Path, labels: np.ndarray | None, n: int, attribute_names: tuple[str, ...]
) -> tuple[np.ndarray | None, tuple[str, ...], tuple[str, ...]]:
    """Returns classes or attributes, the names of the classes and those of the attributes."""
    if labels is None:
        return None, (), ()
    labels = labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 and labels.dtype.kind in "iu" else labels
    if labels.ndim == 2:
        if len(labels) != n or labels.dtype.kind not in "biuf" or not np.isfinite(labels).all():
            raise ValueError(
                f"Attributes in {path} must be finite floats of shape ({n}, attributes). "
                f"Received: {labels.dtype} of shape {labels.shape}"
            )
        numbers = tuple(map(str, range(labels.shape[1])))
        return labels.astype(np.float32), (), check_attribute_names(attribute_names, labels.shape[1]) or numbers
    if labels.shape != (n,) or labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= 1 << 20:
        raise ValueError(
            f"Labels in {path} must be {n} integers from 0. Received: {labels.dtype} of shape {labels.shape}"
        )
    return labels.astype(np.int32), tuple(map(str, range(int(labels.max()) + 1))), ()


def _arrays(path: Path) -> tuple[str, np.ndarray, np.ndarray | None, tuple[str, ...]]:
    """Returns the name of the array, the array, the labels and the names of attributes."""
    loaded: Any = np.load(path, allow_pickle=False, mmap_mode="r" if path.suffix.lower() == ".npy" else None)
    if isinstance(loaded, np.ndarray):
        return "", loaded, None, ()
    with loaded:
        names = loaded.files
        images = [name for name in (VECTORS, SEQUENCES, *IMAGES) if name in names] or (names if len(names) == 1 else [])
        if not images:
            raise ValueError(
                f"{path} must hold an array of images called {' or '.join(IMAGES)}, or {VECTORS} or {SEQUENCES}. "
                f"Received: {', '.join(names)}"
            )
        labels = [name for name in LABELS if name in names]
        attributes = tuple(map(str, loaded["attribute_names"])) if "attribute_names" in names else ()
        return images[0], loaded[images[0]], loaded[labels[0]] if labels else None, attributes
